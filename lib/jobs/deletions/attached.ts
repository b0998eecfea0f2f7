import type { Database } from "../../db/client.ts";
import type { KeptAttached } from "../../db/schema/deletions.ts";
import { log } from "../../log.ts";
import { requireLease } from "../../queue/fence.ts";
import type { DeletionJob } from "../../queue/queues.ts";
import type { Repository } from "../../registry/repository.ts";
import {
  type Attached,
  deleteAttached,
  readAttached,
  restoreAttached,
} from "../../sync/deletion/attached.ts";
import type { ReadyDeletion, Restoring } from "../../sync/deletion/prepare-deletion.ts";
import type { SharedDigests } from "../../sync/deletion/sharing.ts";
import { isFact } from "../failure.ts";
import type { RunningJob } from "../job.ts";
import { aloneAtTag } from "../tag-claims.ts";
import type { DeletionRow } from "./due-rows.ts";

/**
 * A worker writes to a target as long as it holds its lease, which is asked before each request, and changes a tag while no
 * other worker does: a copy may be adding to the very list that is put back.
 */
export function restoringBy(
  db: Database,
  { lease, signal }: RunningJob<DeletionJob>,
  { targetInstanceId, targetRepository: repository }: DeletionRow,
): Restoring & { beforeWrite: () => Promise<void> } {
  return {
    signal,
    beforeWrite: () => requireLease(db, lease),
    aloneAtTag: (tag, change) =>
      aloneAtTag({ db, lease, signal }, { targetInstanceId, repository, tag }, change),
  };
}

/**
 * What goes with a manifest, as a row keeps it; null: nothing does. Whatever else needs the manifest keeps what belongs to it.
 * @throws {CopyError}
 */
export async function attachedTo(
  target: Repository,
  { manifest, sharing }: ReadyDeletion,
  signal: AbortSignal,
): Promise<KeptAttached[] | null> {
  if (sharing === null || sharing.tags.length > 0 || sharing.byDigest) {
    return null;
  }
  const attached = await readAttached(target, manifest.descriptor.digest, signal);
  return attached && attached.length > 0 ? attached.map(kept) : null;
}

function kept({ subject, tag, list, manifest: { descriptor, bytes } }: Attached): KeptAttached {
  return {
    ...{ subject, tag, list, digest: descriptor.digest, mediaType: descriptor.mediaType },
    manifest: Buffer.from(bytes).toString("base64"),
  };
}

function attachedOf(kept: readonly KeptAttached[] | null): Attached[] {
  return (kept ?? []).map(({ subject, tag, list, digest, mediaType, manifest }) => {
    const bytes = Buffer.from(manifest, "base64");
    return {
      ...{ subject, tag, list },
      manifest: { bytes, descriptor: { mediaType, digest, size: bytes.byteLength } },
    };
  });
}

/** The tag is gone: what belonged to its manifest goes too. What cannot be deleted stays, and is no failure of the tag. */
export async function dropAttached(
  target: Repository,
  kept: readonly KeptAttached[] | null,
  how: Restoring & { beforeWrite: () => Promise<void>; shared: SharedDigests },
): Promise<void> {
  const deleting = { ...how, beforeDelete: how.beforeWrite };
  await unlessRegistryFails(how.signal, () => deleteAttached(target, attachedOf(kept), deleting));
}

/** The tag is there again: so is what belonged to its manifest, as far as the registry takes it. */
export async function bringAttached(
  target: Repository,
  kept: readonly KeptAttached[] | null,
  how: Restoring,
): Promise<void> {
  await unlessRegistryFails(how.signal, () => restoreAttached(target, attachedOf(kept), how));
}

async function unlessRegistryFails(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (signal.aborted || !isFact(error)) {
      throw error;
    }
    log.warn({ err: error }, "signatures of a deleted image could not all be deleted, or put back");
  }
}
