import type { MemoryRepository } from "../../registry/memory-repository.ts";
import type { Artifact } from "../../testing/content.ts";

/** An artifact with everything that it names, in memory; its own bytes are kept. */
export function putArtifact(repository: MemoryRepository, artifact: Artifact, tag?: string): void {
  for (const child of artifact.children) {
    putArtifact(repository, child);
  }
  for (const { digest, bytes } of artifact.blobs) {
    repository.blobs.set(digest, bytes);
  }
  const { digest, mediaType, bytes } = artifact.manifest;
  repository.manifests.set(digest, { descriptor: { mediaType, digest, size: bytes.length }, bytes });
  if (tag !== undefined) {
    repository.tagged.set(tag, digest);
  }
}
