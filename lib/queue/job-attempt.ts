import { sql } from "drizzle-orm";
import type { Executor } from "../db/client.ts";
import { wakeWorkers } from "./boss.ts";
import { type Lease, LeaseLost } from "./fence.ts";

/**
 * Completes this attempt's job and takes the note of who had it away, in one statement: every job ends with it.
 * @throws {LeaseLost} and nothing has changed
 */
export async function completeJob(executor: Executor, lease: Lease): Promise<void> {
  const { rows } = await executor.execute(sql`
    with done as (
      update pgboss.job set state = 'completed', completed_on = now(), output = null
      where name = ${lease.queue} and id = ${lease.jobId} and state = 'active' and retry_count = ${lease.attempt}
      returning id, retry_count
    ), given as (
      delete from job_leases l using done where l.job_id = done.id and l.attempt = done.retry_count
    )
    select id from done`);
  if (rows.length === 0) {
    throw new LeaseLost(lease);
  }
}

/**
 * Puts this attempt's job back into the queue.
 *
 * `counts` says whether it uses up one of the job's retries. A worker that stops or dies has not failed: its job comes
 * back without counting, by raising the limit along with the count. (pg-boss' own `restore` would let the next claim
 * have the same attempt number, and then the fence could not tell the two apart.)
 *
 * @returns false when the lease is lost already
 */
export async function releaseJob(
  executor: Executor,
  lease: Lease,
  { delayMs, counts }: { delayMs: number; counts: boolean },
): Promise<boolean> {
  const released = await executor.execute(sql`
    update pgboss.job
    set state = 'retry', start_after = now() + ${delayMs} * interval '1 millisecond', heartbeat_on = null,
        retry_limit = retry_limit + ${counts ? 0 : 1}
    where name = ${lease.queue} and id = ${lease.jobId} and state = 'active' and retry_count = ${lease.attempt}
    returning 1`);
  if (released.rows.length === 0) {
    return false;
  }
  if (delayMs === 0) {
    await wakeWorkers(executor, lease.queue);
  }
  return true;
}
