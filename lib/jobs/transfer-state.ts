import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Executor, Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { announceTask } from "../queue/live.ts";
import { allEnded, settleTask } from "../queue/settle-task.ts";
import { OPEN_TRANSFER_STATUSES, taskStatusesBefore, transferStatusesBefore } from "../queue/states.ts";
import { missNoLonger, missTransfers } from "../queue/target-misses.ts";
import type { FailureFact } from "../schemas/task.ts";
import { failureFact } from "../sync/failure.ts";
import type { TransferOutcome } from "../sync/transfer.ts";
import { followingRuleOf, rememberPlaced } from "./deletions/placed-tags.ts";
import { followUp } from "./follow-up.ts";
import { noTotals, type TransferTotals } from "./totals.ts";
import {
  attemptFailuresAfter,
  counterOf,
  provenCounters,
  reasonOf,
  referrersOf,
  replacedDigestOf,
  statusOf,
  type TransferResult,
  verificationOf,
} from "./transfer-result.ts";

export type TransferRecord = typeof transfers.$inferSelect;

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

/**
 * pending → running. A transfer that is running already was left behind by an attempt that died: it begins anew, and the
 * bytes of the dead attempt are taken off the counters, since they will be counted again.
 *
 * @returns false when it has ended meanwhile
 */
export async function beginTransfer(tx: Tx, taskId: string, transferId: string): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    with before as (
      select id, status, coalesce(size_bytes, 0) as size_bytes, bytes_copied, bytes_mounted, bytes_skipped,
        contents_verified, bytes_verified
      from transfers
      where id = ${transferId} and status in ${[...OPEN_TRANSFER_STATUSES]}
      for no key update
    ), begun as (
      update transfers t
      set status = 'running', attempts = t.attempts + 1, started_at = coalesce(t.started_at, now()),
          updated_at = now(), size_bytes = null, bytes_copied = 0, bytes_mounted = 0, bytes_skipped = 0,
          contents_verified = 0, bytes_verified = 0
      from before where t.id = before.id
    )
    update tasks t
    set transfers_running = t.transfers_running + case when before.status = 'running' then 0 else 1 end,
        bytes_total = t.bytes_total - before.size_bytes, bytes_copied = t.bytes_copied - before.bytes_copied,
        bytes_mounted = t.bytes_mounted - before.bytes_mounted,
        bytes_skipped = t.bytes_skipped - before.bytes_skipped,
        contents_verified = t.contents_verified - before.contents_verified,
        bytes_verified = t.bytes_verified - before.bytes_verified,
        waiting_until = null, waiting_reason = null, waiting_instance_id = null, updated_at = now()
    from before where t.id = ${taskId}
    returning 1`);
  return rows.length > 0;
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

/**
 * Ends a running transfer, or puts it back for another try, and moves the task's counters in the same transaction.
 * A tag that moved at the source while it was copied gets a follow-up. The last one settles the task.
 */
export async function endTransfer(
  tx: Tx,
  transfer: TransferRecord,
  result: TransferResult,
  bytes: TransferTotals = noTotals(),
): Promise<void> {
  const status = statusOf(result);
  const verification = verificationOf(result);
  const targetDigest = result.kind === "outcome" ? result.outcome.targetDigest : undefined;
  const [ended] = await tx
    .update(transfers)
    .set({
      status,
      reason: reasonOf(result),
      failure: result.kind === "failed" ? result.failure : null,
      replacedDigest: replacedDigestOf(result),
      verification,
      targetDigest: targetDigest ?? sql`${transfers.targetDigest}`,
      referrers: referrersOf(result),
      // Stays unknown for a transfer that needed no manifest: equal digests tell no size.
      sizeBytes: sql`coalesce(${transfers.sizeBytes} + ${bytes.found}, nullif(${bytes.found}::bigint, 0))`,
      bytesCopied: sql`${transfers.bytesCopied} + ${bytes.copied}`,
      bytesMounted: sql`${transfers.bytesMounted} + ${bytes.mounted}`,
      bytesSkipped: sql`${transfers.bytesSkipped} + ${bytes.skipped}`,
      contentsVerified: sql`${transfers.contentsVerified} + ${bytes.contentsVerified}`,
      bytesVerified: sql`${transfers.bytesVerified} + ${bytes.bytesVerified}`,
      attempts: sql`${transfers.attempts} - ${result.kind === "handed-back" ? 1 : 0}`,
      attemptFailures: attemptFailuresAfter(result),
      endedAt: status === "pending" ? null : sql`now()`,
      updatedAt: sql`now()`,
    })
    .where(and(eq(transfers.id, transfer.id), inArray(transfers.status, transferStatusesBefore(status))))
    .returning({ followingRule: followingRuleOf(transfer.taskId) });
  if (!ended) {
    return;
  }
  await noteMiss(tx, transfer, result);
  if (ended.followingRule && (status === "copied" || status === "up-to-date")) {
    const placed = { ...transfer, digest: targetDigest ?? transfer.digest };
    await rememberPlaced(tx, ended.followingRule, placed, status);
  }
  const [task] = await tx
    .update(tasks)
    .set({
      transfersRunning: sql`${tasks.transfersRunning} - 1`,
      ...counterOf(status),
      ...provenCounters(verification),
      bytesTotal: sql`${tasks.bytesTotal} + ${bytes.found}`,
      bytesCopied: sql`${tasks.bytesCopied} + ${bytes.copied}`,
      bytesMounted: sql`${tasks.bytesMounted} + ${bytes.mounted}`,
      bytesSkipped: sql`${tasks.bytesSkipped} + ${bytes.skipped}`,
      contentsVerified: sql`${tasks.contentsVerified} + ${bytes.contentsVerified}`,
      bytesVerified: sql`${tasks.bytesVerified} + ${bytes.bytesVerified}`,
      updatedAt: sql`now()`,
    })
    .where(eq(tasks.id, transfer.taskId))
    .returning({
      scanEndedAt: tasks.scanEndedAt,
      transfersTotal: tasks.transfersTotal,
      transfersCopied: tasks.transfersCopied,
      transfersUpToDate: tasks.transfersUpToDate,
      transfersSkipped: tasks.transfersSkipped,
      transfersFailed: tasks.transfersFailed,
      transfersStopped: tasks.transfersStopped,
    });
  if (result.kind === "outcome" && result.outcome.moved) {
    await followUp(tx, transfer);
  }
  if (task && allEnded(task)) {
    await settleTask(tx, transfer.taskId);
  }
}

/** What failed, or waits for another try, is missing at the target; whatever else ends is not, or is not to be there. */
async function noteMiss(tx: Tx, transfer: TransferRecord, { kind }: TransferResult): Promise<void> {
  if (kind === "outcome") {
    await missNoLonger(tx, transfer);
  } else if (kind !== "handed-back") {
    await missTransfers(tx, transfer.taskId, sql`t.id = ${transfer.id}`);
  }
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
