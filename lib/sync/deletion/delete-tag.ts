import { ContentError, RegistryError } from "../../registry/errors.ts";
import type { Manifest, Repository } from "../../registry/repository.ts";
import { CopyError, step } from "../errors.ts";
import type { SharedDigests, Sharing } from "./sharing.ts";

/** A tag at a target and what we brought there. */
export interface PlacedTag {
  tag: string;
  digest: string;
}

/** What has to be known before a tag is deleted: its manifest, to put it back, and what else needs it. */
export interface ReadyDeletion {
  kind: "ready";
  manifest: Manifest;
  /** null: the repository has too many tags to ask each. */
  sharing: Sharing | null;
}

export type Preparation =
  | ReadyDeletion
  | { kind: "gone" }
  | { kind: "moved" }
  | { kind: "manifest-unreadable" };

/** How a tag of a target is deleted. */
export interface Deleting {
  /** Of the target's repository; kept by whoever deletes several tags of it. */
  shared: SharedDigests;
  signal: AbortSignal;
  /** Has the last word immediately before each request to delete: a worker that lost its job meanwhile deletes nothing. */
  beforeDelete?: (() => Promise<void>) | undefined;
  /** The same before each request that puts something back, which no other look has to precede. */
  beforeWrite?: (() => Promise<void>) | undefined;
  /** Runs what looks at a tag and then changes it while no other worker of ours changes that tag. */
  aloneAtTag?: AloneAtTag | undefined;
}

export type AloneAtTag = <T>(tag: string, change: () => Promise<T>) => Promise<T>;

/** One tag at a time: who holds one and waits for another might wait for somebody who does the same the other way round. */
export function aloneAt<T>(
  { aloneAtTag }: Pick<Deleting, "aloneAtTag">,
  tag: string,
  change: () => Promise<T>,
): Promise<T> {
  return aloneAtTag ? aloneAtTag(tag, change) : change();
}

/** How what was deleted is put back. */
export type Restoring = Pick<Deleting, "signal" | "beforeWrite" | "aloneAtTag">;

/** Reads everything that deleting and undoing need; changes nothing. @throws {CopyError} */
export async function prepareDeletion(
  target: Repository,
  placed: PlacedTag,
  { shared, signal }: Deleting,
): Promise<Preparation> {
  const now = await resolveAt(target, placed.tag, signal);
  if (now !== placed.digest) {
    return { kind: now === null ? "gone" : "moved" };
  }
  const manifest = await readable(target, placed.digest, signal);
  return manifest === null
    ? { kind: "manifest-unreadable" }
    : { kind: "ready", manifest, sharing: await shared.of(placed, signal) };
}

/** What a tag of a target names now. @throws {CopyError} */
export async function resolveAt(
  target: Repository,
  tag: string,
  signal: AbortSignal,
): Promise<string | null> {
  const found = await step({ operation: "resolve-tag", side: "target" }, () =>
    target.resolve(tag, { signal }),
  );
  return found?.digest ?? null;
}

/** Without its bytes nothing could be undone. */
async function readable(target: Repository, digest: string, signal: AbortSignal): Promise<Manifest | null> {
  try {
    return await step({ operation: "fetch-manifest", side: "target", digest }, () =>
      target.fetchManifest(digest, { signal }),
    );
  } catch (error) {
    if ((error as CopyError).cause instanceof ContentError) {
      return null;
    }
    throw error;
  }
}

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
