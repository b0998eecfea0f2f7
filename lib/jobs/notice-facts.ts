import { eq, inArray, sql } from "drizzle-orm";
import type { Executor } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { NoticeReason, TaskFacts } from "../schemas/notice-facts.ts";
import type { FailureFact } from "../schemas/task.ts";
import type { NoticeEvent, NoticeTaskStatus } from "../schemas/words.ts";

/** Reasons told of. */
const REASONS = 3;

/**
 * How a task ended. It never changes any more, so it is read when it is told of, not in the transaction that ends it, which holds
 * the task's row.
 * @returns null when the task, or its rule, is gone
 */
export async function taskFacts(db: Executor, taskId: string, event: NoticeEvent): Promise<TaskFacts | null> {
  const [row] = await db
    .select({ task: tasks, ruleName: rules.name, namespace: rules.sourceNamespace })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .where(eq(tasks.id, taskId));
  if (!row || row.task.endedAt === null) {
    return null;
  }
  const { task } = row;
  const targets = task.rule?.targets ?? (await currentTargets(db, task.ruleId));
  const names = await namesOf(db, [task.sourceInstanceId, ...targets.map(({ instanceId }) => instanceId)]);
  const instance = (id: string) => ({ id, name: names.get(id) ?? "—" });
  return {
    kind: "task",
    task: {
      id: task.id,
      number: task.number,
      status: task.status as NoticeTaskStatus,
      trigger: task.trigger,
      createdAt: task.createdAt.toISOString(),
      startedAt: task.claimedAt?.toISOString() ?? null,
      endedAt: task.endedAt?.toISOString() ?? task.updatedAt.toISOString(),
    },
    rule: { id: task.ruleId, name: task.rule?.name ?? row.ruleName },
    source: {
      instance: instance(task.sourceInstanceId),
      namespace: task.rule?.sourceNamespace ?? row.namespace,
    },
    targets: targets.map(({ instanceId, namespace }) => ({ instance: instance(instanceId), namespace })),
    result: {
      total: task.transfersTotal,
      copied: task.transfersCopied,
      upToDate: task.transfersUpToDate,
      skipped: task.transfersSkipped,
      failed: task.transfersFailed,
      stopped: task.transfersStopped,
      bytesCopied: task.bytesCopied,
    },
    ...(task.verify && task.transfersVerified + task.transfersUnproven > 0
      ? {
          verified: {
            whole: task.transfersVerified,
            repaired: task.transfersRepaired,
            incomplete: task.transfersUnproven,
          },
        }
      : {}),
    recovered: event === "task-recovered",
    reasons: [
      ...(task.failure ? [scanReason(task.failure, names.get(task.sourceInstanceId) ?? "—")] : []),
      ...(task.transfersFailed > 0 ? await transferReasons(db, task) : []),
    ],
  };
}

function currentTargets(db: Executor, ruleId: string) {
  return db
    .select({ instanceId: ruleTargets.instanceId, namespace: ruleTargets.namespace })
    .from(ruleTargets)
    .where(eq(ruleTargets.ruleId, ruleId));
}

async function namesOf(db: Executor, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .select({ id: instances.id, name: instances.name })
    .from(instances)
    .where(inArray(instances.id, [...new Set(ids)]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function scanReason(fact: FailureFact, instance: string): NoticeReason {
  return { count: 0, fact: { ...fact, side: fact.side ?? "source" }, instance, repository: null, tag: null };
}

interface ReasonRow extends Record<string, unknown> {
  count: number;
  reason: string;
  failure: FailureFact | null;
  target: string;
  repository: string;
  tag: string;
}

/** The most frequent reasons, each with the first transfer that failed for it. */
async function transferReasons(db: Executor, task: typeof tasks.$inferSelect): Promise<NoticeReason[]> {
  const { rows } = await db.execute<ReasonRow>(sql`
    select g.count, g.reason, t.failure, t.repository, t.tag,
      case when t.failure ->> 'side' = 'source' then s.name else i.name end as target
    from (
      select count(*)::int as count, (array_agg(id order by id))[1] as example,
        coalesce(reason, failure ->> 'code', 'UNKNOWN') as reason
      from transfers where task_id = ${task.id} and status = 'failed'
      group by coalesce(reason, failure ->> 'code', 'UNKNOWN'), failure ->> 'side', failure ->> 'httpStatus', target_instance_id
      order by count desc, example limit ${REASONS}
    ) g
    join transfers t on t.id = g.example
    join instances i on i.id = t.target_instance_id
    join instances s on s.id = ${task.sourceInstanceId}
    order by g.count desc, g.example`);
  return rows.map(({ count, reason, failure, target, repository, tag }) => ({
    count,
    fact: failure ?? { ...NO_FACT, code: reason },
    instance: target,
    repository,
    tag,
  }));
}

const NO_FACT = { side: null, httpStatus: null, registryMessage: null, request: null, digest: null } as const;
