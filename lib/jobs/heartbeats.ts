import type { PgBoss } from "pg-boss";
import type { Lease } from "../queue/fence.ts";
import type { QueueName } from "../queue/queues.ts";
import { type AbortCause, JobAborted } from "./job.ts";

/** The sweeper takes a job whose heartbeat is three of these old: its process is stopped, or cannot reach Postgres. */
export const HEARTBEAT_MS = 5_000;

/** A job in the hands of this process. */
export interface Held {
  readonly signal: AbortSignal;
  readonly draining: AbortSignal;
  abort(cause: AbortCause): void;
  release(): void;
}

/** Keeps the leases of this process fresh, and breaks off the jobs that it has lost. */
export interface Heartbeats {
  hold(lease: Lease, taskId: string | null): Held;
  /** Tells every job to begin nothing new. */
  drain(): void;
  abortAll(cause: AbortCause): void;
  /** Tasks that jobs of this process work for. */
  taskIds(): string[];
  abortTask(taskId: string, cause: AbortCause): void;
  leases(): Lease[];
  close(): void;
}

interface HeldJob {
  lease: Lease;
  taskId: string | null;
  control: AbortController;
}

/** @param onError hears of a beat that failed; the next one follows */
export function createHeartbeats(boss: PgBoss, onError: (error: unknown) => void): Heartbeats {
  const held = new Map<string, HeldJob>();
  const draining = new AbortController();

  async function beat(): Promise<void> {
    const byQueue = Map.groupBy(held.values(), ({ lease }) => lease.queue);
    await Promise.all([...byQueue].map(([queue, jobs]) => touch(queue, jobs)));
  }

  async function touch(queue: QueueName, jobs: HeldJob[]): Promise<void> {
    const attempts = jobs.map(({ lease }) => ({ id: lease.jobId, retryCount: lease.attempt }));
    const answer = (await boss.touch(queue, attempts)) as { settled?: string[] };
    const refreshed = new Set(answer.settled ?? attempts.map(({ id }) => id));
    for (const { lease, control } of jobs) {
      if (!refreshed.has(lease.jobId)) {
        control.abort(new JobAborted("lease-lost"));
      }
    }
  }

  // One at a time: while the database is away, they must not take all of its connections.
  let beating = false;
  const timer = setInterval(() => {
    if (beating) {
      return;
    }
    beating = true;
    beat()
      .catch(onError)
      .finally(() => {
        beating = false;
      });
  }, HEARTBEAT_MS);

  return {
    hold(lease, taskId) {
      const control = new AbortController();
      const key = `${lease.jobId}/${lease.attempt}`;
      held.set(key, { lease, taskId, control });
      return {
        signal: control.signal,
        draining: draining.signal,
        abort: (cause) => control.abort(new JobAborted(cause)),
        release: () => held.delete(key),
      };
    },
    drain: () => draining.abort(new JobAborted("draining")),
    abortAll: (cause) => {
      for (const { control } of held.values()) {
        control.abort(new JobAborted(cause));
      }
    },
    taskIds: () => [...new Set([...held.values()].flatMap(({ taskId }) => taskId ?? []))],
    abortTask: (taskId, cause) => {
      for (const job of held.values()) {
        if (job.taskId === taskId) {
          job.control.abort(new JobAborted(cause));
        }
      }
    },
    leases: () => [...held.values()].map(({ lease }) => lease),
    close: () => clearInterval(timer),
  };
}
