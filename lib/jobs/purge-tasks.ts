import { setTimeout as sleep } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { JobAborted } from "./job.ts";

/** A piece is to take no longer than this, ms: whoever comes meanwhile is not late by more. */
const PIECE_MS = 8;
/** Of the time that a piece took, others have the database to themselves so many times over: nobody waits for what is being removed. */
const REST = 4;
/** And no longer than this, ms: where the database is slow, a worker that is told to end is not to wait for a rest. */
const REST_MOST_MS = 1_000;
/** Tasks of the first piece; from then on as many as the time allows. */
export const FIRST_TASKS = 40;
/** Fewer are hardly quicker: what is left then is the asking. */
const LEAST_TASKS = 20;
const MOST_TASKS = 200;
/** Of each task that a piece could take, so many transfers: it takes a task about as long to go as these. */
const TRANSFERS_A_TASK = 5;

interface Bounds {
  /** After the piece that is under way the rest is left. */
  readonly draining: AbortSignal;
  /** By `performance.now()`, ms: what is not removed by then is left, too. */
  readonly until?: number;
}

/**
 * Removes tasks with everything that hangs on them, a piece at a time.
 * @param ids a statement that names at most so many of the tasks that are left, and none once all are gone
 * @throws {JobAborted} when the worker is to end and there may be more
 */
export async function purgeTasks(
  db: Database,
  ids: (limit: number) => SQL,
  { draining, until = Number.POSITIVE_INFINITY }: Bounds,
): Promise<void> {
  let tasks = FIRST_TASKS;
  for (;;) {
    const beganMs = performance.now();
    if (
      beganMs >= until ||
      !(await db.transaction((tx) => purgePiece(tx, ids(tasks), tasks * TRANSFERS_A_TASK)))
    ) {
      return;
    }
    if (draining.aborted) {
      throw new JobAborted("draining");
    }
    const tookMs = performance.now() - beganMs;
    tasks = nextSize(tasks, tookMs);
    await sleep(Math.min(REST * tookMs, REST_MOST_MS));
  }
}

/** One piece says little, since others are at work as well: it is followed half-way. */
function nextSize(tasks: number, tookMs: number): number {
  const fitting = tasks * Math.min(PIECE_MS / tookMs, 2);
  return Math.round(Math.max(LEAST_TASKS, Math.min((tasks + fitting) / 2, MOST_TASKS)));
}

/** Transfers first, as many as a piece holds. @returns whether there may be more */
async function purgePiece(tx: Tx, ids: SQL, mostTransfers: number): Promise<boolean> {
  const { rows } = await tx.execute<{ id: string }>(ids);
  if (rows.length === 0) {
    return false;
  }
  const named = sql.param(rows.map(({ id }) => id));
  const transfers = await tx.execute(sql`
    delete from transfers where id in (
      select id from transfers where task_id = any (${named}::uuid[]) limit ${mostTransfers})`);
  if ((transfers.rowCount ?? 0) < mostTransfers) {
    await tx.execute(sql`delete from tasks where id = any (${named}::uuid[])`);
  }
  return true;
}
