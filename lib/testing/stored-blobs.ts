import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DockerRegistry } from "./docker-registry.ts";

/** Where CNCF Distribution keeps the bytes of a digest, for all repositories. */
function pathOf({ dataDir }: Pick<DockerRegistry, "dataDir">, digest: string): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  return join(dataDir, "docker/registry/v2/blobs", algorithm, hex.slice(0, 2), hex);
}

/** Takes the bytes of a digest from its disk, behind its back: its repositories still link to them. */
export async function loseBlob(registry: DockerRegistry, digest: string): Promise<void> {
  await rm(pathOf(registry, digest), { recursive: true });
}

/** Changes one byte of what it keeps. */
export async function damageBlob(registry: DockerRegistry, digest: string): Promise<void> {
  const path = join(pathOf(registry, digest), "data");
  const bytes = await readFile(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
