import "server-only";
import { and, eq, exists, ilike, inArray, or, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { RuleListQuery, RuleListRow, RuleRow } from "../schemas/rule.ts";
import type { RuleSelection } from "../schemas/rule-bulk.ts";
import type { Page } from "../schemas/task.ts";
import { COUNT_LIMIT, containing, type Order, planPage } from "./cursor.ts";
import { listed } from "./rule-list-row.ts";
import { fillRules, LATE } from "./rule-rows.ts";
import { ranLately } from "./rules-lately.ts";
import { notFound, requireId, ruleVisible } from "./visibility.ts";

/** Rules a list's chips count; each at most COUNT_LIMIT. */
export interface RuleCounts {
  all: number;
  active: number;
  failed: number;
  partial: number;
  nothingMatched: number;
  disabled: number;
}

/** Newest task of a rule, joined laterally: one step down the index `tasks_rule_id`. */
const LAST_TASK = sql`lateral (
  select ${tasks.id} as id, ${tasks.status} as status from ${tasks}
   where ${tasks.ruleId} = ${rules.id} order by ${tasks.id} desc limit 1) last_task`;
const LAST_TASK_ID = sql<string | null>`last_task.id`;
const LAST_STATUS = sql`last_task.status`;

type State = NonNullable<RuleListQuery["state"]>;
/** What a chip stands for: the state of the newest task, or that the rule is switched off. */
const STATE: Record<State, SQL> = {
  active: sql`${LAST_STATUS} in ('pending', 'scanning', 'running')`,
  failed: sql`${LAST_STATUS} = 'failed'`,
  partial: sql`${LAST_STATUS} = 'partial'`,
  "nothing-matched": sql`${LAST_STATUS} = 'nothing-matched'`,
  disabled: sql`not ${rules.enabled}`,
};

/** Rules of a selection that the actor sees, at most `limit`. */
export function selectedRules(
  actor: Actor,
  selection: RuleSelection,
  limit: number,
): Promise<SelectedRule[]> {
  const chosen =
    "ruleIds" in selection
      ? inArray(rules.id, selection.ruleIds)
      : and(filters(selection.filter), selection.filter.state ? STATE[selection.filter.state] : undefined);
  return database()
    .select({
      id: rules.id,
      name: rules.name,
      enabled: rules.enabled,
      sourceInstanceId: rules.sourceInstanceId,
    })
    .from(rules)
    .leftJoin(LAST_TASK, sql`true`)
    .where(and(ruleVisible(actor), chosen))
    .orderBy(rules.name, rules.id)
    .limit(limit);
}

export interface SelectedRule {
  id: string;
  name: string;
  enabled: boolean;
  sourceInstanceId: string;
}

/** How many rules start at an instance, and how many of those that the actor sees point at it; each up to COUNT_LIMIT. */
export async function countTabs(
  actor: Actor,
  instanceId: string,
): Promise<{ rules: number; incoming: number }> {
  const count = (where: SQL): SQL => {
    const some = database()
      .select({ id: rules.id })
      .from(rules)
      .where(and(ruleVisible(actor), where))
      .limit(COUNT_LIMIT);
    return sql`(select count(*)::int from ${some} as some_rules)`;
  };
  const { rows } = await database().execute<{ rules: number; incoming: number }>(
    sql`select ${count(eq(rules.sourceInstanceId, instanceId))} as rules, ${count(pointsAt(instanceId))} as incoming`,
  );
  return rows[0] ?? { rules: 0, incoming: 0 };
}

export async function listRules(
  actor: Actor,
  query: RuleListQuery,
): Promise<Page<RuleListRow> & { counts: RuleCounts }> {
  const where = and(ruleVisible(actor), filters(query));
  const plan = planPage(orderOf(query.sort), query);
  const read = (among?: SQL) =>
    database()
      .select({ key: plan.key, rule: rules, lastTaskId: LAST_TASK_ID, late: LATE })
      .from(rules)
      .leftJoin(LAST_TASK, sql`true`)
      .where(and(where, plan.where, query.state ? STATE[query.state] : undefined, among))
      .orderBy(plan.orderBy)
      .limit(plan.limit);
  const readPage = async () => {
    const recent = ranLately(query);
    const few = recent ? await read(recent) : [];
    const page = plan.page(few.length === plan.limit ? few : await read());
    return { ...page, rows: await fillRules(actor, page.rows, { editors: false }) };
  };
  // The counts of the chips take longest: rows do not wait for them.
  const [page, counts] = await Promise.all([readPage(), countRules(where)]);
  return { ...page, rows: page.rows.map(listed), counts };
}

/** @throws {AppError} NOT_FOUND */
export async function getRule(actor: Actor, ruleId: string): Promise<RuleRow> {
  const rows = await database()
    .select({ rule: rules, lastTaskId: LAST_TASK_ID, late: LATE })
    .from(rules)
    .leftJoin(LAST_TASK, sql`true`)
    .where(and(eq(rules.id, requireId(ruleId)), ruleVisible(actor)));
  const [row] = await fillRules(actor, rows);
  if (!row) {
    throw notFound();
  }
  return row;
}

/** What a deletion takes with it; `tasks` is at most COUNT_LIMIT + 1. @throws {AppError} NOT_FOUND */
export async function ruleImpact(
  actor: Actor,
  ruleId: string,
): Promise<{ openTasks: number; tasks: number }> {
  const rule = await getRule(actor, ruleId);
  const { rows } = await database().execute<{ open: number; tasks: number }>(sql`
    select count(*)::int as tasks,
           (count(*) filter (where status in ('pending', 'scanning', 'running')))::int as open
      from (select status from ${tasks} where rule_id = ${rule.id} order by id desc limit ${COUNT_LIMIT + 1}) as newest`);
  return { openTasks: rows[0]?.open ?? 0, tasks: rows[0]?.tasks ?? 0 };
}

type Filters = Pick<RuleListQuery, "instance" | "view" | "q" | "target" | "type">;

function filters(query: Filters): SQL | undefined {
  const q = query.q ? containing(query.q) : null;
  return and(
    query.instance ? ofInstance(query.instance, query.view) : undefined,
    query.target ? pointsAt(query.target) : undefined,
    query.type ? eq(rules.resourceType, query.type) : undefined,
    q
      ? or(
          ilike(rules.name, q),
          ilike(rules.sourceNamespace, q),
          ilike(rules.repositoryPattern, q),
          ilike(rules.tagPattern, q),
        )
      : undefined,
  );
}

function ofInstance(instanceId: string, view: RuleListQuery["view"]): SQL {
  return view === "incoming" ? pointsAt(instanceId) : eq(rules.sourceInstanceId, instanceId);
}

function pointsAt(instanceId: string): SQL {
  return exists(
    database()
      .select({ one: sql`1` })
      .from(ruleTargets)
      .where(and(eq(ruleTargets.ruleId, rules.id), eq(ruleTargets.instanceId, instanceId))),
  );
}

function orderOf(sort: RuleListQuery["sort"]): Order {
  const id = { expression: sql`${rules.id}`, cast: "uuid" } as const;
  const direction = sort.startsWith("-") ? "desc" : "asc";
  switch (sort) {
    case "name":
    case "-name":
      return { name: sort, direction, by: [{ expression: sql`${rules.name}`, cast: "text" }, id] };
    case "created":
    case "-created":
      return {
        name: sort,
        direction,
        by: [{ expression: sql`${rules.createdAt}`, cast: "timestamptz" }, id],
      };
    case "lastTask":
    case "-lastTask":
      return {
        name: sort,
        direction,
        // A UUIDv7 sorts by time; a rule that never ran sorts as the oldest.
        by: [
          {
            expression: sql`coalesce(${LAST_TASK_ID}, '00000000-0000-0000-0000-000000000000'::uuid)`,
            cast: "uuid",
          },
          id,
        ],
      };
  }
}

async function countRules(where: SQL | undefined): Promise<RuleCounts> {
  const counted = (state: SQL) => sql<number>`(count(*) filter (where ${state}))::int`;
  const some = database()
    .select({
      enabled: rules.enabled,
      status: sql<string | null>`${LAST_STATUS}`.as("last_status"),
    })
    .from(rules)
    .leftJoin(LAST_TASK, sql`true`)
    .where(where)
    .limit(COUNT_LIMIT)
    .as("some_rules");
  const [row] = await database()
    .select({
      all: sql<number>`count(*)::int`,
      active: counted(sql`${some.status} in ('pending', 'scanning', 'running')`),
      failed: counted(sql`${some.status} = 'failed'`),
      partial: counted(sql`${some.status} = 'partial'`),
      nothingMatched: counted(sql`${some.status} = 'nothing-matched'`),
      disabled: counted(sql`not ${some.enabled}`),
    })
    .from(some);
  return row ?? { all: 0, active: 0, failed: 0, partial: 0, nothingMatched: 0, disabled: 0 };
}
