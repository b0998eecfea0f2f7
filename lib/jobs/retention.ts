import { type SQL, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../db/client.ts";
import { purgeTasks } from "./purge-tasks.ts";

const DAY_MS = 86_400_000;
/** What is not removed by then is left for the next hour. */
const MOST_MS = 600_000;

export interface Retention {
  /** Tasks that were created, and have ended, longer ago than this go. */
  days: number;
  /** Of the tasks of a rule so many of the newest stay. */
  perRule: number;
}

/**
 * Removes old tasks of rules with everything that hangs on them, a piece at a time. Open tasks stay, and of each rule the last task and the
 * last success: they say how it stands, however long ago that was. So does what an open task tries again.
 */
export async function purgeExpiredTasks(
  db: Database,
  { days, perRule }: Retention,
  draining: AbortSignal,
): Promise<void> {
  const until = performance.now() + MOST_MS;
  for (const ids of [olderThan(days), beyond(perRule)]) {
    await purgeTasks(db, ids, { draining, until });
  }
}

/** Of a task `t` that may go. */
const DISPENSABLE = sql`
  t.status not in ('pending', 'scanning', 'running')
  and exists (select from tasks n where n.rule_id = t.rule_id and n.id > t.id)
  and (t.status <> 'succeeded' or exists (
    select from tasks n where n.rule_id = t.rule_id and n.id > t.id and n.status = 'succeeded'))
  and not exists (
    select from tasks r where r.retry_of = t.id and r.status in ('pending', 'scanning', 'running'))`;

/** Ids are UUIDv7, so the primary key bounds the read. */
function olderThan(days: number): (limit: number) => SQL {
  const msecs = Date.now() - days * DAY_MS;
  const oldest = uuidv7({ msecs, random: new Uint8Array(16), seq: 0 });
  return (limit) => sql`
    select t.id from tasks t
    where t.id < ${oldest} and t.ended_at < ${new Date(msecs).toISOString()} and ${DISPENSABLE}
    order by t.id limit ${limit}`;
}

function beyond(perRule: number): (limit: number) => SQL {
  return (limit) => sql`
    select t.id from rules
    cross join lateral (
      select id, rule_id, status from tasks where rule_id = rules.id order by id desc offset ${perRule}
    ) t
    where ${DISPENSABLE}
    limit ${limit}`;
}
