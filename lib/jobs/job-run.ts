import { and, eq, sql } from "drizzle-orm";
import { fromDrizzle, type PgBoss } from "pg-boss";
import type { Database } from "../db/client.ts";
import { jobLeases } from "../db/schema/installation.ts";
import { log } from "../log.ts";
import { type Lease, LeaseLost, TaskGone } from "../queue/fence.ts";
import { completeJob, releaseJob } from "../queue/job-attempt.ts";
import { type QueueName, RETRY_LIMIT } from "../queue/queues.ts";
import { backoffMs } from "./backoff.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { JobAborted, type JobContext, type JobHandler, RetryLater, type RunningJob } from "./job.ts";
import { warnOf } from "./outage-log.ts";
import { isDatabaseAway } from "./transient.ts";

export interface TakenJob {
  readonly lease: Lease;
  readonly data: unknown;
  readonly retriesLeft: number;
}

export interface AttemptOptions {
  readonly db: Database;
  readonly boss: PgBoss;
  readonly heartbeats: Heartbeats;
  readonly context: JobContext;
  readonly handlers: Readonly<Record<QueueName, JobHandler>>;
}

/** How an attempt ended. */
type Ending =
  | { kind: "done" }
  | { kind: "lost" }
  | { kind: "release"; delayMs: number; counts: boolean }
  | { kind: "exhausted"; error: unknown };

/** Runs one attempt of one job to its end, whatever that is, and tells the queue. Never throws. */
export async function attempt(job: TakenJob, options: AttemptOptions): Promise<void> {
  const { lease } = job;
  const handler = options.handlers[lease.queue];
  const held = options.heartbeats.hold(lease, taskIdOf(job.data));
  const failures = Math.max(0, RETRY_LIMIT - job.retriesLeft);
  const running: RunningJob = {
    lease,
    data: job.data,
    lastAttempt: job.retriesLeft === 0,
    failures,
    signal: held.signal,
    draining: held.draining,
    abort: held.abort,
  };
  let ending: Ending;
  try {
    await handler.run(running, options.context);
    ending = { kind: "done" };
  } catch (error) {
    ending = endingOf(error, running);
    if (isDatabaseAway(error)) {
      warnOf(
        options.db,
        error,
        `job ${lease.jobId} (${lease.queue}) lost its database and goes back to the queue`,
      );
    }
  } finally {
    held.release();
  }
  try {
    await tellQueue(running, ending, options);
  } catch (error) {
    if (error instanceof LeaseLost) {
      log.info({ ...lease }, "a job ended after its lease was lost");
      return;
    }
    // The heartbeat has ended, so the sweeper hands the job on.
    log.warn({ err: error, ...lease }, "the end of a job could not be written");
  }
}

/** Jobs that work for a task name it. */
/** The task that a job is of; null: of none. */
export function taskIdOf(data: unknown): string | null {
  const { taskId } = (data ?? {}) as { taskId?: unknown };
  return typeof taskId === "string" ? taskId : null;
}

function endingOf(error: unknown, job: RunningJob): Ending {
  const cause = job.signal.aborted ? job.signal.reason : error;
  if (error instanceof LeaseLost || (cause instanceof JobAborted && cause.reason === "lease-lost")) {
    return { kind: "lost" };
  }
  if (error instanceof TaskGone || (cause instanceof JobAborted && cause.reason === "stopped")) {
    return { kind: "done" };
  }
  if (cause instanceof JobAborted) {
    return { kind: "release", delayMs: 0, counts: false };
  }
  if (error instanceof RetryLater) {
    return { kind: "release", delayMs: error.delayMs, counts: error.counts };
  }
  if (isDatabaseAway(error)) {
    return { kind: "release", delayMs: backoffMs(1), counts: false };
  }
  log.error({ err: error, ...job.lease, lastAttempt: job.lastAttempt }, "a job failed for a reason of ours");
  return job.lastAttempt
    ? { kind: "exhausted", error }
    : { kind: "release", delayMs: backoffMs(job.failures + 1), counts: true };
}

async function tellQueue(running: RunningJob, ending: Ending, options: AttemptOptions): Promise<void> {
  const { lease } = running;
  switch (ending.kind) {
    case "lost":
      log.info({ ...lease }, "a job lost its lease and was left to its new holder");
      return;
    case "done":
      return completeJob(options.db, lease);
    case "release":
      await options.db.transaction(async (tx) => {
        await releaseJob(tx, lease, ending);
        await tx.delete(jobLeases).where(ofLease(lease));
      });
      return;
    case "exhausted":
      await options.handlers[lease.queue].giveUp?.(running, options.context);
      await options.db.transaction(async (tx) => {
        const output = { message: ending.error instanceof Error ? ending.error.name : "unknown" };
        await options.boss.fail(lease.queue, { id: lease.jobId, retryCount: lease.attempt }, output, {
          db: fromDrizzle(tx, sql),
        });
        await tx.delete(jobLeases).where(ofLease(lease));
      });
  }
}

function ofLease(lease: Lease) {
  return and(eq(jobLeases.jobId, lease.jobId), eq(jobLeases.attempt, lease.attempt));
}
