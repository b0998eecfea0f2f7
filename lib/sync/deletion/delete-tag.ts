import { RegistryError } from "../../registry/errors.ts";
import type { Repository } from "../../registry/repository.ts";
import { type CopyError, step } from "../errors.ts";
import { type Deleting, type PlacedTag, type ReadyDeletion, resolveAt } from "./prepare-deletion.ts";
import { putRight } from "./put-back.ts";
import type { Sharing } from "./sharing.ts";

export type Refusal =
  | "shared-digest"
  | "part-of-index"
  | "too-many-tags"
  | "unsupported"
  | "denied"
  | "moved";
export type DeleteOutcome =
  | { kind: "deleted" }
  | { kind: "still-there" }
  | { kind: "refused"; reason: Refusal };

/**
 * Deletes one tag and nothing else. By tag where the registry can; else by digest, which would take every tag that names it
 * along, and so only when nothing else needs it. A registry that takes others along all the same is put right again.
 * @throws {CopyError} when the registry fails: then nobody knows whether it is gone, and asking again is harmless
 * @throws what `beforeDelete` throws: then nothing was sent any more
 */
export async function deleteTag(
  target: Repository,
  placed: PlacedTag,
  { manifest, sharing }: ReadyDeletion,
  how: Deleting,
): Promise<DeleteOutcome> {
  const { shared, signal } = how;
  const answer = await deleteReference(target, placed.tag, how);
  if (answer === "denied") {
    return { kind: "refused", reason: "denied" };
  }
  const byDigest = answer === "unsupported";
  if (byDigest) {
    const refused = await deleteByDigest(target, placed, sharing, how);
    if (refused) {
      return { kind: "refused", reason: refused };
    }
  }
  const left = await resolveAt(target, placed.tag, signal);
  if (left === placed.digest) {
    return { kind: "still-there" };
  }
  const taken = { tags: byDigest ? await shared.takenAlong(placed.tag, signal) : [], byDigest: false };
  await putRight(target, { manifest, sharing: byDigest ? taken : sharing }, how);
  return { kind: "deleted" };
}

async function deleteByDigest(
  target: Repository,
  { tag, digest }: PlacedTag,
  sharing: Sharing | null,
  how: Deleting,
): Promise<Refusal | null> {
  const refusal = needs(sharing) ?? needs(await how.shared.latest({ tag, digest }, how.signal));
  if (refusal) {
    return refusal;
  }
  if ((await resolveAt(target, tag, how.signal)) !== digest) {
    return "moved";
  }
  const answer = await deleteReference(target, digest, how);
  return answer === "accepted" ? null : answer;
}

function needs(sharing: Sharing | null): Refusal | null {
  if (sharing === null) {
    return "too-many-tags";
  }
  return sharing.tags.length > 0 ? "shared-digest" : sharing.byDigest ? "part-of-index" : null;
}

/**
 * Asks the registry to delete a tag, or a digest with every tag that names it.
 * 2.8.3 answers 400 DIGEST_INVALID to a tag and 405 where deleting is switched off (R7).
 * @throws {CopyError}
 */
export async function deleteReference(
  target: Repository,
  reference: string,
  { signal, beforeDelete }: Deleting,
): Promise<"accepted" | "unsupported" | "denied"> {
  try {
    await step({ operation: "delete-manifest", side: "target" }, () =>
      target.deleteManifest(reference, { signal, beforeSending: beforeDelete }),
    );
    return "accepted";
  } catch (error) {
    const { cause } = error as CopyError;
    if (cause instanceof RegistryError) {
      if (cause.status === 401 || cause.status === 403) {
        return "denied";
      }
      if (cause.status === 400 || cause.status === 405 || cause.status === 501) {
        return "unsupported";
      }
    }
    throw error;
  }
}
