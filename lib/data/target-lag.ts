import "server-only";
import { and, eq, inArray, sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { targetResults } from "../db/schema/lag.ts";
import { tasks } from "../db/schema/tasks.ts";
import { matchesEvent } from "../events/rule-matching.ts";
import { type MissingTag, MORE_MISSING, type RuleRow, type TargetState } from "../schemas/rule.ts";
import { owed } from "./owed.ts";

/** Events that wait are looked through so far: normally a worker takes them within a moment. */
const EVENTS_READ = 1_000;

/** Where each target of a rule that the caller may see stands, in their order. */
export async function targetStates(rule: RuleRow): Promise<TargetState[]> {
  const ids = rule.targets.map(({ id }) => id);
  const [results, missed, owing, waiting] = await Promise.all([
    resultsOf(ids),
    oldestMisses(ids),
    oldestOwed(rule.id),
    oldestEvent(rule),
  ]);
  return rule.targets.map(({ id, paused }) => {
    const stored = missed.get(id);
    // Of equals the one that is on its way again: sorting keeps the order.
    const found = [owing.get(id), stored?.oldest, paused ? null : waiting].filter((tag) => tag != null);
    const [oldest] = found.sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
    const isStored = oldest?.repository === stored?.oldest.repository && oldest?.tag === stored?.oldest.tag;
    const others = (stored?.count ?? 0) - (isStored ? 1 : 0);
    return {
      targetId: id,
      result: results.get(id)?.result ?? null,
      succeededAt: results.get(id)?.succeededAt ?? null,
      missing: oldest ? { ...oldest, more: Math.max(0, others) } : null,
    };
  });
}

type Oldest = Omit<MissingTag, "more">;

interface MissRecord extends Record<string, unknown> {
  rule_target_id: string;
  repository: string;
  tag: string;
  since: Date | string;
  transfer_id: string | null;
  task_id: string | null;
}

const oldestOf = (row: MissRecord): Oldest => ({
  repository: row.repository,
  tag: row.tag,
  since: new Date(row.since).toISOString(),
  transferId: row.transfer_id,
  taskId: row.task_id,
});

async function resultsOf(ids: readonly string[]) {
  const rows = await database()
    .select({ result: targetResults, number: tasks.number })
    .from(targetResults)
    .leftJoin(tasks, eq(tasks.id, targetResults.taskId))
    .where(inArray(targetResults.ruleTargetId, [...ids]));
  return new Map(
    rows.map(
      ({ result: { ruleTargetId, taskId, status, endedAt, failed, stopped, succeededAt }, number }) => [
        ruleTargetId,
        {
          result: { taskId, number, status, endedAt: endedAt.toISOString(), failed, stopped },
          succeededAt: succeededAt?.toISOString() ?? null,
        },
      ],
    ),
  );
}

/** Two steps of an index for each target; what tried to bring a tag is named while it is still there. */
async function oldestMisses(ids: readonly string[]): Promise<Map<string, { oldest: Oldest; count: number }>> {
  const { rows } = await database().execute<MissRecord & { n: number }>(sql`
    select target.id as rule_target_id, m.repository, m.tag, m.known_at as since, t.id as transfer_id, k.id as task_id,
           (select count(*)::int from (
             select from target_misses where rule_target_id = target.id limit ${MORE_MISSING + 1}) as missed) as n
    from unnest(${sql.param([...ids])}::uuid[]) as target (id)
    cross join lateral (
      select * from target_misses where rule_target_id = target.id order by known_at limit 1) m
    left join transfers t on t.id = m.transfer_id
    left join tasks k on k.id = m.task_id`);
  return new Map(rows.map((row) => [row.rule_target_id, { oldest: oldestOf(row), count: row.n }]));
}

async function oldestOwed(ruleId: string): Promise<Map<string, Oldest>> {
  const { rows } = await database().execute<MissRecord>(sql`
    select distinct on (rule_target_id) * from (${owed(sql`k.rule_id = ${ruleId}`)}) as owed
    order by rule_target_id, since`);
  return new Map(rows.map((row) => [row.rule_target_id, oldestOf(row)]));
}

/** The oldest event that no worker has taken yet and that will start this rule. */
async function oldestEvent(rule: RuleRow): Promise<Oldest | null> {
  if (!rule.enabled || !rule.onEvent) {
    return null;
  }
  const rows = await database()
    .select({ repository: events.repository, tag: events.tag, at: events.receivedAt })
    .from(events)
    .where(
      and(
        eq(events.state, "accepted"),
        eq(events.instanceId, rule.sourceInstance.id),
        eq(events.action, "push"),
      ),
    )
    .orderBy(events.id)
    .limit(EVENTS_READ);
  for (const { repository, tag, at } of rows) {
    if (repository !== null && tag !== null && matchesEvent(rule, repository, tag)) {
      return { repository, tag, since: at.toISOString(), transferId: null, taskId: null };
    }
  }
  return null;
}
