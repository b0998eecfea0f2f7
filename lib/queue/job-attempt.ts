import { sql } from "drizzle-orm";
import { fromDrizzle } from "pg-boss";
import type { Executor, Tx } from "../db/client.ts";
import { boss, wakeWorkers } from "./boss.ts";
import { type Lease, LeaseLost } from "./fence.ts";

/** Completes this attempt's job. @throws {LeaseLost} so that the transaction is rolled back */
export async function completeJob(tx: Tx, lease: Lease): Promise<void> {
  const instance = await boss();
  const done = await instance.complete(lease.queue, { id: lease.jobId, retryCount: lease.attempt }, null, {
    db: fromDrizzle(tx, sql),
  });
  if ((done as { affected?: number }).affected !== 1) {
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
