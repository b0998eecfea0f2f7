import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { AppError } from "../errors.ts";
import { ACTIVE_TASK_STATUSES, OPEN_TASK_STATUSES, type TaskStatus } from "../schemas/task.ts";
import { sendJobs } from "./boss.ts";
import { announceTask } from "./live.ts";
import { PURGE, type PurgeJob } from "./queues.ts";
import { taskStatusesBefore } from "./states.ts";
import { missUntried } from "./target-misses.ts";

/**
 * Stops a task. One that waits has ended when this returns; one at work is marked, and its jobs see that within 2 s,
 * break off in mid-blob and end it. Stopping twice, or what has ended, changes nothing.
 *
 * @returns the status the task has now
 * @throws {AppError} NOT_FOUND
 */
export async function stopTask(
  tx: Tx,
  { taskId, userId }: { taskId: string; userId: string | null },
): Promise<{ status: TaskStatus }> {
  const [task] = await tx
    .select({ status: tasks.status, scope: tasks.scope, ruleId: tasks.ruleId })
    .from(tasks)
    .where(eq(tasks.id, taskId))
    .for("no key update");
  if (!task) {
    throw new AppError("NOT_FOUND", "not-found");
  }
  const request = { stopRequestedAt: sql`now()`, stoppedBy: userId, updatedAt: sql`now()` };
  if (task.status === "pending") {
    await tx
      .update(tasks)
      .set({ ...request, status: "stopped", endedAt: sql`now()` })
      .where(and(eq(tasks.id, taskId), inArray(tasks.status, taskStatusesBefore("stopped"))));
    await missUntried(
      tx,
      { id: taskId, scope: task.scope },
      sql`select id from rule_targets where rule_id = ${task.ruleId} and paused_at is null`,
    );
  } else {
    await tx
      .update(tasks)
      .set(request)
      .where(
        and(
          eq(tasks.id, taskId),
          inArray(tasks.status, [...ACTIVE_TASK_STATUSES]),
          isNull(tasks.stopRequestedAt),
        ),
      );
  }
  await announceTask(tx, taskId);
  return { status: task.status === "pending" ? "stopped" : task.status };
}

/**
 * Deletes a rule. From this transaction on its tasks are there for nobody: an open one has ended, its jobs see that within 2 s
 * and break off, and not one of their writes lands any more. The rows themselves go behind it (lib/jobs/purge-job.ts), so this
 * takes as long for a rule with 50,000 tasks as for one with none.
 *
 * @returns false when there is no such rule
 */
export async function deleteRule(tx: Tx, ruleId: string): Promise<boolean> {
  // Every writer of a task holds its rule's key first (fence.ts): waiting here, before any task, cannot deadlock.
  const [rule] = await tx.select({ id: rules.id }).from(rules).where(eq(rules.id, ruleId)).for("update");
  if (!rule) {
    return false;
  }
  await tx
    .update(tasks)
    .set({ status: "stopped", stopRequestedAt: sql`now()`, endedAt: sql`now()`, updatedAt: sql`now()` })
    .where(and(eq(tasks.ruleId, ruleId), inArray(tasks.status, [...OPEN_TASK_STATUSES])));
  await tx.delete(rules).where(eq(rules.id, ruleId));
  await sendJobs(tx, PURGE, [{ data: { ruleId } satisfies PurgeJob }]);
  return true;
}
