import { JobAborted } from "./job.ts";
import type { Slice } from "./slice.ts";
import { attemptTransfer } from "./transfer-attempt.ts";
import { type TransferDesk, transferDesk } from "./transfer-desk.ts";
import type { TransferRecord } from "./transfer-move-statement.ts";

/** Transfers of one slice that are under way at once; each registry bounds its own requests besides. */
const TRANSFERS_AT_ONCE = 8;

/** A slice, and where it tells what becomes of its transfers. */
interface Telling {
  readonly slice: Slice;
  readonly desk: TransferDesk;
  /** Not begun yet. */
  readonly waiting: TransferRecord[];
}

/** Copies the open transfers of a slice, a few at once. What went wrong stands in `faults` and `retries`. */
export async function copyAll(slice: Slice, open: TransferRecord[]): Promise<void> {
  const { job, faults, db } = slice;
  const desk = transferDesk(db, job.data.taskId);
  const telling: Telling = { slice, desk, waiting: [...open] };
  const lane = async () => {
    let transfer = await beginNext(telling);
    while (transfer) {
      transfer = await copyOne(telling, transfer);
    }
  };
  const lanes = Array.from({ length: TRANSFERS_AT_ONCE }, lane);
  await Promise.all(lanes.map((ended) => ended.catch((error: unknown) => faults.push(error))));
  desk.close();
  if (telling.waiting.length > 0 && job.draining.aborted && !job.signal.aborted) {
    faults.push(new JobAborted("draining"));
  }
}

function nextOf({ slice: { job, faults }, waiting }: Telling): TransferRecord | undefined {
  const mayBegin = faults.length === 0 && !job.signal.aborted && !job.draining.aborted;
  return mayBegin ? waiting.shift() : undefined;
}

/** The next transfer that has not ended meanwhile, running now. */
async function beginNext(telling: Telling): Promise<TransferRecord | undefined> {
  const { lease } = telling.slice.job;
  for (;;) {
    const next = nextOf(telling);
    if (!next || (await telling.desk.tell({ lease, begin: next.id }))) {
      return next;
    }
  }
}

/**
 * One running transfer to its end, or back to pending; the next one begins in the same transaction. Throws only what is no fact about
 * the registries.
 */
async function copyOne(telling: Telling, transfer: TransferRecord): Promise<TransferRecord | undefined> {
  const { slice, desk } = telling;
  const { lease } = slice.job;
  const result = await attemptTransfer(slice, transfer);
  await slice.placements.settled();
  const bytes = await slice.progress.take(transfer.id);
  const next = nextOf(telling);
  const begun = await desk.tell({ lease, end: { transfer, result, bytes }, begin: next?.id });
  slice.ended += result.kind === "outcome" || result.kind === "failed" ? 1 : 0;
  return begun ? next : beginNext(telling);
}
