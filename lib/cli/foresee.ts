import type { Repository } from "../registry/repository.ts";
import { step } from "../sync/errors.ts";
import type { FirstLook } from "../sync/first-look.ts";
import type { PlannedTransfer } from "../sync/plan.ts";
import { aimOf } from "../sync/platforms/aim.ts";
import { lacksSome } from "../sync/platforms/parts-at-target.ts";
import { contentReader } from "../sync/platforms/read-content.ts";
import { verdictAt } from "../sync/verdict.ts";
import type { SyncOptions } from "./arguments.ts";

export interface Foreseen {
  status: "copied" | "up-to-date" | "skipped";
  /** In words. */
  verdict: string;
  /** What the tag would name at the target. */
  digest: string;
}

/**
 * What a copy would do, from one question to the target at most, and what a choice of platforms has to know.
 * @throws {CopyError}
 */
export async function foresee(
  { tag, digest, mediaType }: Pick<PlannedTransfer, "tag" | "digest" | "mediaType">,
  { source, target, look }: { source: Repository; target: Repository; look: Pick<FirstLook, "resolve"> },
  { override, platforms }: Pick<SyncOptions, "override" | "platforms">,
  signal: AbortSignal,
): Promise<Foreseen> {
  const standing = await step({ operation: "resolve-tag", side: "target" }, () =>
    look.resolve(tag, { signal }),
  );
  const reader = contentReader(source, { signal }, (named) =>
    step({ operation: "fetch-manifest", side: "source", digest: named }, () =>
      source.fetchManifest(named, { signal }),
    ),
  );
  const aim = await aimOf({ digest, mediaType, platforms }, standing, reader);
  const verdict = await verdictAt(aim, { override, standing }, (manifests) =>
    lacksSome(manifests, target, { found: new Set(), signal }),
  );
  const [status, words] = {
    copy: ["copied", "copy"] as const,
    complete: ["copied", "add platforms"] as const,
    "up-to-date": ["up-to-date", "up to date"] as const,
    overwrite: ["copied", `replace ${standing?.digest}`] as const,
    behind: ["skipped", "skip, the source is the older one"] as const,
    exists: ["skipped", "skip, exists with other content"] as const,
    "platform-absent": ["skipped", "skip, no such platform"] as const,
  }[verdict];
  return { status, verdict: words, digest: aim?.digest ?? digest };
}
