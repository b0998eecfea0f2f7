import type { DigestTagList } from "../schemas/referrers.ts";
import { DestinationError, targetRepository } from "./destination.ts";
import type { ScannedTag } from "./scanned.ts";
import type { Store } from "./stores.ts";

/** A place to copy to. Callers add what they need to find it again. */
export interface PlanTarget {
  /** null: the same as the source; '': the root. */
  namespace: string | null;
}

export interface PlannedTransfer<T extends PlanTarget = PlanTarget> {
  kind: "copy";
  target: T;
  sourceRepository: string;
  targetRepository: string;
  tag: string;
  /** What the tag named when it was scanned; the copy pins it. */
  digest: string;
  mediaType: string;
  /** Bytes of the manifest. */
  size: number;
  digestTags: DigestTagList | null;
  /** When it was seen there, by the clock of `performance`; where this process copies it at once. */
  seenAtMs?: number;
  /** Where it was found at the source; the registry where nothing is said. */
  store?: Store | undefined;
}

/** A repository that cannot go to a target, because its name there would not be one. */
export interface RefusedRepository<T extends PlanTarget = PlanTarget> {
  target: T;
  sourceRepository: string;
  error: DestinationError;
}

export interface Plan<T extends PlanTarget = PlanTarget> {
  transfers: PlannedTransfer<T>[];
  refused: RefusedRepository<T>[];
}

/** One transfer a tag and target: what a scanned repository means for a rule's targets. */
export function planRepository<T extends PlanTarget>(
  scanned: { repository: string; tags: readonly ScannedTag[] },
  sourceNamespace: string,
  targets: readonly T[],
): Plan<T> {
  const plan: Plan<T> = { transfers: [], refused: [] };
  if (scanned.tags.length === 0) {
    return plan;
  }
  for (const target of targets) {
    try {
      const name = targetRepository(scanned.repository, sourceNamespace, target.namespace);
      for (const { tag, digest, mediaType, size, digestTags = null, store, seenAtMs } of scanned.tags) {
        plan.transfers.push({
          kind: "copy",
          target,
          sourceRepository: scanned.repository,
          targetRepository: name,
          tag,
          digest,
          mediaType,
          size,
          digestTags,
          ...(store ? { store } : {}),
          ...(seenAtMs === undefined ? {} : { seenAtMs }),
        });
      }
    } catch (error) {
      if (!(error instanceof DestinationError)) {
        throw error;
      }
      plan.refused.push({ target, sourceRepository: scanned.repository, error });
    }
  }
  return plan;
}
