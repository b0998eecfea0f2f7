import { setTimeout as sleep } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { JobAborted } from "./job.ts";

/** Rows that one transaction removes: so few that whoever comes meanwhile is not late. */
export const TASKS_AT_ONCE = 200;
const TRANSFERS_AT_ONCE = 1_000;
/** Of the time that a piece took, others have the database to themselves so many times over: nobody waits for what is being removed. */
const REST = 2;
/** And no longer than this, ms: where the database is slow, a worker that is told to end is not to wait for a rest. */
const REST_MOST_MS = 1_000;

interface Bounds {
  /** After the piece that is under way the rest is left. */
  readonly draining: AbortSignal;
  /** By `performance.now()`, ms: what is not removed by then is left, too. */
  readonly until?: number;
}

/**
 * Removes tasks with everything that hangs on them, a piece at a time.
 * @param ids a statement that names at most TASKS_AT_ONCE of the tasks that are left, and none once all are gone
 * @throws {JobAborted} when the worker is to end and there may be more
 */
export async function purgeTasks(
  db: Database,
  ids: SQL,
  { draining, until = Number.POSITIVE_INFINITY }: Bounds,
): Promise<void> {
  for (;;) {
    const beganMs = performance.now();
    if (beganMs >= until || !(await db.transaction((tx) => purgePiece(tx, ids)))) {
      return;
    }
    if (draining.aborted) {
      throw new JobAborted("draining");
    }
    await sleep(Math.min(REST * (performance.now() - beganMs), REST_MOST_MS));
  }
}

/** Transfers first, as many as a piece holds. @returns whether there may be more */
async function purgePiece(tx: Tx, ids: SQL): Promise<boolean> {
  const { rows } = await tx.execute<{ id: string }>(ids);
  if (rows.length === 0) {
    return false;
  }
  const named = sql.param(rows.map(({ id }) => id));
  const transfers = await tx.execute(sql`
    delete from transfers where id in (
      select id from transfers where task_id = any (${named}::uuid[]) limit ${TRANSFERS_AT_ONCE})`);
  if ((transfers.rowCount ?? 0) < TRANSFERS_AT_ONCE) {
    await tx.execute(sql`delete from tasks where id = any (${named}::uuid[])`);
  }
  return true;
}
