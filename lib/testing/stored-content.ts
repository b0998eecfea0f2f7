import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a registry keeps things on disk, for tests that take them away behind its back. */
export interface StoredContent {
  /** The bytes of a blob or a manifest, which all repositories share. */
  bytes(digest: string): string;
  /** What says that a repository holds a blob. */
  blob(repository: string, digest: string): string;
  /** What says that a repository holds a manifest. */
  manifest(repository: string, digest: string): string;
  tag(repository: string, tag: string): string;
}

/** CNCF Distribution, storage driver `filesystem`. */
export function dockerStorage(dataDir: string): StoredContent {
  const root = join(dataDir, "docker/registry/v2");
  const of = (repository: string, ...rest: string[]) => join(root, "repositories", repository, ...rest);
  const parts = (digest: string): [string, string] => digest.split(":") as [string, string];
  return {
    bytes: (digest) => {
      const [algorithm, hex] = parts(digest);
      return join(root, "blobs", algorithm, hex.slice(0, 2), hex, "data");
    },
    blob: (repository, digest) => of(repository, "_layers", ...parts(digest)),
    manifest: (repository, digest) => of(repository, "_manifests/revisions", ...parts(digest)),
    tag: (repository, tag) => of(repository, "_manifests/tags", tag),
  };
}

/** Our own registry; see lib/testing/registry/store.ts. */
export function ownStorage(dataDir: string): StoredContent {
  const of = (repository: string, ...rest: string[]) => join(dataDir, "repositories", repository, ...rest);
  const name = (digest: string) => digest.replace(":", "-");
  return {
    bytes: (digest) => {
      const [algorithm = "", hex = ""] = digest.split(":");
      return join(dataDir, "blobs", algorithm, hex.slice(0, 2), hex);
    },
    blob: (repository, digest) => of(repository, "_blobs", name(digest)),
    manifest: (repository, digest) => of(repository, "_manifests", name(digest)),
    tag: (repository, tag) => of(repository, "_tags", tag),
  };
}

/** Takes a file or a folder away. @throws when it is not there: the test would prove nothing */
export function takeAway(path: string): Promise<void> {
  return rm(path, { recursive: true });
}

/** Cuts the last byte off a file. */
export async function cutShort(path: string): Promise<void> {
  await truncate(path, (await stat(path)).size - 1);
}

/** Changes one byte of a file in its middle; its size stays. */
export async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x20;
  await writeFile(path, bytes);
}
