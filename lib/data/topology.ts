import "server-only";
import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { targetResults } from "../db/schema/lag.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { HealthStatus } from "../schemas/instance.ts";
import {
  DRAWN_ONE_BY_ONE,
  EDGE_STATES,
  type TopologyEdge,
  type TopologyGraph,
  type TopologyNode,
} from "../schemas/topology.ts";
import { owed } from "./owed.ts";
import { ruleVisible } from "./visibility.ts";

/** A drawing with more is no drawing; the worst come first, and the table has all of them. */
const EDGE_LIMIT = 400;

/** How the last task did at this target; of a time when that was not noted, how it ended. */
const RESULT = sql`coalesce(${targetResults.status}, last_task.status)`;

/**
 * Where a target of a rule stands, as a place in `EDGE_STATES`: a switch that is off first, then a task at work, then what the
 * last one came to here. Names the aliases `last_task` of `LAST_TASK`, and the tables of rules, targets and their results.
 */
export const STATE_RANK = sql`case
  when not ${rules.enabled} or ${ruleTargets.pausedAt} is not null then ${rank("disabled")}
  when last_task.status is null then ${rank("never")}
  when last_task.status in ('pending', 'scanning', 'running') then ${rank("active")}
  when ${RESULT} = 'failed' then ${rank("failed")}
  when ${RESULT} = 'partial' then ${rank("partial")}
  when ${RESULT} = 'nothing-matched' then ${rank("nothing-matched")}
  when ${RESULT} = 'stopped' then ${rank("stopped")}
  else ${rank("succeeded")} end`;

/** The oldest tag that a target misses, joined laterally: one step down the index `target_misses_oldest`. */
export const OLDEST_MISS = sql`lateral (
  select known_at from target_misses where rule_target_id = ${ruleTargets.id} order by known_at limit 1) oldest_miss`;

/** … and the oldest that a task which is open still owes to it. @param which a condition on `k`, the tasks */
export function oldestOwed(which: SQL): SQL {
  return sql`(select rule_target_id, min(since) as since from (${owed(which)}) as owed group by 1) owing`;
}

/** One step down the index `tasks_rule_id`, joined laterally. */
export const LAST_TASK = sql`lateral (
  select ${tasks.id} as id, ${tasks.status} as status from ${tasks}
   where ${tasks.ruleId} = ${rules.id} order by ${tasks.id} desc limit 1) last_task`;

/** … and down `tasks_rule_status`: for targets of which nothing was noted yet. */
export const LAST_SUCCESS = sql`lateral (
  select ${tasks.endedAt} as at from ${tasks}
   where ${tasks.ruleId} = ${rules.id} and ${tasks.status} = 'succeeded'
   order by ${tasks.id} desc limit 1) last_success`;

/** When a task last succeeded at a target. */
export const SUCCEEDED_AT = sql`case when ${targetResults.ruleTargetId} is null then last_success.at
  else ${targetResults.succeededAt} end`;

export function rank(state: (typeof EDGE_STATES)[number]): SQL {
  return sql.raw(String(EDGE_STATES.indexOf(state)));
}

/**
 * Instances and the rules between them, as far as the actor sees them, the rules of a pair added up in one statement.
 * Of an instance without view only the name is told. `region`: the one that is opened where places are regions.
 */
export async function topologyGraph(
  actor: Actor<"topology:view">,
  { region }: { region?: string | undefined },
): Promise<TopologyGraph> {
  const counts = await countAll(actor);
  const byRegion = counts.instances > DRAWN_ONE_BY_ONE;
  const key = byRegion ? regionKey(actor, region) : sql`i.id::text`;
  const [nodes, edges] = await Promise.all([selectNodes(actor, key), selectEdges(actor, key)]);
  return {
    nodes,
    edges: edges.slice(0, EDGE_LIMIT),
    byRegion,
    ...counts,
    hiddenEdges: Math.max(0, edges.length - EDGE_LIMIT),
  };
}

/** The place of an instance `i`: itself in the region that is opened, elsewhere its region. */
function regionKey(actor: Actor, open: string | undefined): SQL {
  const shown = shownRegion(actor);
  return open === undefined
    ? sql`'region:' || ${shown}`
    : sql`case when ${shown} = ${open} then i.id::text else 'region:' || ${shown} end`;
}

/** The region of an instance `i`; empty where the actor holds no view. */
function shownRegion(actor: Actor): SQL {
  return actor.view === "all" ? sql`i.region` : sql`case when ${viewed(actor)} then i.region else '' end`;
}

function viewed(actor: Actor): SQL {
  return idIn("i.id", actor.view);
}

function idIn(column: "i.id", held: Actor["view"]): SQL {
  return held === "all" ? sql`true` : sql`${sql.raw(column)} = any(${`{${held.join(",")}}`}::uuid[])`;
}

/** Ends of the rules that the actor sees, whether or not it holds anything there. */
function endsOfRules(actor: Actor): SQL {
  return sql`
    select ${rules.sourceInstanceId} as id from ${rules} where ${ruleVisible(actor)}
    union
    select ${ruleTargets.instanceId} from ${ruleTargets} join ${rules} on ${rules.id} = ${ruleTargets.ruleId}
     where ${ruleVisible(actor)}`;
}

function instanceShown(actor: Actor): SQL {
  return actor.view === "all"
    ? sql`true`
    : sql`(${viewed(actor)} or ${idIn("i.id", actor.receive)} or i.id in (${endsOfRules(actor)}))`;
}

async function countAll(actor: Actor): Promise<Pick<TopologyGraph, "instances" | "rules" | "enabledRules">> {
  const { rows } = await database().execute<{ instances: number; rules: number; enabled: number }>(sql`
    select (select count(*)::int from ${instances} i where ${instanceShown(actor)}) as instances,
           count(*)::int as rules, (count(*) filter (where ${rules.enabled}))::int as enabled
      from ${rules} where ${ruleVisible(actor)}`);
  const [row] = rows;
  return { instances: row?.instances ?? 0, rules: row?.rules ?? 0, enabledRules: row?.enabled ?? 0 };
}

interface NodeRecord extends Record<string, unknown> {
  key: string;
  instances: number;
  unreachable: number;
  name: string;
  region: string;
  address: string;
  health: HealthStatus;
  viewed: boolean;
}

async function selectNodes(actor: Actor, key: SQL): Promise<TopologyNode[]> {
  const { rows } = await database().execute<NodeRecord>(sql`
    select key, count(*)::int as instances,
           (count(*) filter (where health = 'unreachable'))::int as unreachable,
           min(name) as name, min(region) as region, min(address) as address, min(health) as health,
           bool_and(viewed) as viewed
      from (select ${key} as key, i.name, ${shownRegion(actor)} as region, i.address, ${viewed(actor)} as viewed,
                   case when ${viewed(actor)} then i.health_status else 'unknown' end as health
              from ${instances} i where ${instanceShown(actor)}) as places
     group by key order by min(region), min(name)`);
  return rows.map((row) =>
    row.key.startsWith("region:")
      ? {
          kind: "region",
          key: row.key,
          region: row.region,
          instances: row.instances,
          unreachable: row.unreachable,
        }
      : {
          kind: "instance",
          key: row.key,
          name: row.name,
          host: row.viewed ? new URL(row.address).host : "",
          region: row.region,
          health: row.health,
          viewed: row.viewed,
        },
  );
}

interface EdgeRecord extends Record<string, unknown> {
  from: string;
  to: string;
  rules: number;
  off: number;
  worst: number;
  oldest: Date | string | null;
  missing: Date | string | null;
}

async function selectEdges(actor: Actor, key: SQL): Promise<TopologyEdge[]> {
  const running = sql`${rules.enabled} and ${ruleTargets.pausedAt} is null`;
  const { rows } = await database().execute<EdgeRecord>(sql`
    with places as materialized (select i.id, ${key} as key from ${instances} i)
    select source.key as "from", target.key as "to", count(*)::int as rules,
           (count(*) filter (where not (${running})))::int as off,
           min(${STATE_RANK})::int as worst,
           case when bool_or(${SUCCEEDED_AT} is null) filter (where ${running}) then null
                else min(${SUCCEEDED_AT}) filter (where ${running}) end as oldest,
           min(least(oldest_miss.known_at, owing.since)) filter (where ${running}) as missing
      from ${rules}
      join ${ruleTargets} on ${ruleTargets.ruleId} = ${rules.id}
      join places source on source.id = ${rules.sourceInstanceId}
      join places target on target.id = ${ruleTargets.instanceId}
      left join ${LAST_TASK} on true
      left join ${LAST_SUCCESS} on true
      left join ${targetResults} on ${targetResults.ruleTargetId} = ${ruleTargets.id}
      left join ${OLDEST_MISS} on true
      left join ${oldestOwed(sql`true`)} on owing.rule_target_id = ${ruleTargets.id}
     where ${ruleVisible(actor)}
     group by source.key, target.key
     order by min(${STATE_RANK}), count(*) desc, source.key, target.key`);
  return rows.map((row) => ({
    from: row.from,
    to: row.to,
    rules: row.rules,
    off: row.off,
    state: EDGE_STATES[row.worst] ?? "never",
    oldestSuccessAt: row.oldest === null ? null : new Date(row.oldest).toISOString(),
    missingSince: row.missing === null ? null : new Date(row.missing).toISOString(),
  }));
}

/** Whether the instance of `column` lies at a place of the drawing. */
export function atPlace(actor: Actor, column: SQL, place: string): SQL {
  if (!place.startsWith("region:")) {
    return sql`${column} = ${place}::uuid`;
  }
  return sql`${column} in (select i.id from ${instances} i where ${shownRegion(actor)} = ${place.slice("region:".length)})`;
}
