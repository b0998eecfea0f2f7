import {
  type DockerRegistry,
  type DockerRegistryOptions,
  startDockerRegistry,
} from "../../../lib/testing/docker-registry.ts";
import { startGeneratedRegistry } from "../../../lib/testing/generated-registry.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { runTool } from "../../../lib/testing/tool.ts";
import { NAMESPACE, type Tagged } from "./content.ts";

/** A registry with the content of a workload. */
export interface Source {
  readonly registry: DockerRegistry;
  readonly tags: readonly { readonly repository: string; readonly tag: string }[];
  /** Of all distinct configs and layers; a config of some bytes beside a layer of gigabytes is left out. */
  readonly blobBytes: number;
}

/** Fills a registry of its own with what `content` makes. */
export async function fillSource(
  content: Iterable<Tagged>,
  options: DockerRegistryOptions = {},
): Promise<Source> {
  const registry = await startDockerRegistry(options);
  const tags: { repository: string; tag: string }[] = [];
  const blobs = new Map<string, number>();
  for (const { repository, tag, artifact } of content) {
    await pushContent(registry.origin, repository, tag, artifact);
    tags.push({ repository, tag });
    for (const { digest, bytes } of [artifact, ...artifact.children].flatMap((each) => each.blobs)) {
      blobs.set(digest, bytes.length);
    }
  }
  return { registry, tags, blobBytes: [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

/** One image whose one layer has so many bytes: made while it is read, so that no process ever holds it. */
export async function fillLargeSource(layerBytes: number): Promise<Source> {
  const registry = await startDockerRegistry();
  const generated = await startGeneratedRegistry(layerBytes);
  try {
    const place = { repository: `${NAMESPACE}/large`, tag: "v1" };
    await runTool("oras", [
      ...["cp", "--from-plain-http", "--to-plain-http", "--no-tty"],
      `${generated.host}/${generated.repository}:${generated.tag}`,
      `${registry.host}/${place.repository}:${place.tag}`,
    ]);
    return { registry, tags: [place], blobBytes: layerBytes };
  } finally {
    await generated.stop();
  }
}
