import type { Registry } from "../../../lib/registry/repository.ts";
import { copyTag } from "../../../lib/sync/copy-tag.ts";
import { step } from "../../../lib/sync/errors.ts";
import type { Placements } from "../../../lib/sync/placements.ts";
import { addProgress, type ProgressTotals } from "../../../lib/sync/progress.ts";
import type { TransferOutcome } from "../../../lib/sync/transfer.ts";
import { meets } from "../trust-case.ts";

export const REPOSITORY = "team/app";
export const TAG = "v1";

export interface CopyOptions {
  repository?: string;
  tag?: string;
  override?: boolean;
  /** Left out: what the source names now, as a scan would see it. */
  digest?: string;
}

/** The two ends, and what is remembered of the copies between them. */
export interface Way {
  source: Registry;
  target: Registry;
  placements: Placements;
  bytes: ProgressTotals;
}

/** What a scan and a copy do with one tag, one after the other. @throws {CopyError} */
export async function copyThrough(
  way: Way,
  { repository = REPOSITORY, tag = TAG, override = true, digest }: CopyOptions,
): Promise<TransferOutcome> {
  const source = way.source.repository(repository);
  const named =
    digest ?? (await step({ operation: "resolve-tag", side: "source" }, () => source.resolve(tag)))?.digest;
  meets(named !== undefined, `${repository}:${tag} is not at the source`);
  const request = { source, target: way.target.repository(repository), tag, digest: named ?? "", override };
  return copyTag(request, {
    placements: way.placements,
    signal: new AbortController().signal,
    onProgress: (progress) => addProgress(way.bytes, progress),
  });
}
