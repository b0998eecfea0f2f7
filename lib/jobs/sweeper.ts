import { sql } from "drizzle-orm";
import { config } from "../config.ts";
import type { Database, Tx } from "../db/client.ts";
import { databaseNow } from "../db/clock.ts";
import { log } from "../log.ts";
import { wakeWorkers } from "../queue/boss.ts";
import { COPY, QUEUES, SCAN } from "../queue/queues.ts";
import { DELETIONS_TO_SEND, sendDueDeletions } from "./deletions/due-rows.ts";
import { HEARTBEAT_MS } from "./heartbeats.ts";
import { adoptOrphans } from "./orphans.ts";
import { warnOf } from "./outage-log.ts";
import { noteSweep, reconcileRules } from "./reconcile.ts";
import { DUE_SCHEDULES, fireSchedules, fireVerifications } from "./schedule.ts";
import { carryOutStop, TASKS_TO_STOP, tasksToStop } from "./stop.ts";
import { isAny } from "./waiting-work.ts";

const SWEEP_MS = 1_000;
const NOW_AND_THEN = 15;
/** Three heartbeats missed: the process is stopped or cut off, though Postgres still keeps its lock. */
const STALE_MS = 3 * HEARTBEAT_MS;
/** After a restart of Postgres nobody holds a lock and no heartbeat is fresh: give everybody time to come back. */
const GRACE_MS = 8_000;
/** A job that has brought down this many workers has failed: adopting its task gives it up. */
const MAX_CLAIMS = 100;
/** "lockstep sweep" among advisory locks: one worker sweeps at a time. */
const SWEEP_LOCK = 7_305_808_871;

export interface Sweeper {
  /** Sweeps once; the timer does nothing else, where there is anything to sweep, and now and then where there is not. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Every second one question, and where it finds something: jobs of dead workers go back to the queue, stops are carried out, schedules that are due are fired; now and
 * then orphans are adopted and rules compared.
 */
export function createSweeper(db: Database): Sweeper {
  let rounds = 0;
  let sweeping: Promise<void> | null = null;

  async function sweep(): Promise<void> {
    const mine = await db.transaction(async (tx) => {
      const { rows } = await tx.execute<{ mine: boolean }>(
        sql`select pg_try_advisory_xact_lock(${SWEEP_LOCK}) as mine`,
      );
      if (rows[0]?.mine) {
        await releaseLostJobs(tx);
      }
      return rows[0]?.mine ?? false;
    });
    if (!mine) {
      return;
    }
    for (const taskId of await tasksToStop(db)) {
      // One task that cannot be ended, or not now, does not keep the others waiting.
      await db
        .transaction((tx) => carryOutStop(tx, taskId))
        .catch((error: unknown) => log.warn({ err: error, taskId }, "a stop could not be carried out"));
    }
    const now = await databaseNow(db);
    await fireSchedules(db, now);
    await fireVerifications(db, now);
    await sendDueDeletions(db);
    if (rounds++ % NOW_AND_THEN === 0) {
      await adoptOrphans(db);
      await noteSweep(db);
      await reconcileRules(db, config().reconcileHours);
    }
  }

  /** Most seconds there is nothing: an idle worker asks one question then, not a dozen. */
  async function sweepWhereDue(): Promise<void> {
    if (rounds % NOW_AND_THEN === 0 || (await isAny(db, ANYTHING_TO_SWEEP))) {
      return sweep();
    }
    rounds++;
  }

  const timer = setInterval(() => {
    sweeping ??= sweepWhereDue()
      .catch((error: unknown) => warnOf(db, error, "a sweep failed"))
      .finally(() => {
        sweeping = null;
      });
  }, SWEEP_MS);
  return {
    sweep,
    close: async () => {
      clearInterval(timer);
      await sweeping;
    },
  };
}

/** Workers whose lock is free. */
const DEAD_WORKERS = sql`
  select w.id, w.lock_key, w.host, w.pid from workers w
  where pg_postmaster_start_time() < now() - ${GRACE_MS} * interval '1 millisecond'
    and not exists (
      select from pg_locks l
      where l.locktype = 'advisory' and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())
        and (l.classid::bigint << 32) | l.objid::bigint = w.lock_key
    )`;
/** Of a job at work: nobody has said for long that it is alive. */
const STALE = sql`(
  j.heartbeat_on < now() - ${STALE_MS} * interval '1 millisecond'
  and pg_postmaster_start_time() < now() - ${STALE_MS} * interval '1 millisecond')`;
/** What a sweep carries out, but for what it does now and then. */
const ANYTHING_TO_SWEEP = sql`
  select where exists (${DEAD_WORKERS})
    or exists (select from pgboss.job j where j.name in ${[...QUEUES]} and j.state = 'active' and ${STALE})
    or exists (${TASKS_TO_STOP}) or exists (${DUE_SCHEDULES}) or exists (${DELETIONS_TO_SEND})`;

/**
 * Jobs whose worker's lock is free, or whose heartbeat is stale, go back without counting as failed. All times are the
 * database's, so a worker whose clock is wrong takes nothing early.
 */
async function releaseLostJobs(tx: Tx): Promise<void> {
  const dead = await tx.execute<{ id: string; lock_key: string; host: string; pid: number }>(DEAD_WORKERS);
  const ids = dead.rows.map(({ id }) => id);
  const released = await tx.execute<{ name: string; id: string }>(sql`
    update pgboss.job j
    set state = (case when retry_count >= ${MAX_CLAIMS} then 'failed' else 'retry' end)::pgboss.job_state,
        completed_on = case when retry_count >= ${MAX_CLAIMS} then now() end,
        start_after = now(), heartbeat_on = null, retry_limit = retry_limit + 1
    where j.name in ${[...QUEUES]} and j.state = 'active' and (
      exists (
        select from job_leases l
        where l.job_id = j.id and l.attempt = j.retry_count and l.worker_id = any (${sql.param(ids)}::uuid[])
      )
      or ${STALE}
    )
    returning j.name, j.id`);
  if (ids.length > 0) {
    // Not one that came back meanwhile: it has another lock.
    const keys = dead.rows.map(({ lock_key: key }) => key);
    await tx.execute(
      sql`delete from workers where id = any (${sql.param(ids)}::uuid[]) and lock_key = any (${sql.param(keys)}::bigint[])`,
    );
    log.warn({ workers: dead.rows.map(({ id, host, pid }) => ({ id, host, pid })) }, "workers are gone");
  }
  if (released.rows.length > 0) {
    log.warn({ jobs: released.rows.length }, "jobs whose worker is gone were handed back");
    await wakeWorkers(tx, SCAN);
    await wakeWorkers(tx, COPY);
  }
}
