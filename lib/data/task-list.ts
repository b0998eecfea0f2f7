import "server-only";
import { and, eq, ilike, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { Page, TaskRow } from "../schemas/task.ts";
import type { TaskListQuery } from "../schemas/task-query.ts";
import { among } from "./among.ts";
import { containing, holding, type Order, type PagePlan, planPage } from "./cursor.ts";
import { selectTasks } from "./task-rows.ts";
import { createdSince, dayAgo } from "./task-since.ts";
import { taskVisible } from "./visibility.ts";

/** Newest first: ids are UUIDv7. Of tasks at work the speed: how long one takes stands on its own page. */
export async function listTasks(actor: Actor, query: TaskListQuery): Promise<Page<TaskRow>> {
  const lead = leadOf(query);
  const plan = planPage(newestFirst(lead), query);
  const filters = and(
    taskVisible(actor),
    plan.where,
    lead ? holding(lead.column, lead.value) : undefined,
    query.instance ? eq(tasks.sourceInstanceId, query.instance) : undefined,
    query.status && lead?.filter !== "status" ? eq(tasks.status, query.status) : undefined,
    query.trigger && lead?.filter !== "trigger" ? eq(tasks.trigger, query.trigger) : undefined,
    query.since ? createdSince(dayAgo()) : undefined,
  );
  const rows = await selectTasks(actor, {
    key: plan.key,
    where: query.q ? await found(query.q, filters, plan) : filters,
    orderBy: plan.orderBy,
    limit: plan.limit,
    speedOnly: true,
  });
  const page = plan.page(rows);
  return { ...page, rows: page.rows.map(({ row }) => row) };
}

type Lead = NonNullable<ReturnType<typeof leadOf>>;

/** A filter along whose index the page is read, however long ago the last such task was, instead of being looked for among all tasks. */
function leadOf({ rule, status, trigger }: TaskListQuery) {
  if (rule) {
    return { filter: "rule", column: tasks.ruleId, cast: "uuid", value: rule } as const;
  }
  if (status) {
    return { filter: "status", column: tasks.status, cast: "text", value: status } as const;
  }
  return trigger
    ? ({ filter: "trigger", column: tasks.trigger, cast: "text", value: trigger } as const)
    : null;
}

function newestFirst(lead: Lead | null): Order {
  const id = { expression: sql`${tasks.id}`, cast: "uuid" } as const;
  return lead
    ? {
        name: `tasks ${lead.value}`,
        by: [{ expression: sql`${lead.column}`, cast: lead.cast }, id],
        direction: "desc",
      }
    : { name: "tasks", by: [id], direction: "desc" };
}

/** So many rules are looked through one by one; where a name says less, tasks of such rules are met soon enough among all. */
const RULES_BY_NAME = 50;

/**
 * A part of a rule's name, or a number, `#1042` or `1042`. Each is looked for by itself, as far as a page goes: together they are no
 * condition that an index answers.
 */
async function found(q: string, filters: SQL | undefined, plan: PagePlan): Promise<SQL | undefined> {
  const digits = /^#?(\d{1,9})$/.exec(q)?.[1];
  const named = await tasksOfRulesNamed(q, filters, plan);
  if (!digits && named === null) {
    return and(filters, ilike(rules.name, containing(q)));
  }
  const byNumber = digits ? firstTasks(eq(tasks.number, Number(digits)), filters, plan) : null;
  const byName = named ?? firstTasks(ilike(rules.name, containing(q)), filters, plan);
  const { rows } = await database().execute<{ id: string }>(
    byNumber ? sql`(${byNumber}) union (${byName})` : sql`${byName}`,
  );
  return among(
    tasks.id,
    rows.map(({ id }) => id),
  );
}

const firstTasks = (which: SQL, filters: SQL | undefined, plan: PagePlan) =>
  database()
    .select({ id: tasks.id })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .where(and(filters, which))
    .orderBy(plan.orderBy)
    .limit(plan.limit)
    .getSQL();

/** The first tasks of each rule of that name, a page of each; null where there are many such rules. */
async function tasksOfRulesNamed(q: string, filters: SQL | undefined, plan: PagePlan): Promise<SQL | null> {
  const some = await database()
    .select({ id: rules.id })
    .from(rules)
    .where(ilike(rules.name, containing(q)))
    .limit(RULES_BY_NAME + 1);
  if (some.length > RULES_BY_NAME) {
    return null;
  }
  const direction = sql.raw(plan.ascending ? "asc" : "desc");
  const ids = sql.param(some.map(({ id }) => id));
  return sql`
    select first.id from unnest(${ids}::uuid[]) as named (id)
    cross join lateral (
      select ${tasks.id} as id from ${tasks} where ${tasks.ruleId} between named.id and named.id and ${filters}
      order by ${tasks.ruleId} ${direction}, ${plan.orderBy} limit ${plan.limit}) as first
    order by first.id ${direction} limit ${plan.limit}`;
}
