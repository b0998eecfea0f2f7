import type { Manifest, Repository } from "../../registry/repository.ts";
import type { Restoring } from "../../sync/deletion/prepare-deletion.ts";
import { putRight } from "../../sync/deletion/put-back.ts";
import type { DeletionRow } from "./due-rows.ts";

/** The manifest that a row keeps, as it can be pushed; null when it keeps none. */
export function keptManifest({ manifest, mediaType, digest }: DeletionRow): Manifest | null {
  return manifest && mediaType
    ? { bytes: manifest, descriptor: { mediaType, digest, size: manifest.byteLength } }
    : null;
}

/**
 * The tag is gone at the target, and an attempt before this one had sent the request: its worker died before it could say so.
 * What it left undone is done.
 * @returns false when no attempt of ours has sent anything
 * @throws {CopyError}
 */
export async function finishInterrupted(
  row: DeletionRow,
  target: Repository,
  how: Restoring,
): Promise<boolean> {
  const manifest = keptManifest(row);
  if (row.attemptedAt === null || manifest === null) {
    return false;
  }
  await putRight(target, { manifest, sharing: row.sharing }, how);
  return true;
}
