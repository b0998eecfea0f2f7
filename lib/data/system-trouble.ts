import "server-only";
import { sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { recentlyFull } from "../db/full-disk.ts";
import type { SystemTrouble } from "../schemas/system.ts";

/** After a restart of the database every worker needs a moment to take its lock again. */
const WORKERS_BACK_MS = 10_000;

/**
 * What is wrong with the installation, the gravest first; null when nothing is. It says nothing about anybody's instances, so every
 * signed-in user may know.
 */
export async function systemTrouble(): Promise<SystemTrouble | null> {
  const { rows } = await database().execute<{ read_only: boolean; workers: boolean }>(sql`
    select current_setting('transaction_read_only') = 'on' as read_only,
      pg_postmaster_start_time() > now() - ${WORKERS_BACK_MS} * interval '1 millisecond' or exists (
        select from workers w where exists (
          select from pg_locks l
          where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
            and l.database = (select oid from pg_database where datname = current_database())
            and (l.classid::bigint << 32) | l.objid::bigint = w.lock_key
        )
      ) as workers`);
  const [now] = rows;
  if (now?.read_only) {
    return "read-only";
  }
  if (recentlyFull()) {
    return "full";
  }
  return now?.workers ? null : "no-workers";
}
