import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { targetResults } from "../db/schema/lag.ts";
import type { tasks } from "../db/schema/tasks.ts";
import type { TransferStatus } from "../schemas/task.ts";
import { endStatus } from "./end-status.ts";
import { missNothingGone, missUntried } from "./target-misses.ts";

type EndedTask = typeof tasks.$inferSelect;

interface TargetCounts {
  copied: number;
  upToDate: number;
  skipped: number;
  failed: number;
  stopped: number;
}

/** Notes what a task that ends now came to at each of its targets, and which of what it knew of is still missing there. */
export async function noteResults(tx: Tx, task: EndedTask): Promise<void> {
  const targetIds = (task.rule?.targets ?? []).map(({ ruleTargetId }) => ruleTargetId);
  if (targetIds.length === 0) {
    return;
  }
  const cameToItsEnd = task.failure === null && task.stopRequestedAt === null;
  if (cameToItsEnd) {
    await missNothingGone(tx, task, targetIds);
  } else {
    await missUntried(tx, task, sql`select unnest(${sql.param(targetIds)}::uuid[])`);
  }
  const counts = await countsOf(tx, task, targetIds);
  const rows = targetIds.flatMap((ruleTargetId) => {
    const here = counts.get(ruleTargetId);
    return here || task.scope.kind === "rule" || !cameToItsEnd
      ? [resultOf(task, ruleTargetId, here ?? NOTHING)]
      : [];
  });
  if (rows.length > 0) {
    await tx
      .insert(targetResults)
      .values(rows)
      .onConflictDoUpdate({ target: targetResults.ruleTargetId, set: NEWER });
  }
}

const NOTHING: TargetCounts = { copied: 0, upToDate: 0, skipped: 0, failed: 0, stopped: 0 };

function resultOf(task: EndedTask, ruleTargetId: string, counts: TargetCounts) {
  const { copied, upToDate, skipped, failed, stopped } = counts;
  const status = endStatus({
    stopRequestedAt: task.stopRequestedAt,
    failure: task.failure,
    transfersTotal: copied + upToDate + skipped + failed + stopped,
    transfersCopied: copied,
    transfersUpToDate: upToDate,
    transfersFailed: failed,
  });
  const whole = task.scope.kind === "rule" && (status === "succeeded" || status === "nothing-matched");
  return {
    ruleTargetId,
    taskId: task.id,
    status,
    endedAt: sql`now()`,
    ...counts,
    succeededAt: status === "succeeded" ? sql`now()` : null,
    wholeAt: whole ? sql`now()` : null,
  };
}

const NEWER = {
  taskId: sql`excluded.task_id`,
  status: sql`excluded.status`,
  endedAt: sql`excluded.ended_at`,
  copied: sql`excluded.copied`,
  upToDate: sql`excluded.up_to_date`,
  skipped: sql`excluded.skipped`,
  failed: sql`excluded.failed`,
  stopped: sql`excluded.stopped`,
  succeededAt: sql`coalesce(excluded.succeeded_at, ${targetResults.succeededAt})`,
  wholeAt: sql`coalesce(excluded.whole_at, ${targetResults.wholeAt})`,
};

/** Transfers of each target by how they ended; of a task with one target its own counters tell. */
async function countsOf(
  tx: Tx,
  task: EndedTask,
  targetIds: readonly string[],
): Promise<Map<string, TargetCounts>> {
  const [only, second] = targetIds;
  if (task.transfersTotal === 0) {
    return new Map();
  }
  if (only !== undefined && second === undefined) {
    const counts = {
      copied: task.transfersCopied,
      upToDate: task.transfersUpToDate,
      skipped: task.transfersSkipped,
      failed: task.transfersFailed,
      stopped: task.transfersStopped,
    };
    return new Map([[only, counts]]);
  }
  const { rows } = await tx.execute<{ id: string; status: TransferStatus; n: number }>(sql`
    select rule_target_id as id, status, count(*)::int as n from transfers where task_id = ${task.id} group by 1, 2`);
  const counts = new Map<string, TargetCounts>();
  for (const { id, status, n } of rows) {
    const of = status === "up-to-date" ? "upToDate" : status;
    counts.set(id, { ...(counts.get(id) ?? NOTHING), [of]: n });
  }
  return counts;
}
