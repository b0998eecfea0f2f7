import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Executor, Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { announceTask } from "../queue/live.ts";
import { allEnded, settleTask } from "../queue/settle-task.ts";
import { OPEN_TRANSFER_STATUSES, taskStatusesBefore, transferStatusesBefore } from "../queue/states.ts";
import { missNoLonger, missTransfers } from "../queue/target-misses.ts";
import type { Referrers } from "../schemas/referrers.ts";
import type { FailureFact, TransferStatus } from "../schemas/task.ts";
import { failureFact } from "../sync/failure.ts";
import { noProgress, type ProgressTotals } from "../sync/progress.ts";
import type { TransferOutcome } from "../sync/transfer.ts";
import { followingRuleOf, rememberPlaced } from "./deletions/placed-tags.ts";
import { followUp } from "./follow-up.ts";

export type TransferRecord = typeof transfers.$inferSelect;

/** What becomes of a transfer: an outcome of the engine, a failure, or another try. */
export type TransferResult =
  | { kind: "outcome"; outcome: TransferOutcome }
  | { kind: "failed"; reason: string; failure: FailureFact }
  | { kind: "retry"; failure: FailureFact }
  /** The worker ends: the try does not count. */
  | { kind: "handed-back" };

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
      select id, status, coalesce(size_bytes, 0) as size_bytes, bytes_copied, bytes_mounted, bytes_skipped
      from transfers
      where id = ${transferId} and status in ${[...OPEN_TRANSFER_STATUSES]}
      for no key update
    ), begun as (
      update transfers t
      set status = 'running', attempts = t.attempts + 1, started_at = coalesce(t.started_at, now()),
          updated_at = now(), size_bytes = null, bytes_copied = 0, bytes_mounted = 0, bytes_skipped = 0
      from before where t.id = before.id
    )
    update tasks t
    set transfers_running = t.transfers_running + case when before.status = 'running' then 0 else 1 end,
        bytes_total = t.bytes_total - before.size_bytes, bytes_copied = t.bytes_copied - before.bytes_copied,
        bytes_mounted = t.bytes_mounted - before.bytes_mounted,
        bytes_skipped = t.bytes_skipped - before.bytes_skipped,
        waiting_until = null, waiting_reason = null, waiting_instance_id = null, updated_at = now()
    from before where t.id = ${taskId}
    returning 1`);
  return rows.length > 0;
}

/** Before the tag is written: the target may tell of the push before its answer is here, and it is ours (event-echo.ts). */
export async function noteTargetDigest(tx: Tx, transferId: string, targetDigest: string): Promise<void> {
  await tx.update(transfers).set({ targetDigest }).where(eq(transfers.id, transferId));
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
  bytes: ProgressTotals = noProgress(),
): Promise<void> {
  const status = statusOf(result);
  const targetDigest = result.kind === "outcome" ? result.outcome.targetDigest : undefined;
  const [ended] = await tx
    .update(transfers)
    .set({
      status,
      reason: reasonOf(result),
      failure: result.kind === "failed" ? result.failure : null,
      replacedDigest:
        result.kind === "outcome" && result.outcome.status === "copied"
          ? (result.outcome.replacedDigest ?? null)
          : null,
      targetDigest: targetDigest ?? sql`${transfers.targetDigest}`,
      referrers: referrersOf(result),
      // Stays unknown for a transfer that needed no manifest: equal digests tell no size.
      sizeBytes: sql`coalesce(${transfers.sizeBytes} + ${bytes.found}, nullif(${bytes.found}::bigint, 0))`,
      bytesCopied: sql`${transfers.bytesCopied} + ${bytes.copied}`,
      bytesMounted: sql`${transfers.bytesMounted} + ${bytes.mounted}`,
      bytesSkipped: sql`${transfers.bytesSkipped} + ${bytes.skipped}`,
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
      bytesTotal: sql`${tasks.bytesTotal} + ${bytes.found}`,
      bytesCopied: sql`${tasks.bytesCopied} + ${bytes.copied}`,
      bytesMounted: sql`${tasks.bytesMounted} + ${bytes.mounted}`,
      bytesSkipped: sql`${tasks.bytesSkipped} + ${bytes.skipped}`,
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

function statusOf(result: TransferResult): TransferStatus {
  switch (result.kind) {
    case "outcome":
      return result.outcome.status;
    case "failed":
      return "failed";
    case "retry":
    case "handed-back":
      return "pending";
  }
}

/** Failed attempts that a transfer remembers. */
const ATTEMPTS_KEPT = 10;

/** What went wrong this time is added to what went wrong before; the latest few stay. */
function attemptFailuresAfter(result: TransferResult): SQL {
  if (result.kind !== "retry" && result.kind !== "failed") {
    return sql`${transfers.attemptFailures}`;
  }
  const at = sql`to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return sql`case when jsonb_array_length(${transfers.attemptFailures}) < ${ATTEMPTS_KEPT}
      then ${transfers.attemptFailures} else ${transfers.attemptFailures} - 0 end
    || jsonb_build_array(jsonb_build_object(
      'attempt', ${transfers.attempts}, 'at', ${at}, 'fact', ${JSON.stringify(result.failure)}::jsonb))`;
}

/** null where there are none: most transfers, so that their rows stay small. */
function referrersOf(result: TransferResult): Referrers | null {
  const referrers = result.kind === "outcome" ? result.outcome.referrers : undefined;
  return referrers && referrers.total > 0 ? referrers : null;
}

function reasonOf(result: TransferResult): string | null {
  if (result.kind === "failed") {
    return result.reason;
  }
  return result.kind === "outcome" && result.outcome.status === "skipped" ? result.outcome.reason : null;
}

function counterOf(status: TransferStatus) {
  switch (status) {
    case "copied":
      return { transfersCopied: sql`${tasks.transfersCopied} + 1` };
    case "up-to-date":
      return { transfersUpToDate: sql`${tasks.transfersUpToDate} + 1` };
    case "skipped":
      return { transfersSkipped: sql`${tasks.transfersSkipped} + 1` };
    case "failed":
      return { transfersFailed: sql`${tasks.transfersFailed} + 1` };
    case "stopped":
      return { transfersStopped: sql`${tasks.transfersStopped} + 1` };
    default:
      return {};
  }
}
