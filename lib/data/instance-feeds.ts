import "server-only";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import type { FeedEnd, InstanceConcern, InstanceFeeds, RuleMention } from "../schemas/instance-health.ts";
import type { HealthStatus } from "../schemas/words.ts";
import { CREDENTIAL_OLD_DAYS } from "../schemas/words.ts";
import { heldAt, holds, ruleVisible } from "./visibility.ts";

interface EndRow extends Record<string, unknown> {
  direction: "out" | "in";
  id: string;
  name: string;
  health: HealthStatus;
  rules: number;
  off: number;
  /** Rules of this direction, over all ends. */
  total: number;
}

/** The other ends of an instance's rules, as far as the actor sees the rules; the busiest first. */
export async function instanceFeeds(actor: Actor, instanceId: string): Promise<InstanceFeeds> {
  const { rows } = await database().execute<EndRow>(sql`
    with pairs as (
      select ${rules.id} as rule_id, ${rules.sourceInstanceId} as source_id, ${ruleTargets.instanceId} as target_id,
        (not ${rules.enabled} or ${ruleTargets.pausedAt} is not null) as off
      from ${rules} join ${ruleTargets} on ${ruleTargets.ruleId} = ${rules.id}
      where (${rules.sourceInstanceId} = ${instanceId} or ${ruleTargets.instanceId} = ${instanceId})
        and ${ruleVisible(actor)}
    ), ends as (
      select 'out' as direction, target_id as id, rule_id, off from pairs where source_id = ${instanceId}
      union all
      select 'in', source_id, rule_id, off from pairs where target_id = ${instanceId}
    )
    select e.direction, i.id, i.name, i.health_status as health,
      count(distinct e.rule_id)::int as rules,
      count(distinct e.rule_id) filter (where e.off)::int as off,
      (select count(distinct rule_id) from ends where direction = e.direction)::int as total
    from ends e join instances i on i.id = e.id
    group by e.direction, i.id order by rules desc, i.name`);
  const ends = (direction: EndRow["direction"]): FeedEnd[] =>
    rows
      .filter((row) => row.direction === direction)
      .map(({ id, name, health, rules: count, off }) => ({
        instance: { id, name },
        health: holds(actor.view, id) ? health : "unknown",
        rules: count,
        off,
      }));
  const total = (direction: EndRow["direction"]) =>
    rows.find((row) => row.direction === direction)?.total ?? 0;
  return { rules: { out: total("out"), in: total("in") }, out: ends("out"), in: ends("in") };
}

/** The first rules that name the instance, by name. */
export async function rulesNaming(actor: Actor, instanceId: string, limit: number): Promise<RuleMention[]> {
  const { rows } = await database().execute<RuleMention & Record<string, unknown>>(sql`
    select ${rules.id} as id, ${rules.name} as name, ${rules.sourceInstanceId} = ${instanceId} as source
    from ${rules}
    where ${ruleVisible(actor)} and (${rules.sourceInstanceId} = ${instanceId} or ${rules.id} in (
      select ${ruleTargets.ruleId} from ${ruleTargets} where ${ruleTargets.instanceId} = ${instanceId}))
    order by ${rules.name} limit ${limit}`);
  return rows;
}

/** Of an instance that no rule names. */
export const NO_RULES = { all: 0, out: 0, in: 0 };

/** Rules that name each instance, as source or target, as far as the actor sees them; one that is both counts once in all. */
export async function ruleCounts(actor: Actor, ids: string[]): Promise<Map<string, typeof NO_RULES>> {
  if (ids.length === 0) {
    return new Map();
  }
  const named = database()
    .select({
      instanceId: sql<string>`${rules.sourceInstanceId}`.as("named_instance"),
      ruleId: rules.id,
      out: sql<boolean>`true`.as("is_out"),
    })
    .from(rules)
    .where(and(inArray(rules.sourceInstanceId, ids), ruleVisible(actor)))
    .union(
      database()
        .select({
          instanceId: sql<string>`${ruleTargets.instanceId}`.as("named_instance"),
          ruleId: rules.id,
          out: sql<boolean>`false`.as("is_out"),
        })
        .from(ruleTargets)
        .innerJoin(rules, eq(rules.id, ruleTargets.ruleId))
        .where(and(inArray(ruleTargets.instanceId, ids), ruleVisible(actor))),
    )
    .as("named");
  const rows = await database()
    .select({
      instanceId: named.instanceId,
      all: sql<number>`count(distinct ${named.ruleId})::int`,
      out: sql<number>`(count(*) filter (where ${named.out}))::int`,
      in: sql<number>`(count(*) filter (where not ${named.out}))::int`,
    })
    .from(named)
    .groupBy(named.instanceId);
  return new Map(rows.map(({ instanceId, ...count }) => [instanceId, count]));
}

const CONCERN_LIMIT = 12;

interface ConcernRow extends Record<string, unknown> {
  kind: InstanceConcern["kind"];
  id: string;
  name: string;
  since: Date | null;
  code: string | null;
  detail: string | null;
  rules: number;
}

/** What somebody should see to, the worst first: of instances on which the actor holds view. */
export async function instanceConcerns(actor: Actor): Promise<InstanceConcern[]> {
  const { rows } = await database().execute<ConcernRow>(sql`
    with seen as (select * from ${instances} where ${heldAt(instances.id, actor.view)}),
    concerns as (
      select case when health_code in ('UNAUTHORIZED', 'DENIED', 'CREDENTIALS_UNREADABLE', 'LOGIN_REQUIRED')
          then 'credential-refused' else 'unreachable' end as kind, id, name, (
          select min(c.at) from instance_checks c
          where c.instance_id = seen.id and c.status = 'unreachable' and c.at > coalesce(
            (select max(r.at) from instance_checks r where r.instance_id = seen.id and r.status <> 'unreachable'),
            '-infinity')
        ) as since, health_code as code, health_detail as detail, 0 as rank
      from seen where health_status = 'unreachable'
      union all
      select 'slow', id, name, null, null, null, 1 from seen where health_status = 'slow'
      union all
      select 'credential-old', id, name, credential_set_at, null, null, 2 from seen
      where credential_set_at < now() - make_interval(days => ${CREDENTIAL_OLD_DAYS})
    )
    select c.kind, c.id, c.name, c.since, c.code, c.detail, (
      select count(*)::int from ${rules}
      where ${ruleVisible(actor)} and (${rules.sourceInstanceId} = c.id or ${rules.id} in (
        select ${ruleTargets.ruleId} from ${ruleTargets} where ${ruleTargets.instanceId} = c.id))
    ) as rules
    from concerns c order by c.rank, rules desc, c.name limit ${CONCERN_LIMIT}`);
  return rows.map(({ kind, id, name, since, code, detail, rules: count }) => ({
    kind,
    instance: { id, name },
    since: since ? new Date(since).toISOString() : null,
    code,
    detail,
    rules: count,
  }));
}
