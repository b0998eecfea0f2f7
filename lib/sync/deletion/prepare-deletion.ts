import { ContentError } from "../../registry/errors.ts";
import type { Manifest, Repository } from "../../registry/repository.ts";
import { type CopyError, step } from "../errors.ts";
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
