import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { allEnded, settleTask } from "../queue/settle-task.ts";
import { missTransfers } from "../queue/target-misses.ts";
import { rememberPlaced } from "./deletions/placed-tags.ts";
import { followUp } from "./follow-up.ts";
import { moveStatement, type TransferEnd, type TransferMoves } from "./transfer-move-statement.ts";

interface Moved extends Record<string, unknown> {
  ended: string[];
  begun: string[];
  followingRule: string | null;
  scanEndedAt: Date | null;
  transfersTotal: number;
  transfersCopied: number;
  transfersUpToDate: number;
  transfersSkipped: number;
  transfersFailed: number;
  transfersStopped: number;
}

/**
 * Ends running transfers of a task, or puts them back for another try, begins others, and moves the task's counters, all in one
 * statement: every such transaction waits for the task's row. What has ended meanwhile is passed over. Of a transfer that begins anew
 * the bytes of the dead attempt are taken off the counters, since they will be counted again. A tag that moved at the source
 * while it was copied gets a follow-up; the last transfer settles the task.
 * @returns of `begins` those that run now
 */
export async function moveTransfers(
  tx: Tx,
  taskId: string,
  { ends, begins }: TransferMoves,
): Promise<ReadonlySet<string>> {
  const [moved] = (await tx.execute<Moved>(moveStatement(taskId, { ends, begins }))).rows;
  if (!moved) {
    return new Set();
  }
  const ended = ends.filter(({ transfer }) => moved.ended.includes(transfer.id));
  await noteMisses(tx, taskId, ended);
  for (const { transfer, result } of ended) {
    if (result.kind === "outcome") {
      const { status, targetDigest, moved: movedAtSource } = result.outcome;
      if (moved.followingRule && status !== "skipped") {
        await rememberPlaced(
          tx,
          moved.followingRule,
          { ...transfer, digest: targetDigest ?? transfer.digest },
          status,
        );
      }
      if (movedAtSource) {
        await followUp(tx, transfer);
      }
    }
  }
  if (ended.length > 0 && allEnded(moved)) {
    await settleTask(tx, taskId);
  }
  return new Set(moved.begun);
}

/** What failed, or waits for another try, is missing at the target. (What has arrived, or is not to be there, the statement itself forgets.) */
async function noteMisses(tx: Tx, taskId: string, ended: readonly TransferEnd[]): Promise<void> {
  const missing = ended
    .filter(({ result: { kind } }) => kind === "failed" || kind === "retry")
    .map(({ transfer }) => transfer.id);
  if (missing.length > 0) {
    await missTransfers(tx, taskId, sql`t.id = any (${sql.param(missing)}::uuid[])`);
  }
}
