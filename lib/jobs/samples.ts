import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { taskSamples } from "../db/schema/history.ts";
import { tasks } from "../db/schema/tasks.ts";

/** Points of one task lie at least so far apart, whoever writes them. */
export const SAMPLE_MS = 2_000;
/** The last minutes keep every point: speed and estimate are read from them. */
const DENSE = "2 minutes";
/** Points of the time before that, evenly spread over it. */
const OLD_POINTS = 200;
/** Thinning begins here; a curve never has more points than this and those of a moment. */
export const MOST_SAMPLES = 300;

/** When this process last asked whether a point is due, a task. */
const asked = new Map<string, number>();

/**
 * Adds a point to the throughput curve of a task at work: what it has done by now, and why it waits, if it does. A point is
 * due every {@link SAMPLE_MS}, or when the task begins or ceases to wait. Call it last in the transaction that moved
 * the counters, under its fence.
 */
export async function writeSample(tx: Tx, taskId: string, { atOnce = false } = {}): Promise<void> {
  const now = Date.now();
  if (!atOnce && now - (asked.get(taskId) ?? 0) < SAMPLE_MS) {
    return;
  }
  if (asked.size > 1_000) {
    asked.clear();
  }
  asked.set(taskId, now);
  const { rows } = await tx.execute<{ count: number }>(sql`
    with last as (
      select at, waiting_reason from ${taskSamples} where task_id = ${taskId} order by at desc limit 1
    ), task as (
      select bytes_copied, case when waiting_until > now() then waiting_reason end as waiting_reason,
             transfers_copied + transfers_up_to_date + transfers_skipped + transfers_failed + transfers_stopped as settled
      from ${tasks} where id = ${taskId} and status in ('scanning', 'running')
    ), written as (
      insert into ${taskSamples} (task_id, at, bytes_copied, settled, waiting_reason)
      select ${taskId}, clock_timestamp(), task.bytes_copied, task.settled, task.waiting_reason
      from task left join last on true
      where last.at is null or last.at <= clock_timestamp() - ${SAMPLE_MS} * interval '1 millisecond'
         or last.waiting_reason is distinct from task.waiting_reason
      on conflict do nothing
      returning 1
    )
    select (select count(*) from ${taskSamples} where task_id = ${taskId})::int as count from written`);
  if ((rows[0]?.count ?? 0) >= MOST_SAMPLES) {
    await thinSamples(tx, taskId);
  }
}

/** Of the points before the last minutes, one of each equal stretch of time stays; one that tells of a wait goes first. */
async function thinSamples(tx: Tx, taskId: string): Promise<void> {
  await tx.execute(sql`
    with old as (
      select at, waiting_reason, min(at) over () as first, max(at) over () as last from ${taskSamples}
      where task_id = ${taskId} and at < now() - ${DENSE}::interval
    ), ranked as (
      select at, row_number() over (
        partition by floor(${OLD_POINTS} * extract(epoch from at - first)
                           / greatest(1, extract(epoch from last - first)))
        order by waiting_reason is null, at
      ) as rank from old
    )
    delete from ${taskSamples} s using ranked
    where s.task_id = ${taskId} and s.at = ranked.at and ranked.rank > 1`);
}
