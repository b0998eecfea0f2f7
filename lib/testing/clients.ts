import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestCa } from "./certificates.ts";
import { runTool } from "./tool.ts";

/** A registry as skopeo and oras, the independent clients, reach it. */
export interface ClientRegistry {
  /** `127.0.0.1:5000`. */
  host: string;
  account?: { username: string; password: string } | undefined;
  ca?: TestCa | undefined;
  plainHttp?: boolean | undefined;
}

/** Names a started registry for the clients. */
export function clientOf(
  registry: { host: string },
  options: Omit<ClientRegistry, "host"> = {},
): ClientRegistry {
  return { host: registry.host, ...options };
}

/** `host/repository:tag` or `host/repository@digest`. */
export function referenceOf(registry: ClientRegistry, repository: string, tagOrDigest: string): string {
  const separator = tagOrDigest.includes(":") ? "@" : ":";
  return `${registry.host}/${repository}${separator}${tagOrDigest}`;
}

// ---- skopeo ---------------------------------------------------------------------------------------------------

/** skopeo spells each end's options with a prefix in `copy` and without one elsewhere. */
function skopeoOptions(registry: ClientRegistry, prefix: "" | "src-" | "dest-"): string[] {
  const { account, ca, plainHttp } = registry;
  return [
    ...(plainHttp ? [`--${prefix}tls-verify=false`] : []),
    ...(ca === undefined ? [] : [`--${prefix}cert-dir=${ca.directory}`]),
    ...(account === undefined
      ? [`--${prefix}no-creds`]
      : [`--${prefix}creds=${account.username}:${account.password}`]),
  ];
}

const SKOPEO = ["--insecure-policy"];

/** `skopeo copy`, every platform unless `all` is false; the same digest arrives or it fails. */
export async function skopeoCopy(
  from: { registry: ClientRegistry; repository: string; tag: string },
  to: { registry: ClientRegistry; repository: string; tag: string },
  options: { all?: boolean } = {},
): Promise<void> {
  await runTool("skopeo", [
    ...[...SKOPEO, "copy", "--preserve-digests", ...(options.all === false ? [] : ["--all"])],
    ...[...skopeoOptions(from.registry, "src-"), ...skopeoOptions(to.registry, "dest-")],
    `docker://${referenceOf(from.registry, from.repository, from.tag)}`,
    `docker://${referenceOf(to.registry, to.repository, to.tag)}`,
  ]);
}

export async function skopeoListTags(registry: ClientRegistry, repository: string): Promise<string[]> {
  const options = skopeoOptions(registry, "");
  const answer = await runTool("skopeo", [
    "list-tags",
    ...options,
    `docker://${registry.host}/${repository}`,
  ]);
  const { Tags } = JSON.parse(answer) as { Tags: string[] | null };
  return [...(Tags ?? [])].sort();
}

/** Digest of what a tag names, as skopeo sees it: of the raw manifest, an index not resolved. */
export async function skopeoDigest(
  registry: ClientRegistry,
  repository: string,
  tag: string,
): Promise<string> {
  const options = skopeoOptions(registry, "");
  const reference = `docker://${referenceOf(registry, repository, tag)}`;
  return digestOf(await runTool("skopeo", ["inspect", "--raw", ...options, reference]));
}

/**
 * Pulls every byte of a tag (all platforms) into a folder and checks each blob against its name: skopeo does so while it
 * copies, and the files are hashed once more here. Returns the digests of the blobs.
 */
export async function skopeoPull(
  registry: ClientRegistry,
  repository: string,
  tag: string,
): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "lockstep-pull-"));
  try {
    await runTool("skopeo", [
      ...[...SKOPEO, "copy", "--all", "--preserve-digests", ...skopeoOptions(registry, "src-")],
      ...[`docker://${referenceOf(registry, repository, tag)}`, `dir:${directory}`],
    ]);
    const blobs = (await readdir(directory)).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort();
    for (const name of blobs) {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(join(directory, name))) {
        hash.update(chunk as Buffer);
      }
      if (hash.digest("hex") !== name) {
        throw new Error(`blob ${name} of ${repository}:${tag} holds other bytes`);
      }
    }
    return blobs.map((name) => `sha256:${name}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

// ---- oras -----------------------------------------------------------------------------------------------------

/** oras spells each end's options with a prefix in `copy` and without one elsewhere. */
export function orasOptions(registry: ClientRegistry, prefix: "" | "from-" | "to-"): string[] {
  const { account, ca, plainHttp } = registry;
  return [
    ...(plainHttp ? [`--${prefix}plain-http`] : []),
    ...(ca === undefined ? [] : [`--${prefix}ca-file=${ca.certificatePath}`]),
    ...(account === undefined
      ? []
      : [`--${prefix}username=${account.username}`, `--${prefix}password=${account.password}`]),
  ];
}

export interface PushedFile {
  name: string;
  content: string | Uint8Array;
  mediaType?: string;
}

export interface OrasPushOptions {
  artifactType?: string;
  /** Config blob with its media type. */
  config?: { content: string; mediaType: string };
}

/** `oras push`; returns the digest of the manifest. */
export async function orasPush(
  registry: ClientRegistry,
  repository: string,
  tag: string,
  files: readonly PushedFile[],
  options: OrasPushOptions = {},
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "lockstep-push-"));
  try {
    for (const file of files) {
      await writeFile(join(directory, file.name), file.content);
    }
    const { config, artifactType } = options;
    if (config !== undefined) {
      await writeFile(join(directory, "config.json"), config.content);
    }
    await runTool(
      "oras",
      [
        ...["push", "--no-tty", ...orasOptions(registry, "")],
        ...(artifactType === undefined ? [] : ["--artifact-type", artifactType]),
        ...(config === undefined ? [] : ["--config", `config.json:${config.mediaType}`]),
        referenceOf(registry, repository, tag),
        ...files.map((file) => `${file.name}:${file.mediaType ?? "application/octet-stream"}`),
      ],
      { cwd: directory },
    );
    return (await manifestOf(registry, repository, tag)).digest;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `oras manifest fetch`: the very bytes, their digest, and them read. */
export async function manifestOf(
  registry: ClientRegistry,
  repository: string,
  tagOrDigest: string,
): Promise<{ digest: string; text: string; json: Record<string, unknown> }> {
  const reference = referenceOf(registry, repository, tagOrDigest);
  const text = await runTool("oras", ["manifest", "fetch", ...orasOptions(registry, ""), reference]);
  return { digest: digestOf(text), text, json: JSON.parse(text) as Record<string, unknown> };
}

/** `oras copy`; with `recursive` the referrers too. */
export async function orasCopy(
  from: { registry: ClientRegistry; repository: string; tag: string },
  to: { registry: ClientRegistry; repository: string; tag: string },
  options: { recursive?: boolean } = {},
): Promise<void> {
  await runTool("oras", [
    ...["copy", "--no-tty", ...(options.recursive ? ["--recursive"] : [])],
    ...[...orasOptions(from.registry, "from-"), ...orasOptions(to.registry, "to-")],
    referenceOf(from.registry, from.repository, from.tag),
    referenceOf(to.registry, to.repository, to.tag),
  ]);
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
