import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";

/** Rows that one transaction removes: short enough to be in nobody's way. */
export const TASKS_AT_ONCE = 500;
const TRANSFERS_AT_ONCE = 5_000;

/**
 * Removes a piece of some tasks with everything that hangs on them: their transfers first, as many as a piece holds.
 * @param ids a statement that names at most TASKS_AT_ONCE tasks
 * @returns whether there may be more
 */
export async function purgePiece(tx: Tx, ids: SQL): Promise<boolean> {
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
