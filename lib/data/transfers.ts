import "server-only";
import { type AnyColumn, and, asc, desc, eq, gt, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { Page } from "../schemas/task.ts";
import type { TransferListQuery } from "../schemas/task-query.ts";
import type { Neighbours, TransferRow } from "../schemas/transfer.ts";
import { containing, holding, type Order, planPage } from "./cursor.ts";
import { shownFailure } from "./task-rows.ts";
import { notFound, requireId, taskVisible } from "./visibility.ts";
import { visibleTask } from "./visible-task.ts";

const LISTED_REFERRERS = 5;

/** In the order in which the scan found them. */
const AS_SCANNED: Order = {
  name: "transfers",
  // The task is one: named first, the order is that of the index `transfers_task`.
  by: [
    { expression: sql`${transfers.taskId}`, cast: "uuid" },
    { expression: sql`${transfers.id}`, cast: "uuid" },
  ],
  direction: "asc",
};

/** What registries name is ASCII: compared letter by letter. Unicode's lower case of each name took half of a search of 100,000. */
const named = (column: AnyColumn, like: string): SQL => sql`${column} collate "C" ilike ${like}`;

/** Transfers of one task. A task that the actor does not see has none. */
export async function listTransfers(
  actor: Actor,
  taskId: string,
  query: TransferListQuery,
): Promise<Page<TransferRow>> {
  const { sourceInstanceId } = await visibleTask(actor, taskId);
  const plan = planPage(AS_SCANNED, query);
  const q = query.q ? containing(query.q) : null;
  const rows = await database()
    .select({ key: plan.key, transfer: transfers, target: TARGET })
    .from(transfers)
    .innerJoin(instances, eq(instances.id, transfers.targetInstanceId))
    .where(
      and(
        holding(transfers.taskId, taskId),
        plan.where,
        query.status ? eq(transfers.status, query.status) : undefined,
        q ? or(named(transfers.repository, q), named(transfers.tag, q)) : undefined,
      ),
    )
    .orderBy(plan.orderBy)
    .limit(plan.limit);
  const page = plan.page(rows);
  return {
    ...page,
    rows: page.rows.map((row) => shortened(transferRow(actor, { ...row, sourceInstanceId }))),
  };
}

/** A page of rows names a few of what came along with each. */
function shortened(row: TransferRow): TransferRow {
  const { referrers } = row;
  return referrers
    ? { ...row, referrers: { ...referrers, rows: referrers.rows.slice(0, LISTED_REFERRERS) } }
    : row;
}

/** @throws {AppError} NOT_FOUND */
export async function getTransfer(actor: Actor, transferId: string): Promise<TransferRow> {
  const [row] = await getTransfers(actor, [requireId(transferId)]);
  if (!row) {
    throw notFound();
  }
  return row;
}

/** Those of these transfers that the actor sees, in no order. */
export async function getTransfers(actor: Actor, ids: string[]): Promise<TransferRow[]> {
  const rows = await database()
    .select(COLUMNS)
    .from(transfers)
    .innerJoin(tasks, eq(tasks.id, transfers.taskId))
    .innerJoin(instances, eq(instances.id, transfers.targetInstanceId))
    .where(and(inArray(transfers.id, ids), taskVisible(actor)));
  return rows.map((row) => transferRow(actor, row));
}

/** The failed transfers of the task before and after this one, in the order of the list. */
export async function failedNeighbours(actor: Actor, transfer: TransferRow): Promise<Neighbours> {
  await visibleTask(actor, transfer.taskId);
  const failed = and(eq(transfers.taskId, transfer.taskId), eq(transfers.status, "failed"));
  const nearest = async (where: SQL, order: SQL): Promise<string | null> => {
    const [row] = await database()
      .select({ id: transfers.id })
      .from(transfers)
      .where(and(failed, where))
      .orderBy(order)
      .limit(1);
    return row?.id ?? null;
  };
  const [previous, next] = await Promise.all([
    nearest(lt(transfers.id, transfer.id), desc(transfers.id)),
    nearest(gt(transfers.id, transfer.id), asc(transfers.id)),
  ]);
  return { previous, next };
}

const TARGET = { id: instances.id, name: instances.name };

const COLUMNS = {
  transfer: transfers,
  target: TARGET,
  sourceInstanceId: tasks.sourceInstanceId,
};

function transferRow(
  actor: Actor,
  row: {
    transfer: typeof transfers.$inferSelect;
    target: { id: string; name: string };
    sourceInstanceId: string;
  },
): TransferRow {
  const { transfer, target } = row;
  const ends = { source: [row.sourceInstanceId], target: [target.id] };
  return {
    id: transfer.id,
    taskId: transfer.taskId,
    repository: transfer.repository,
    tag: transfer.tag,
    targetRepository: transfer.targetRepository,
    targetInstance: target,
    digest: transfer.digest,
    status: transfer.status,
    reason: transfer.reason,
    failure: shownFailure(actor, transfer.failure, ends),
    attemptFailures: transfer.attemptFailures.flatMap(({ fact, ...attempt }) => {
      const shown = shownFailure(actor, fact, ends);
      return shown ? [{ ...attempt, fact: shown }] : [];
    }),
    attempts: transfer.attempts,
    sizeBytes: transfer.sizeBytes,
    bytesCopied: transfer.bytesCopied,
    bytesMounted: transfer.bytesMounted,
    bytesSkipped: transfer.bytesSkipped,
    targetDigest: transfer.targetDigest,
    fromCharts: transfer.store === "charts",
    replacedDigest: transfer.replacedDigest,
    referrers: transfer.referrers,
    verification: transfer.verification,
    contentsVerified: transfer.contentsVerified,
    startedAt: transfer.startedAt?.toISOString() ?? null,
    endedAt: transfer.endedAt?.toISOString() ?? null,
  };
}
