import "server-only";
import { eq, sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { TargetCounts, TaskRow } from "../schemas/task.ts";
import { TaskMemory } from "./task-memory.ts";

/**
 * A task with what it came to at each of its targets, where it has several: with one its own counters tell. Counted from the
 * transfers when somebody looks, since counters of each target would be one more write a transfer.
 */
export async function withTargetCounts(row: TaskRow): Promise<TaskRow> {
  if (row.targets.length < 2) {
    return row;
  }
  const { order, counts } = await COUNTED.of(row);
  return {
    ...row,
    targets: row.targets.map((target, index) => ({
      ...target,
      counts: counts.get(order[index] ?? "") ?? {},
    })),
  };
}

const COUNTED = new TaskMemory(async (taskId) => {
  const [order, counts] = await Promise.all([targetIdsOf(taskId), countsOf(taskId)]);
  return { order, counts };
});

/** Ids of a task's targets, in the order of its row. */
async function targetIdsOf(taskId: string): Promise<string[]> {
  const [task] = await database()
    .select({ rule: tasks.rule, ruleId: tasks.ruleId })
    .from(tasks)
    .where(eq(tasks.id, taskId));
  if (!task || task.rule) {
    return (task?.rule?.targets ?? []).map(({ ruleTargetId }) => ruleTargetId);
  }
  const current = await database()
    .select({ id: ruleTargets.id })
    .from(ruleTargets)
    .where(eq(ruleTargets.ruleId, task.ruleId))
    .orderBy(ruleTargets.id);
  return current.map((target) => target.id);
}

async function countsOf(taskId: string): Promise<Map<string, TargetCounts>> {
  const rows = await database()
    .select({ target: transfers.ruleTargetId, status: transfers.status, n: sql<number>`count(*)::int` })
    .from(transfers)
    .where(eq(transfers.taskId, taskId))
    .groupBy(transfers.ruleTargetId, transfers.status);
  const counts = new Map<string, TargetCounts>();
  for (const { target, status, n } of rows) {
    counts.set(target, { ...counts.get(target), [status]: n });
  }
  return counts;
}
