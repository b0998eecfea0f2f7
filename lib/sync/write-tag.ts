import type { Descriptor } from "../registry/descriptor.ts";
import type { Manifest, Repository, ResolveOptions } from "../registry/repository.ts";
import type { Side } from "../schemas/task.ts";
import { pushManifest } from "./copy-graph.ts";
import { step } from "./errors.ts";
import { isFresh } from "./last-look.ts";
import type { TransferOutcome, TransferRequest } from "./transfer.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import type { Walk } from "./walk.ts";

/** A request for what is to stand at the target. */
export interface AimedRequest extends TransferRequest {
  /** What the tag named at the source when it was scanned; `digest` may be one image of it. */
  pinned: string;
}

/** The last look at both ends, and the write of the tag that follows it at once: what is between them, nobody sees (FT09). */
export function pushTag(manifest: Manifest, request: AimedRequest, walk: Walk): Promise<TransferOutcome> {
  const write = () => lookAndWrite(manifest, request, walk);
  return walk.aloneAtTag ? walk.aloneAtTag(write) : write();
}

async function lookAndWrite(manifest: Manifest, request: AimedRequest, walk: Walk): Promise<TransferOutcome> {
  const { source, target, tag, pinned } = request;
  const { signal } = walk;
  const looks = walk.memory.firstLooks.at(target);
  // Whether it is still that is all that the source is asked.
  const known = manifest.descriptor.digest === pinned ? manifest.descriptor : undefined;
  const [named, standing] = await Promise.all([
    isFresh(request.seenAtMs) ? { digest: pinned } : resolveTag(source, "source", tag, { signal, known }),
    // Whoever is alone at a tag is told by the target alone what the one before him wrote.
    walk.aloneAtTag
      ? resolveTag(target, "target", tag, { signal })
      : step({ operation: "resolve-tag", side: "target" }, () => looks.last(tag, { signal })),
  ]);
  if (named === null) {
    return { status: "skipped", reason: "source-deleted", moved: false };
  }
  const moved = named.digest !== pinned;
  // What is written is what the scan saw; what the source names by now may be the target's own.
  const isBehind = behindWith(moved ? [named.digest, pinned] : [pinned], walk);
  const settled = settledBy(await verdictOf({ ...request, isBehind }, standing), moved);
  if (settled) {
    return settled;
  }
  if (request.digest !== pinned) {
    await walk.willName?.(request.digest);
  }
  await pushManifest(manifest, walk, tag);
  if (!walk.aloneAtTag) {
    looks.wrote(tag);
  }
  return { status: "copied", replacedDigest: standing?.digest, moved };
}

/** The outcome where nothing is to be written. */
export function settledBy(verdict: Verdict, moved: boolean): TransferOutcome | null {
  switch (verdict) {
    case "up-to-date":
      return { status: "up-to-date", moved };
    case "exists":
      return { status: "skipped", reason: "exists", moved };
    case "behind":
      return { status: "skipped", reason: "source-behind", moved };
    case "platform-absent":
      return { status: "skipped", reason: "platform-absent", moved };
    default:
      return null;
  }
}

/** @param digests that the tag names, or named, at the source: one of them behind is enough */
export function behindWith(digests: readonly string[], { isBehind }: Walk) {
  return (
    isBehind &&
    (async (target: string): Promise<boolean> => {
      for (const source of digests) {
        if (await isBehind({ source, target })) {
          return true;
        }
      }
      return false;
    })
  );
}

export function resolveTag(
  repository: Repository,
  side: Side,
  tag: string,
  options: ResolveOptions,
): Promise<Descriptor | null> {
  return step({ operation: "resolve-tag", side }, () => repository.resolve(tag, options));
}
