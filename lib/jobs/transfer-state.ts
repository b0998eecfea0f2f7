import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Executor, Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { announceTask } from "../queue/live.ts";
import { OPEN_TRANSFER_STATUSES, taskStatusesBefore } from "../queue/states.ts";
import { missNoLonger } from "../queue/target-misses.ts";
import type { FailureFact } from "../schemas/task.ts";
import { failureFact } from "../sync/failure.ts";
import type { TransferOutcome } from "../sync/transfer.ts";
import { followingRuleOf, rememberPlaced } from "./deletions/placed-tags.ts";
import { followUp } from "./follow-up.ts";
import { noTotals, type TransferTotals } from "./totals.ts";
import type { TransferRecord } from "./transfer-move-statement.ts";
import { moveTransfers } from "./transfer-moves.ts";
import type { TransferResult } from "./transfer-result.ts";

export type { TransferRecord } from "./transfer-move-statement.ts";

/** The transfers of a slice that have not ended, in the order of their creation. */
export async function openTransfers(db: Executor, taskId: string, slice: number): Promise<TransferRecord[]> {
  return db
    .select()
    .from(transfers)
    .where(
      and(
        eq(transfers.taskId, taskId),
        eq(transfers.slice, slice),
        inArray(transfers.status, [...OPEN_TRANSFER_STATUSES]),
      ),
    )
    .orderBy(asc(transfers.id));
}

/** pending → running; see {@link moveTransfers}. @returns false when it has ended meanwhile */
export async function beginTransfer(tx: Tx, taskId: string, transferId: string): Promise<boolean> {
  return (await moveTransfers(tx, taskId, { ends: [], begins: [transferId] })).has(transferId);
}

/** Before the tag is written: the target may tell of the push before its answer is here, and it is ours (event-echo.ts). */
export async function noteTargetDigest(tx: Tx, transferId: string, targetDigest: string): Promise<void> {
  await tx.update(transfers).set({ targetDigest }).where(eq(transfers.id, transferId));
}

/**
 * The tag is written, and is to be proven now: an attempt that comes after this one finds it in its place and must know that it is
 * this transfer that brought it. What follows from that does not wait for the proof.
 */
export async function noteCopied(
  tx: Tx,
  transfer: TransferRecord,
  outcome: TransferOutcome & { status: "copied" },
): Promise<void> {
  const [noted] = await tx
    .update(transfers)
    .set({ copiedAt: sql`now()`, replacedDigest: outcome.replacedDigest ?? null })
    .where(and(eq(transfers.id, transfer.id), eq(transfers.status, "running")))
    .returning({ followingRule: followingRuleOf(transfer.taskId) });
  if (!noted) {
    return;
  }
  await missNoLonger(tx, transfer);
  if (noted.followingRule) {
    const placed = { ...transfer, digest: outcome.targetDigest ?? transfer.digest };
    await rememberPlaced(tx, noted.followingRule, placed, "copied");
  }
  if (outcome.moved) {
    await followUp(tx, transfer);
  }
}

/** scanning → running, with the first transfer that moves. */
export async function markRunning(tx: Tx, taskId: string): Promise<void> {
  const [moved] = await tx
    .update(tasks)
    .set({ status: "running", updatedAt: sql`now()` })
    .where(and(eq(tasks.id, taskId), inArray(tasks.status, taskStatusesBefore("running"))))
    .returning({ id: tasks.id });
  if (moved) {
    await announceTask(tx, taskId);
  }
}

/** Ends one running transfer, or puts it back for another try; see {@link moveTransfers}. */
export async function endTransfer(
  tx: Tx,
  transfer: TransferRecord,
  result: TransferResult,
  bytes: TransferTotals = noTotals(),
): Promise<void> {
  await moveTransfers(tx, transfer.taskId, { ends: [{ transfer, result, bytes }], begins: [] });
}

/** The open transfers of a slice have failed, for a reason of ours unless one is given. */
export async function failSlice(
  tx: Tx,
  taskId: string,
  slice: number,
  failure: FailureFact = failureFact(null),
): Promise<void> {
  for (const transfer of await openTransfers(tx, taskId, slice)) {
    await beginTransfer(tx, taskId, transfer.id);
    await endTransfer(tx, transfer, { kind: "failed", reason: failure.code, failure });
  }
}
