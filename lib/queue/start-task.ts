import { and, eq, inArray, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Tx } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { rules } from "../db/schema/rules.ts";
import { taskJoins, tasks } from "../db/schema/tasks.ts";
import { AppError } from "../errors.ts";
import { ACTIVE_TASK_STATUSES, type TaskScope, type Trigger } from "../schemas/task.ts";
import { deeper, type VerifyDepth } from "../schemas/verify-words.ts";
import { sendJobs } from "./boss.ts";
import { announceTask } from "./live.ts";
import { SCAN } from "./queues.ts";
import { uniteScopes } from "./scope.ts";

export interface StartTaskInput {
  ruleId: string;
  trigger: Trigger;
  scope: TaskScope;
  /** Who triggered; null for events, schedules and follow-ups. */
  userId: string | null;
  /** The ended task whose failed transfers are tried again. */
  retryOf?: string;
  /** It proves what it brings; left out: as its rule says. */
  verify?: VerifyDepth | null;
}

export interface StartedTask {
  taskId: string;
  /** `#1042`, counted a source instance. */
  number: number;
  /** True when the trigger joined the task of the rule that was waiting already (已合并). */
  joined: boolean;
}

/**
 * The only place that creates a task. In the caller's transaction it locks the rule, then joins the rule's pending task
 * or inserts one under the next number of its source instance, and sends the scan unless a task of the rule is at work:
 * that one sends it when it ends (settle-task.ts). The unique indexes of `tasks` hold whatever happens.
 * It asks neither who triggers nor whether the rule is enabled: that is the caller's.
 *
 * @throws {AppError} NOT_FOUND when there is no such rule
 */
export async function startTask(tx: Tx, input: StartTaskInput): Promise<StartedTask> {
  const rule = await lockRule(tx, input.ruleId);
  const started = (await joinPending(tx, input)) ?? (await insertPending(tx, input, rule.sourceInstanceId));
  await announceTask(tx, started.taskId);
  return started;
}

async function lockRule(tx: Tx, ruleId: string): Promise<{ sourceInstanceId: string }> {
  const [rule] = await tx
    .select({ sourceInstanceId: rules.sourceInstanceId })
    .from(rules)
    .where(eq(rules.id, ruleId))
    .for("no key update");
  if (!rule) {
    throw new AppError("NOT_FOUND", "not-found");
  }
  return rule;
}

async function joinPending(tx: Tx, input: StartTaskInput): Promise<StartedTask | null> {
  const [pending] = await tx
    .select({ id: tasks.id, number: tasks.number, scope: tasks.scope, verify: tasks.verify })
    .from(tasks)
    .where(and(eq(tasks.ruleId, input.ruleId), eq(tasks.status, "pending")))
    .for("update");
  if (!pending) {
    return null;
  }
  await tx
    .update(tasks)
    .set({
      scope: uniteScopes(pending.scope, input.scope),
      verify: deeper(pending.verify, input.verify ?? null),
      updatedAt: sql`now()`,
    })
    .where(eq(tasks.id, pending.id));
  await tx
    .insert(taskJoins)
    .values({ id: uuidv7(), taskId: pending.id, trigger: input.trigger, userId: input.userId });
  return { taskId: pending.id, number: pending.number, joined: true };
}

async function insertPending(tx: Tx, input: StartTaskInput, sourceInstanceId: string): Promise<StartedTask> {
  const [counter] = await tx
    .update(instances)
    .set({ taskCounter: sql`${instances.taskCounter} + 1` })
    .where(eq(instances.id, sourceInstanceId))
    .returning({ number: instances.taskCounter });
  if (!counter) {
    throw new AppError("NOT_FOUND", "not-found");
  }
  const taskId = uuidv7();
  await tx.insert(tasks).values({
    id: taskId,
    number: counter.number,
    ruleId: input.ruleId,
    sourceInstanceId,
    trigger: input.trigger,
    triggeredBy: input.userId,
    scope: input.scope,
    retryOf: input.retryOf ?? null,
    verify: input.verify ?? null,
  });
  const [active] = await tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.ruleId, input.ruleId), inArray(tasks.status, [...ACTIVE_TASK_STATUSES])));
  if (!active) {
    await sendScan(tx, taskId);
  }
  return { taskId, number: counter.number, joined: false };
}

/** Sends the scan of a pending task. */
export async function sendScan(tx: Tx, taskId: string): Promise<void> {
  await sendJobs(tx, SCAN, [{ data: { taskId }, group: { id: taskId } }]);
}
