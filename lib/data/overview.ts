import "server-only";
import { and, eq, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { HEALTH_STATUSES, type HealthStatus } from "../schemas/instance.ts";
import { type FailingRule, OVERVIEW_ROWS, type Overview } from "../schemas/overview.ts";
import { TASK_STATUSES, type TaskStatus } from "../schemas/task.ts";
import { COUNT_LIMIT } from "./cursor.ts";
import { getFirstSteps } from "./first-steps.ts";
import { instanceConcerns } from "./instance-feeds.ts";
import { instanceNames } from "./task-names.ts";
import { lastTasks, selectTasks } from "./task-rows.ts";
import { createdSince, dayAgo } from "./task-since.ts";
import { LAST_TASK } from "./topology.ts";
import { heldAt, ruleVisible, taskVisible } from "./visibility.ts";

/** The last 24 hours and how things stand. Nothing is counted over everything: tasks by their key, rules by their newest task. */
export async function getOverview(actor: Actor<"overview:view">): Promise<Overview> {
  const since = dayAgo();
  const [day, running, failing, health, concerns, paused, firstSteps] = await Promise.all([
    tasksSince(actor, since),
    runningTasks(actor),
    failingRules(actor),
    healthCounts(actor),
    instanceConcerns(actor),
    pausedRules(actor),
    getFirstSteps(actor),
  ]);
  return {
    since: since.toISOString(),
    ...day,
    running,
    failing,
    instances: health,
    concerns,
    paused,
    firstSteps,
  };
}

async function tasksSince(
  actor: Actor,
  since: Date,
): Promise<Pick<Overview, "tasks" | "tagsCopied" | "tagsUpToDate" | "bytesCopied">> {
  const rows = await database()
    .select({
      status: tasks.status,
      count: sql<number>`count(*)::int`,
      copied: sql<number>`sum(${tasks.transfersCopied})::float8`,
      upToDate: sql<number>`sum(${tasks.transfersUpToDate})::float8`,
      bytes: sql<number>`sum(${tasks.bytesCopied})::float8`,
    })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .where(and(createdSince(since), taskVisible(actor)))
    .groupBy(tasks.status);
  const total = (of: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    tasks: Object.fromEntries(
      TASK_STATUSES.map((status) => [status, rows.find((row) => row.status === status)?.count ?? 0]),
    ) as Record<TaskStatus, number>,
    tagsCopied: total(({ copied }) => copied),
    tagsUpToDate: total(({ upToDate }) => upToDate),
    bytesCopied: total(({ bytes }) => bytes),
  };
}

async function runningTasks(actor: Actor): Promise<Overview["running"]> {
  const where = and(sql`${tasks.status} in ('scanning', 'running')`, taskVisible(actor));
  const [rows, open] = await Promise.all([
    selectTasks(actor, { where, orderBy: sql`${tasks.id}`, limit: OVERVIEW_ROWS }),
    database().select({ id: tasks.id }).from(tasks).where(where).limit(COUNT_LIMIT),
  ]);
  return { rows: rows.map(({ row }) => row), count: open.length };
}

/** Rules that are on and whose newest task failed, wholly or in part: the latest first. */
async function failingRules(actor: Actor): Promise<Overview["failing"]> {
  const rows = await database()
    .select({
      id: rules.id,
      name: rules.name,
      sourceId: rules.sourceInstanceId,
      taskId: sql<string>`last_task.id`,
      count: sql<number>`(count(*) over ())::int`,
    })
    .from(rules)
    .innerJoin(LAST_TASK, sql`true`)
    .where(and(rules.enabled, sql`last_task.status in ('failed', 'partial')`, ruleVisible(actor)))
    .orderBy(sql`last_task.id desc`)
    .limit(OVERVIEW_ROWS);
  const [names, last] = await Promise.all([
    instanceNames(rows.map(({ sourceId }) => sourceId)),
    lastTasks(
      actor,
      rows.map(({ taskId }) => taskId),
    ),
  ]);
  return {
    count: rows[0]?.count ?? 0,
    rows: rows.flatMap(({ id, name, sourceId }): FailingRule[] => {
      const task = last.get(id);
      return task
        ? [
            {
              id,
              name,
              source: names.get(sourceId) ?? { id: sourceId, name: "—" },
              targets: task.targets.map(({ instance }) => instance),
              task,
            },
          ]
        : [];
    }),
  };
}

async function healthCounts(actor: Actor): Promise<Record<HealthStatus, number>> {
  const rows = await database()
    .select({ status: instances.healthStatus, count: sql<number>`count(*)::int` })
    .from(instances)
    .where(heldAt(instances.id, actor.view))
    .groupBy(instances.healthStatus);
  return Object.fromEntries(
    HEALTH_STATUSES.map((status) => [status, rows.find((row) => row.status === status)?.count ?? 0]),
  ) as Record<HealthStatus, number>;
}

async function pausedRules(actor: Actor): Promise<number> {
  const [row] = await database()
    .select({ count: sql<number>`count(distinct ${rules.id})::int` })
    .from(ruleTargets)
    .innerJoin(rules, eq(rules.id, ruleTargets.ruleId))
    .where(and(sql`${ruleTargets.pausedAt} is not null`, rules.enabled, ruleVisible(actor)));
  return row?.count ?? 0;
}
