import { RegistryError } from "../../registry/errors.ts";
import type { Manifest, Repository } from "../../registry/repository.ts";
import { CopyError, step } from "../errors.ts";
import { aloneAt, type ReadyDeletion, type Restoring, resolveAt } from "./prepare-deletion.ts";

/**
 * Puts back what a registry took along that deletes the manifest when it is asked to delete a tag of it.
 * @returns the references that were put back
 * @throws {CopyError}
 */
export async function putRight(
  target: Repository,
  { manifest, sharing }: Pick<ReadyDeletion, "manifest" | "sharing">,
  how: Restoring,
): Promise<string[]> {
  const { signal } = how;
  const { digest } = manifest.descriptor;
  const back: string[] = [];
  for (const tag of sharing?.tags ?? []) {
    await aloneAt(how, tag, async () => {
      if ((await resolveAt(target, tag, signal)) === null) {
        await push(target, manifest, how, tag);
        back.push(tag);
      }
    });
  }
  if (sharing?.byDigest && (await resolveAt(target, digest, signal)) === null) {
    await push(target, manifest, how);
    back.push(digest);
  }
  return back;
}

export type RestoreOutcome = "restored" | "taken" | "content-gone";

/**
 * Puts a deleted tag back, unless something else has its name by now.
 * @throws {CopyError} when the registry fails
 * @throws what `beforeWrite` throws: then nothing was sent any more
 */
export function restoreTag(
  target: Repository,
  tag: string,
  manifest: Manifest,
  how: Restoring,
): Promise<RestoreOutcome> {
  return aloneAt(how, tag, () => restoreNow(target, tag, manifest, how));
}

async function restoreNow(
  target: Repository,
  tag: string,
  manifest: Manifest,
  how: Restoring,
): Promise<RestoreOutcome> {
  const now = await resolveAt(target, tag, how.signal);
  if (now !== null) {
    return now === manifest.descriptor.digest ? "restored" : "taken";
  }
  try {
    await push(target, manifest, how, tag);
    return "restored";
  } catch (error) {
    const cause = error instanceof CopyError ? error.cause : null;
    // The registry has cleaned up what the manifest names.
    if (
      cause instanceof RegistryError &&
      /^(?:MANIFEST_BLOB_UNKNOWN|BLOB_UNKNOWN|MANIFEST_UNKNOWN)$/.test(cause.code)
    ) {
      return "content-gone";
    }
    throw error;
  }
}

function push(
  target: Repository,
  manifest: Manifest,
  { signal, beforeWrite }: Restoring,
  tag?: string,
): Promise<unknown> {
  const { digest } = manifest.descriptor;
  return step({ operation: "push-manifest", side: "target", digest }, () =>
    target.pushManifest(manifest, { signal, tag, beforeSending: beforeWrite }),
  );
}
