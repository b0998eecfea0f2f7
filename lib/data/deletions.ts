import "server-only";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { deletionSweeps, deletions } from "../db/schema/deletions.ts";
import { instances } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type {
  DeletionCounts,
  DeletionList,
  DeletionListQuery,
  DeletionRow,
  DeletionSweep,
  TaskDeletions,
} from "../schemas/deletion.ts";
import { DELETION_STATES } from "../schemas/deletion-words.ts";
import { COUNT_LIMIT, type Order, planPage } from "./cursor.ts";
import { shownFailure } from "./task-rows.ts";
import { notFound, requireId, ruleVisible, taskVisible } from "./visibility.ts";

/** Ids are UUIDv7: newest first. */
const NEWEST_FIRST: Order = {
  name: "deletions",
  by: [{ expression: sql`${deletions.id}`, cast: "uuid" }],
  direction: "desc",
};

/** What a rule has noticed, and what became of it. @throws {AppError} NOT_FOUND */
export async function listDeletions(
  actor: Actor,
  ruleId: string,
  query: DeletionListQuery,
): Promise<DeletionList> {
  await requireRule(actor, ruleId);
  const plan = planPage(NEWEST_FIRST, query);
  const [rows, counts, sweep] = await Promise.all([
    selectRows(
      plan.key,
      and(
        eq(deletions.ruleId, ruleId),
        plan.where,
        query.state ? eq(deletions.state, query.state) : undefined,
      ),
      { orderBy: plan.orderBy, limit: plan.limit },
    ),
    countDeletions(ruleId),
    lastSweep(ruleId),
  ]);
  const page = plan.page(rows);
  return { ...page, rows: page.rows.map((row) => shownRow(actor, row)), counts, sweep };
}

/** Deletions of a rule by state. @throws {AppError} NOT_FOUND */
export async function deletionCounts(actor: Actor, ruleId: string): Promise<DeletionCounts> {
  await requireRule(actor, ruleId);
  return countDeletions(ruleId);
}

/** What the scan of a task missed at its targets and is to be deleted. @throws {AppError} NOT_FOUND */
export async function deletionsOfTask(actor: Actor, taskId: string): Promise<TaskDeletions> {
  const [row] = await database()
    .select({
      pending: sql<number>`(count(*) filter (where ${deletions.state} = 'pending'))::int`,
      held: sql<number>`(count(*) filter (where ${deletions.state} = 'held'))::int`,
      dueAt: sql<Date | string | null>`min(${deletions.dueAt}) filter (where ${deletions.state} = 'pending')`,
    })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .leftJoin(deletions, eq(deletions.taskId, tasks.id))
    .where(and(eq(tasks.id, requireId(taskId)), taskVisible(actor)))
    .groupBy(tasks.id);
  if (!row) {
    throw notFound();
  }
  return { ...row, dueAt: row.dueAt ? new Date(row.dueAt).toISOString() : null };
}

async function requireRule(actor: Actor, ruleId: string): Promise<void> {
  const [rule] = await database()
    .select({ id: rules.id })
    .from(rules)
    .where(and(eq(rules.id, requireId(ruleId)), ruleVisible(actor)));
  if (!rule) {
    throw notFound();
  }
}

function selectRows(
  key: SQL<string[]>,
  where: SQL | undefined,
  { orderBy, limit }: { orderBy: SQL; limit: number },
) {
  return database()
    .select({
      key,
      id: deletions.id,
      repository: deletions.repository,
      tag: deletions.tag,
      targetRepository: deletions.targetRepository,
      digest: deletions.digest,
      cause: deletions.cause,
      state: deletions.state,
      reason: deletions.reason,
      failure: deletions.failure,
      noticedAt: deletions.noticedAt,
      dueAt: deletions.dueAt,
      deletedAt: deletions.deletedAt,
      undoUntil: sql<boolean>`${deletions.undoUntil} > now() and ${deletions.manifest} is not null`,
      undoAt: deletions.undoUntil,
      restoreRequestedAt: deletions.restoreRequestedAt,
      decidedBy: users.username,
      sourceInstanceId: rules.sourceInstanceId,
      instance: { id: instances.id, name: instances.name },
    })
    .from(deletions)
    .innerJoin(rules, eq(rules.id, deletions.ruleId))
    .innerJoin(instances, eq(instances.id, deletions.targetInstanceId))
    .leftJoin(users, eq(users.id, deletions.decidedBy))
    .where(where)
    .orderBy(orderBy)
    .limit(limit);
}

type Selected = Awaited<ReturnType<typeof selectRows>>[number];

function shownRow(actor: Actor, row: Selected): DeletionRow {
  return {
    id: row.id,
    repository: row.repository,
    tag: row.tag,
    target: { instance: row.instance, repository: row.targetRepository },
    digest: row.digest,
    cause: row.cause,
    state: row.state,
    reason: row.reason,
    failure: shownFailure(actor, row.failure, { source: [row.sourceInstanceId], target: [row.instance.id] }),
    noticedAt: row.noticedAt.toISOString(),
    dueAt: row.dueAt?.toISOString() ?? null,
    deletedAt: row.deletedAt?.toISOString() ?? null,
    undoUntil: row.undoUntil ? (row.undoAt?.toISOString() ?? null) : null,
    restoring: row.restoreRequestedAt !== null,
    decidedBy: row.decidedBy,
  };
}

async function countDeletions(ruleId: string): Promise<DeletionCounts> {
  const counted = DELETION_STATES.map(
    (state) => sql`(select count(*)::int from (
      select from deletions where rule_id = ${ruleId} and state = ${state} limit ${COUNT_LIMIT}) as some_rows)
      as ${sql.identifier(state)}`,
  );
  const { rows } = await database().execute<Record<string, number>>(
    sql`select ${sql.join(counted, sql`, `)}`,
  );
  return Object.fromEntries(DELETION_STATES.map((state) => [state, rows[0]?.[state] ?? 0])) as DeletionCounts;
}

async function lastSweep(ruleId: string): Promise<DeletionSweep | null> {
  const [row] = await database().select().from(deletionSweeps).where(eq(deletionSweeps.ruleId, ruleId));
  return row
    ? { at: row.at.toISOString(), outcome: row.outcome, known: row.known, missing: row.missing }
    : null;
}
