import "server-only";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { targetResults } from "../db/schema/lag.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import type { Page } from "../schemas/task.ts";
import { EDGE_STATES, type TopologyRow } from "../schemas/topology.ts";
import type { TopologyQuery } from "../schemas/topology-query.ts";
import { type Order, planPage } from "./cursor.ts";
import { instanceNames } from "./task-names.ts";
import { lastTasks } from "./task-rows.ts";
import {
  atPlace,
  LAST_SUCCESS,
  LAST_TASK,
  OLDEST_MISS,
  oldestOwed,
  rank,
  STATE_RANK,
  SUCCEEDED_AT,
} from "./topology.ts";
import { ruleVisible } from "./visibility.ts";

const BY_NAME: Order = {
  name: "topology",
  by: [
    { expression: sql`${rules.name}`, cast: "text" },
    { expression: sql`${ruleTargets.id}`, cast: "uuid" },
  ],
  direction: "asc",
};

/** The drawing's equal twin: a line for each rule and target that the actor sees. */
export async function topologyRows(
  actor: Actor<"topology:view">,
  query: TopologyQuery,
): Promise<Page<TopologyRow>> {
  const plan = planPage(BY_NAME, query);
  const rows = await database()
    .select({
      key: plan.key,
      rule: rules,
      target: ruleTargets,
      rank: sql<number>`${STATE_RANK}`,
      lastTaskId: sql<string | null>`last_task.id`,
      result: targetResults,
    })
    .from(ruleTargets)
    .innerJoin(rules, eq(rules.id, ruleTargets.ruleId))
    .leftJoin(LAST_TASK, sql`true`)
    .leftJoin(targetResults, eq(targetResults.ruleTargetId, ruleTargets.id))
    .where(and(ruleVisible(actor), plan.where, filters(actor, query)))
    .orderBy(plan.orderBy)
    .limit(plan.limit);
  const page = plan.page(rows);
  const [names, last, standings] = await Promise.all([
    instanceNames(page.rows.flatMap(({ rule, target }) => [rule.sourceInstanceId, target.instanceId])),
    lastTasks(
      actor,
      page.rows.flatMap(({ lastTaskId }) => lastTaskId ?? []),
    ),
    standingsOf(page.rows.map(({ target }) => target.id)),
  ]);
  const nameOf = (id: string) => names.get(id) ?? { id, name: "—" };
  return {
    ...page,
    rows: page.rows.map(({ rule, target, rank: place, result }) => ({
      id: target.id,
      ruleId: rule.id,
      name: rule.name,
      enabled: rule.enabled,
      paused: target.pausedAt !== null,
      source: nameOf(rule.sourceInstanceId),
      target: nameOf(target.instanceId),
      sourceNamespace: rule.sourceNamespace,
      targetNamespace: target.namespace,
      state: EDGE_STATES[place] ?? "never",
      lastTask: last.get(rule.id) ?? null,
      result: result && resultOf(result),
      ...(standings.get(target.id) ?? { lastSuccessAt: null, missingSince: null }),
    })),
  };
}

function resultOf({ taskId, status, ...at }: typeof targetResults.$inferSelect): TopologyRow["result"] {
  const { copied, upToDate, skipped, failed, stopped } = at;
  const total = copied + upToDate + skipped + failed + stopped;
  return { taskId, status, counters: { total, copied, upToDate, skipped } };
}

function filters(actor: Actor, query: TopologyQuery): SQL | undefined {
  const source = sql`${rules.sourceInstanceId}`;
  const target = sql`${ruleTargets.instanceId}`;
  return and(
    query.at ? sql`(${atPlace(actor, source, query.at)} or ${atPlace(actor, target, query.at)})` : undefined,
    query.from ? atPlace(actor, source, query.from) : undefined,
    query.to ? atPlace(actor, target, query.to) : undefined,
    query.state ? sql`${STATE_RANK} = ${rank(query.state)}` : undefined,
  );
}

type Standing = Pick<TopologyRow, "lastSuccessAt" | "missingSince">;

/** When a task last succeeded at each target of the page, and since when it misses something: some steps of an index each. */
async function standingsOf(targetIds: string[]): Promise<Map<string, Standing>> {
  if (targetIds.length === 0) {
    return new Map();
  }
  const ofPage = inArray(ruleTargets.id, targetIds);
  const open = sql`k.rule_id in (select ${ruleTargets.ruleId} from ${ruleTargets} where ${ofPage})`;
  const rows = await database()
    .select({
      id: ruleTargets.id,
      succeededAt: sql<Date | string | null>`${SUCCEEDED_AT}`,
      missingSince: sql<Date | string | null>`least(oldest_miss.known_at, owing.since)`,
    })
    .from(ruleTargets)
    .innerJoin(rules, eq(rules.id, ruleTargets.ruleId))
    .leftJoin(LAST_SUCCESS, sql`true`)
    .leftJoin(targetResults, eq(targetResults.ruleTargetId, ruleTargets.id))
    .leftJoin(OLDEST_MISS, sql`true`)
    .leftJoin(oldestOwed(open), sql`owing.rule_target_id = ${ruleTargets.id}`)
    .where(ofPage);
  const instant = (at: Date | string | null) => (at === null ? null : new Date(at).toISOString());
  return new Map(
    rows.map(({ id, succeededAt, missingSince }) => [
      id,
      { lastSuccessAt: instant(succeededAt), missingSince: instant(missingSince) },
    ]),
  );
}
