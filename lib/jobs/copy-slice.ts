import type { Database } from "../db/client.ts";
import { fenced, requireLease } from "../queue/fence.ts";
import type { CopyJob } from "../queue/queues.ts";
import type { RuleSnapshot } from "../schemas/rule.ts";
import { copyTag } from "../sync/copy-tag.ts";
import { failureReason } from "../sync/failure.ts";
import { storeAt, storeOf } from "../sync/stores.ts";
import { PlaceLost, type Throttle } from "../sync/throttle.ts";
import type { Connection } from "./connections.ts";
import { factOf, isFact, isRetryable } from "./failure.ts";
import { JobAborted, RetryLater, type RunningJob } from "./job.ts";
import type { TargetPlacements } from "./placements.ts";
import { type Progress, tellProgress } from "./progress.ts";
import { aloneAtTag } from "./tag-claims.ts";
import {
  beginTransfer,
  endTransfer,
  noteTargetDigest,
  type TransferRecord,
  type TransferResult,
} from "./transfer-state.ts";

/** Transfers of one slice that are under way at once; each registry bounds its own requests besides. */
const TRANSFERS_AT_ONCE = 4;

/** The database, which gives out the places, could not be asked for some seconds. */
const PLACE_LOST_MS = 1_000;

/** Everything the transfers of one slice share. */
export interface Slice {
  readonly job: RunningJob<CopyJob>;
  readonly db: Database;
  readonly rule: RuleSnapshot;
  readonly source: Connection;
  readonly target: Connection;
  readonly placements: TargetPlacements;
  readonly throttle: Throttle;
  /** Others of ours may write the same tags: each is claimed before it is. */
  readonly claimsTags: boolean;
  readonly progress: Progress;
  /** Faults of ours and of the database, in the order in which they came. */
  readonly faults: unknown[];
  /** What makes transfers wait that are due again, and the end that does. */
  readonly retries: { readonly instanceId: string; readonly error: unknown }[];
  /** Transfers that have ended in this attempt. */
  ended: number;
}

/** Copies the open transfers of a slice, a few at once. What went wrong stands in `faults` and `retries`. */
export async function copyAll(slice: Slice, open: TransferRecord[]): Promise<void> {
  const waiting = [...open];
  const { job, faults } = slice;
  const lane = async () => {
    let transfer = await beginNext(slice, waiting);
    while (transfer) {
      transfer = await copyOne(slice, transfer, waiting);
    }
  };
  const lanes = Array.from({ length: TRANSFERS_AT_ONCE }, lane);
  await Promise.all(lanes.map((ended) => ended.catch((error: unknown) => faults.push(error))));
  if (waiting.length > 0 && job.draining.aborted && !job.signal.aborted) {
    faults.push(new JobAborted("draining"));
  }
}

function nextOf({ job, faults }: Slice, waiting: TransferRecord[]): TransferRecord | undefined {
  const mayBegin = faults.length === 0 && !job.signal.aborted && !job.draining.aborted;
  return mayBegin ? waiting.shift() : undefined;
}

/** The next transfer that has not ended meanwhile, running now. */
async function beginNext(slice: Slice, waiting: TransferRecord[]): Promise<TransferRecord | undefined> {
  const { job, db } = slice;
  const { taskId } = job.data;
  for (;;) {
    const next = nextOf(slice, waiting);
    if (!next || (await fenced(db, job.lease, taskId, (tx) => beginTransfer(tx, taskId, next.id)))) {
      return next;
    }
  }
}

/**
 * One running transfer to its end, or back to pending; the next one begins in the same transaction, because every such
 * transaction waits for the task's row. Throws only what is no fact about the registries.
 */
async function copyOne(
  slice: Slice,
  transfer: TransferRecord,
  waiting: TransferRecord[],
): Promise<TransferRecord | undefined> {
  const { job, db } = slice;
  const { taskId } = job.data;
  const result = await resultOf(slice, transfer);
  const bytes = await slice.progress.take(transfer.id);
  const next = nextOf(slice, waiting);
  const begun = await fenced(db, job.lease, taskId, async (tx) => {
    await endTransfer(tx, transfer, result, bytes);
    const nextBegun = next !== undefined && (await beginTransfer(tx, taskId, next.id));
    await tellProgress(tx, taskId);
    return nextBegun;
  });
  slice.ended += result.kind === "outcome" || result.kind === "failed" ? 1 : 0;
  return begun ? next : beginNext(slice, waiting);
}

async function resultOf(slice: Slice, transfer: TransferRecord): Promise<TransferResult> {
  const { job, source, target, placements, throttle, progress } = slice;
  const found = transfer.store ?? undefined;
  try {
    const outcome = await copyTag(
      {
        source: storeOf(source.stores, found).repository(transfer.repository),
        target: storeAt(target.stores, found).repository(transfer.targetRepository),
        tag: transfer.tag,
        digest: transfer.digest ?? "",
        override: slice.rule.override,
        mediaType: transfer.mediaType ?? undefined,
        platforms: slice.rule.platforms,
        partsBefore: slice.rule.partsBefore,
        referrers: slice.rule.referrers === false ? undefined : { digestTags: transfer.digestTags },
      },
      {
        placements,
        throttle,
        signal: job.signal,
        beforeTag: () => requireLease(slice.db, job.lease),
        aloneAtTag: slice.claimsTags ? (write) => atTag(slice, transfer, write) : undefined,
        willName: (digest) =>
          fenced(slice.db, job.lease, job.data.taskId, (tx) => noteTargetDigest(tx, transfer.id, digest)),
        onProgress: (bytes) => progress.add(transfer.id, bytes),
      },
    );
    return { kind: "outcome", outcome };
  } catch (error) {
    if (job.signal.aborted) {
      if (job.signal.reason.reason === "draining") {
        return { kind: "handed-back" };
      }
      throw job.signal.reason;
    }
    if (error instanceof PlaceLost) {
      throw new RetryLater(PLACE_LOST_MS, { counts: false, cause: error });
    }
    if (!isFact(error)) {
      throw error;
    }
    const failure = factOf(error);
    if (isRetryable(error) && !job.lastAttempt) {
      const { instanceId } = failure.side === "source" ? source : target;
      slice.retries.push({ instanceId, error });
      return { kind: "retry", failure };
    }
    return { kind: "failed", reason: failureReason(failure), failure };
  }
}

function atTag<T>(
  { db, job, target }: Slice,
  { targetRepository, tag }: TransferRecord,
  write: () => Promise<T>,
): Promise<T> {
  const { lease, signal } = job;
  const place = { targetInstanceId: target.instanceId, repository: targetRepository, tag };
  return aloneAtTag({ db, lease, signal }, place, write);
}
