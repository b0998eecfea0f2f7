import { eq, sql } from "drizzle-orm";
import type { Executor } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";

/** Tells the pages that show this task. Its targets are those it started with, or those of the rule while it waits. */
export async function announceTask(executor: Executor, taskId: string): Promise<void> {
  const [task] = await executor
    .select({
      ruleId: tasks.ruleId,
      sourceInstanceId: tasks.sourceInstanceId,
      rule: tasks.rule,
      current: sql<string[]>`array(
        select distinct ${ruleTargets.instanceId}::text from ${ruleTargets} where ${ruleTargets.ruleId} = ${tasks.ruleId}
      )`,
    })
    .from(tasks)
    .where(eq(tasks.id, taskId));
  if (!task) {
    return;
  }
  await notifyLive(executor, {
    kind: "task",
    taskId,
    ruleId: task.ruleId,
    sourceInstanceId: task.sourceInstanceId,
    targetInstanceIds: task.rule
      ? [...new Set(task.rule.targets.map((target) => target.instanceId))]
      : task.current,
  });
}
