import "server-only";
import { and, eq, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { users } from "../db/schema/people.ts";
import { rules } from "../db/schema/rules.ts";
import { taskJoins as joins, tasks } from "../db/schema/tasks.ts";
import { AppError } from "../errors.ts";
import { retryFailed as retryFailedTransfers } from "../queue/retry-failed.ts";
import type { StartedTask } from "../queue/start-task.ts";
import { stopTask as requestStop } from "../queue/stop-task.ts";
import type { Activity, Instant, TaskRow, TaskStatus, Trigger } from "../schemas/task.ts";
import { recordAudit } from "./audit.ts";
import { COUNT_LIMIT } from "./cursor.ts";
import { once } from "./submissions.ts";
import { pacesOf } from "./task-pace.ts";
import { selectTasks } from "./task-rows.ts";
import { withTargetCounts } from "./task-targets.ts";
import { withThrottle } from "./task-throttle.ts";
import { heldAt, notFound, requireId, taskVisible } from "./visibility.ts";
import { visibleTask } from "./visible-task.ts";

/** @throws {AppError} NOT_FOUND */
export async function getTask(actor: Actor, taskId: string): Promise<TaskRow> {
  const [found] = await selectTasks(actor, {
    where: and(eq(tasks.id, requireId(taskId)), taskVisible(actor)),
    orderBy: sql`${tasks.id}`,
    limit: 1,
  });
  if (!found) {
    throw notFound();
  }
  return found.row;
}

/** … with what it came to at each of its targets. @throws {AppError} NOT_FOUND */
export async function getTaskDetail(actor: Actor, taskId: string): Promise<TaskRow> {
  return withThrottle(actor, await withTargetCounts(await getTask(actor, taskId)));
}

/** A trigger that joined a task while it waited (已合并). */
export interface TaskJoinRow {
  id: string;
  at: Instant;
  trigger: Trigger;
  by: string | null;
}

const JOINS_SHOWN = 50;

/** The last joins of a task, newest first. @throws {AppError} NOT_FOUND */
export async function taskJoins(actor: Actor, taskId: string): Promise<TaskJoinRow[]> {
  await visibleTask(actor, taskId);
  const rows = await database()
    .select({ id: joins.id, at: joins.at, trigger: joins.trigger, by: users.username })
    .from(joins)
    .leftJoin(users, eq(users.id, joins.userId))
    .where(eq(joins.taskId, taskId))
    .orderBy(sql`${joins.id} desc`)
    .limit(JOINS_SHOWN);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Stops a task; one that has ended stays as it is. @throws {AppError} NOT_FOUND */
export function stopTask(actor: Actor<"task:stop">, taskId: string): Promise<{ status: TaskStatus }> {
  return database().transaction(async (tx) => {
    const task = await heldTask(tx, actor, taskId);
    const stopped = await requestStop(tx, { taskId, userId: actor.user.id });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: task.subject,
      changes: { status: { before: task.status, after: "stopped" } },
    });
    return stopped;
  });
}

/** 仅重试失败项: a new task. @throws {AppError} NOT_FOUND; CONFLICT rule-disabled, task-still-open, nothing-failed */
export function retryFailed(actor: Actor<"task:retry">, taskId: string): Promise<StartedTask> {
  return once(actor, async (tx) => {
    const task = await heldTask(tx, actor, taskId);
    if (!task.ruleEnabled) {
      throw new AppError("CONFLICT", "rule-disabled");
    }
    const started = await retryFailedTransfers(tx, { taskId, userId: actor.user.id });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: task.subject,
      changes: { retriedAs: { after: started.number } },
    });
    return started;
  });
}

/** The speed of so many tasks is added up; more do not run at a time. */
const PACED = 64;

/** How many tasks are at work, of those the actor sees, and how fast all together. */
export async function activity(actor: Actor): Promise<Activity> {
  const open = await database()
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(sql`${tasks.status} in ('scanning', 'running')`, taskVisible(actor)))
    .limit(COUNT_LIMIT);
  const paces = await pacesOf(open.slice(0, PACED).map(({ id }) => id));
  const speeds = [...paces.values()].flatMap(({ bytesPerSecond }) => bytesPerSecond ?? []);
  return {
    running: open.length,
    bytesPerSecond: speeds.length > 0 ? speeds.reduce((sum, speed) => sum + speed, 0) : null,
  };
}

async function heldTask(tx: Tx, actor: Actor<"task:stop" | "task:retry">, taskId: string) {
  const [task] = await tx
    .select({ number: tasks.number, status: tasks.status, ruleName: rules.name, ruleEnabled: rules.enabled })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .where(and(eq(tasks.id, requireId(taskId)), heldAt(tasks.sourceInstanceId, actor.holds)));
  if (!task) {
    throw notFound();
  }
  return {
    status: task.status,
    ruleEnabled: task.ruleEnabled,
    subject: { kind: "task", id: taskId, name: `${task.ruleName} #${task.number}` },
  };
}
