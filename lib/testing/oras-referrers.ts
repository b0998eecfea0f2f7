import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientRegistry, orasOptions, type PushedFile, referenceOf } from "./clients.ts";
import { runTool } from "./tool.ts";

/** `oras attach`: a file that refers to a manifest, by the referrers API or, without it, by the tag schema. */
export async function orasAttach(
  registry: ClientRegistry,
  subject: { repository: string; tag: string },
  attached: { artifactType: string; file: PushedFile },
): Promise<void> {
  const { artifactType, file } = attached;
  const directory = await mkdtemp(join(tmpdir(), "lockstep-attach-"));
  try {
    await writeFile(join(directory, file.name), file.content);
    await runTool(
      "oras",
      [
        ...["attach", "--no-tty", ...orasOptions(registry, ""), "--artifact-type", artifactType],
        referenceOf(registry, subject.repository, subject.tag),
        `${file.name}:${file.mediaType ?? "application/octet-stream"}`,
      ],
      { cwd: directory },
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `oras discover`: digests of what refers to a manifest directly. */
export async function orasReferrers(
  registry: ClientRegistry,
  repository: string,
  tag: string,
): Promise<string[]> {
  const reference = referenceOf(registry, repository, tag);
  const answer = await runTool("oras", [
    ...["discover", ...orasOptions(registry, ""), "--format", "json", reference],
  ]);
  const { manifests } = JSON.parse(answer) as { manifests: { digest: string }[] | null };
  return (manifests ?? []).map(({ digest }) => digest).sort();
}

/**
 * `oras discover`: everything that refers to a manifest, and to that in turn, each with the way to it, `type digest type …`.
 * Sorted: the order in which registries list referrers means nothing.
 */
export async function orasTree(registry: ClientRegistry, repository: string, tag: string): Promise<string[]> {
  const reference = referenceOf(registry, repository, tag);
  const options = ["discover", ...orasOptions(registry, ""), "--format", "tree", reference];
  const [, ...lines] = (await runTool("oras", options)).trimEnd().split("\n");
  const way: string[] = [];
  return lines
    .map((line) => {
      const [indent = "", name = ""] = /^([^a-z]*)(.*)$/.exec(line)?.slice(1) ?? [];
      way.splice(indent.length / 4 - 1, way.length, name);
      return way.join(" ");
    })
    .sort();
}
