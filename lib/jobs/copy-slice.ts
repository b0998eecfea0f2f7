import { fenced } from "../queue/fence.ts";
import { JobAborted } from "./job.ts";
import { tellProgress } from "./progress.ts";
import type { Slice } from "./slice.ts";
import { attemptTransfer } from "./transfer-attempt.ts";
import { beginTransfer, endTransfer, type TransferRecord } from "./transfer-state.ts";

/** Transfers of one slice that are under way at once; each registry bounds its own requests besides. */
const TRANSFERS_AT_ONCE = 4;

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
  const result = await attemptTransfer(slice, transfer);
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
