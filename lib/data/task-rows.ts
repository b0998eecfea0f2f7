import "server-only";
import { eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { codeWithoutWords } from "../schemas/failure-key.ts";
import { narrowingOf } from "../schemas/narrowing.ts";
import {
  ACTIVE_TASK_STATUSES,
  type FailureFact,
  type TaskCounters,
  type TaskRow,
  type TaskStatus,
} from "../schemas/task.ts";
import { among } from "./among.ts";
import { nameOf, namesOf, type TaskNames } from "./task-names.ts";
import { pacesOf, speedsOf } from "./task-pace.ts";
import { queuesOf } from "./task-queue.ts";
import { holds } from "./visibility.ts";

const NO_KEY = sql<string[]>`array[]::text[]`;

interface TaskStatement {
  where: SQL | undefined;
  orderBy: SQL;
  limit: number;
  key?: SQL<string[]>;
  /** Of tasks at work the speed alone: a list without time left need not work it out. */
  speedOnly?: boolean;
  /** False: the instances between which they copy go by no name. */
  ends?: boolean;
}

/**
 * Tasks with everything a row names, in the order asked for. The caller's `where` says which the actor sees. What rows name is looked up
 * beside them, most of it once for all: a join for each took longer to plan than to run.
 */
export async function selectTasks(
  actor: Actor,
  statement: TaskStatement,
): Promise<{ key: string[]; row: TaskRow }[]> {
  const rows = await database()
    .select({
      key: statement.key ?? NO_KEY,
      task: tasks,
      ruleName: rules.name,
      ruleNamespace: rules.sourceNamespace,
    })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .where(statement.where)
    .orderBy(statement.orderBy)
    .limit(statement.limit);
  const active = idsOf(rows, ACTIVE_TASK_STATUSES);
  const [named, paces, queues] = await Promise.all([
    namesOf(
      rows.map((row) => row.task),
      { ends: statement.ends ?? true },
    ),
    statement.speedOnly ? speedsOf(active) : pacesOf(active),
    queuesOf(idsOf(rows, ["pending"])),
  ]);
  return rows.map(({ key, ...row }) => ({
    key,
    row: taskRow(actor, row, named, {
      pace: paces.get(row.task.id) ?? null,
      queue: queues.get(row.task.id) ?? null,
    }),
  }));
}

function idsOf(rows: readonly { task: StoredTask }[], statuses: readonly TaskStatus[]): string[] {
  return rows.filter(({ task }) => statuses.includes(task.status)).map(({ task }) => task.id);
}

type StoredTask = typeof tasks.$inferSelect;

function taskRow(
  actor: Actor,
  { task, ruleName, ruleNamespace }: { task: StoredTask; ruleName: string; ruleNamespace: string },
  named: TaskNames,
  { pace, queue }: Pick<TaskRow, "pace" | "queue">,
): TaskRow {
  const targets = named.targets.get(task.id) ?? [];
  const personOf = (id: string | null) => (id === null ? null : (named.people.get(id) ?? null));
  const retried = task.retryOf ? named.origins.get(task.retryOf) : undefined;
  return {
    id: task.id,
    number: task.number,
    ruleId: task.ruleId,
    ruleName,
    sourceInstance: nameOf(named.instances, task.sourceInstanceId),
    targets,
    sourceNamespace: task.rule?.sourceNamespace ?? ruleNamespace,
    narrowing: narrowingOf(task.rule),
    trigger: task.trigger,
    triggeredBy: personOf(task.triggeredBy),
    status: task.status,
    createdAt: task.createdAt.toISOString(),
    claimedAt: task.claimedAt?.toISOString() ?? null,
    endedAt: task.endedAt?.toISOString() ?? null,
    scanEndedAt: task.scanEndedAt?.toISOString() ?? null,
    stopRequestedAt: task.stopRequestedAt?.toISOString() ?? null,
    stoppedBy: personOf(task.stoppedBy),
    retryOf: task.retryOf && retried !== undefined ? { id: task.retryOf, number: retried } : null,
    verify: task.verify,
    waiting: task.waitingUntil
      ? {
          until: task.waitingUntil.toISOString(),
          reason: task.waitingReason ?? "rate-limit",
          instanceName: task.waitingInstanceId ? nameOf(named.instances, task.waitingInstanceId).name : "—",
        }
      : null,
    failure: shownFailure(actor, task.failure, {
      source: [task.sourceInstanceId],
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

/**
 * Last task of each rule.
 * @param ends false where the rule itself says between which instances it copies: one statement less, after all others
 */
export async function lastTasks(
  actor: Actor,
  taskIds: string[],
  { ends = true } = {},
): Promise<Map<string, TaskRow>> {
  if (taskIds.length === 0) {
    return new Map();
  }
  const rows = await selectTasks(actor, {
    where: among(tasks.id, taskIds),
    orderBy: sql`${tasks.id}`,
    limit: taskIds.length,
    speedOnly: true,
    ends,
  });
  return new Map(rows.map(({ row }) => [row.ruleId, row]));
}
