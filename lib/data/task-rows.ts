import "server-only";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { codeWithoutWords } from "../schemas/failure-key.ts";
import { narrowingOf } from "../schemas/narrowing.ts";
import {
  ACTIVE_TASK_STATUSES,
  type FailureFact,
  type InstanceName,
  type TaskCounters,
  type TaskRow,
  type TaskStatus,
  type TaskTarget,
} from "../schemas/task.ts";
import { pacesOf } from "./task-pace.ts";
import { queuesOf } from "./task-queue.ts";
import { holds } from "./visibility.ts";

const source = alias(instances, "source_instance");
const waitingFor = alias(instances, "waiting_instance");
const starter = alias(users, "starter");
const stopper = alias(users, "stopper");
const origin = alias(tasks, "origin");

const NO_KEY = sql<string[]>`array[]::text[]`;

/** Tasks with everything a row names, in the order asked for. The caller's `where` says which the actor sees. */
export async function selectTasks(
  actor: Actor,
  statement: { where: SQL | undefined; orderBy: SQL; limit: number; key?: SQL<string[]> },
): Promise<{ key: string[]; row: TaskRow }[]> {
  const rows = await database()
    .select({
      key: statement.key ?? NO_KEY,
      task: tasks,
      ruleName: rules.name,
      ruleNamespace: rules.sourceNamespace,
      source: { id: source.id, name: source.name },
      triggeredBy: starter.username,
      stoppedBy: stopper.username,
      waitingFor: waitingFor.name,
      retryOfNumber: origin.number,
    })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .innerJoin(source, eq(source.id, tasks.sourceInstanceId))
    .leftJoin(starter, eq(starter.id, tasks.triggeredBy))
    .leftJoin(stopper, eq(stopper.id, tasks.stoppedBy))
    .leftJoin(waitingFor, eq(waitingFor.id, tasks.waitingInstanceId))
    .leftJoin(origin, eq(origin.id, tasks.retryOf))
    .where(statement.where)
    .orderBy(statement.orderBy)
    .limit(statement.limit);
  const [targets, paces, queues] = await Promise.all([
    targetsOf(rows.map((row) => row.task)),
    pacesOf(idsOf(rows, ACTIVE_TASK_STATUSES)),
    queuesOf(idsOf(rows, ["pending"])),
  ]);
  return rows.map((row) => ({
    key: row.key,
    row: taskRow(actor, row, {
      targets: targets.get(row.task.id) ?? [],
      pace: paces.get(row.task.id) ?? null,
      queue: queues.get(row.task.id) ?? null,
    }),
  }));
}

function idsOf(rows: readonly { task: StoredTask }[], statuses: readonly TaskStatus[]): string[] {
  return rows.filter(({ task }) => statuses.includes(task.status)).map(({ task }) => task.id);
}

type StoredTask = typeof tasks.$inferSelect;

/** Where each task copies to: as it was when the task started, or, while it waits, as the rule is now. */
async function targetsOf(stored: StoredTask[]): Promise<Map<string, TaskTarget[]>> {
  const waiting = [...new Set(stored.filter((task) => !task.rule).map((task) => task.ruleId))];
  const current =
    waiting.length === 0
      ? []
      : await database()
          .select()
          .from(ruleTargets)
          .where(inArray(ruleTargets.ruleId, waiting))
          .orderBy(ruleTargets.id);
  const places = stored.map((task) => ({
    taskId: task.id,
    targets: task.rule?.targets ?? current.filter((target) => target.ruleId === task.ruleId),
  }));
  const names = await instanceNames(
    places.flatMap(({ targets }) => targets.map((target) => target.instanceId)),
  );
  return new Map(
    places.map(({ taskId, targets }) => [
      taskId,
      targets.map(({ instanceId, namespace }) => ({ instance: nameOf(names, instanceId), namespace })),
    ]),
  );
}

/** Names of instances by id. A name is shown to whoever sees the rule, more only with view. */
export async function instanceNames(ids: readonly string[]): Promise<Map<string, InstanceName>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await database()
    .select({ id: instances.id, name: instances.name })
    .from(instances)
    .where(inArray(instances.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** An instance that was deleted after a task had copied to it has no name any more. */
function nameOf(names: Map<string, InstanceName>, id: string): InstanceName {
  return names.get(id) ?? { id, name: "—" };
}

function taskRow(
  actor: Actor,
  row: {
    task: StoredTask;
    ruleName: string;
    ruleNamespace: string;
    source: InstanceName;
    triggeredBy: string | null;
    stoppedBy: string | null;
    waitingFor: string | null;
    retryOfNumber: number | null;
  },
  { targets, pace, queue }: Pick<TaskRow, "targets" | "pace" | "queue">,
): TaskRow {
  const { task } = row;
  return {
    id: task.id,
    number: task.number,
    ruleId: task.ruleId,
    ruleName: row.ruleName,
    sourceInstance: row.source,
    targets,
    sourceNamespace: task.rule?.sourceNamespace ?? row.ruleNamespace,
    narrowing: narrowingOf(task.rule),
    trigger: task.trigger,
    triggeredBy: row.triggeredBy,
    status: task.status,
    createdAt: task.createdAt.toISOString(),
    claimedAt: task.claimedAt?.toISOString() ?? null,
    endedAt: task.endedAt?.toISOString() ?? null,
    scanEndedAt: task.scanEndedAt?.toISOString() ?? null,
    stopRequestedAt: task.stopRequestedAt?.toISOString() ?? null,
    stoppedBy: row.stoppedBy,
    retryOf:
      task.retryOf && row.retryOfNumber !== null ? { id: task.retryOf, number: row.retryOfNumber } : null,
    verify: task.verify,
    waiting: task.waitingUntil
      ? {
          until: task.waitingUntil.toISOString(),
          reason: task.waitingReason ?? "rate-limit",
          instanceName: row.waitingFor ?? "—",
        }
      : null,
    failure: shownFailure(actor, task.failure, {
      source: [row.source.id],
      target: targets.map((target) => target.instance.id),
    }),
    closestName: task.closestName,
    counters: counters(task),
    pace,
    queue,
  };
}

function counters(task: StoredTask): TaskCounters {
  return {
    repositoriesScanned: task.repositoriesScanned,
    tagsScanned: task.tagsScanned,
    repositories: task.repositories,
    total: task.transfersTotal,
    running: task.transfersRunning,
    copied: task.transfersCopied,
    upToDate: task.transfersUpToDate,
    skipped: task.transfersSkipped,
    failed: task.transfersFailed,
    stopped: task.transfersStopped,
    bytesTotal: task.bytesTotal,
    bytesCopied: task.bytesCopied,
    bytesMounted: task.bytesMounted,
    bytesSkipped: task.bytesSkipped,
    verified: task.transfersVerified,
    repaired: task.transfersRepaired,
    unproven: task.transfersUnproven,
    contentsVerified: task.contentsVerified,
    bytesVerified: task.bytesVerified,
  };
}

/**
 * A failure as the actor may see it: what the registry at an end without view said, and under which address, is more
 * than that instance's name. What it came to, a full quota say, is not: that decides what to do.
 */
export function shownFailure(
  actor: Actor,
  failure: FailureFact | null,
  ends: { source: readonly string[]; target: readonly string[] },
): FailureFact | null {
  if (!failure) {
    return null;
  }
  const touched = failure.side === null ? [...ends.source, ...ends.target] : ends[failure.side];
  const viewed = touched.every((id) => holds(actor.view, id));
  return viewed
    ? failure
    : { ...failure, code: codeWithoutWords(failure), registryMessage: null, request: null, requestId: null };
}

/** Last task of each rule. */
export async function lastTasks(actor: Actor, taskIds: string[]): Promise<Map<string, TaskRow>> {
  if (taskIds.length === 0) {
    return new Map();
  }
  const rows = await selectTasks(actor, {
    where: and(inArray(tasks.id, taskIds)),
    orderBy: sql`${tasks.id}`,
    limit: taskIds.length,
  });
  return new Map(rows.map(({ row }) => [row.ruleId, row]));
}
