import { eq, type SQL, sql } from "drizzle-orm";
import type { Executor } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";

/** Of a rule of the statement around it, named with its table: a bare column would be one of the targets' own. */
const targetsOf = (ruleId: SQL): SQL<string[]> => sql<string[]>`array(
  select distinct t.instance_id::text from rule_targets t where t.rule_id = ${ruleId} order by 1)`;

/** Tells the pages that show this task. Its targets are those it started with, or those of the rule while it waits. */
export async function announceTask(executor: Executor, taskId: string): Promise<void> {
  const [task] = await executor
    .select({
      ruleId: tasks.ruleId,
      sourceInstanceId: tasks.sourceInstanceId,
      rule: tasks.rule,
      current: targetsOf(sql`tasks.rule_id`),
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

/** Tells the pages that show what this rule deletes. */
export async function announceDeletions(executor: Executor, ruleId: string): Promise<void> {
  const [rule] = await executor
    .select({
      sourceInstanceId: rules.sourceInstanceId,
      targetInstanceIds: targetsOf(sql`rules.id`),
    })
    .from(rules)
    .where(eq(rules.id, ruleId));
  if (rule) {
    await notifyLive(executor, { kind: "deletion", ruleId, ...rule });
  }
}
