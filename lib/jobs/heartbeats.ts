import type { PgBoss } from "pg-boss";
import type { Lease } from "../queue/fence.ts";
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

const keyOf = ({ jobId, attempt }: Lease) => `${jobId}/${attempt}`;

/** @param onError hears of a beat that failed; the next one follows */
export function createHeartbeats(boss: PgBoss, onError: (error: unknown) => void): Heartbeats {
  const held = new Map<string, HeldJob>();
  const draining = new AbortController();

  async function beat(): Promise<void> {
    const byQueue = Map.groupBy(held.values(), ({ lease }) => lease.queue);
    await Promise.all([...byQueue.values()].map(touchEach));
  }

  /** Each by itself: a beat waits for what is being written under the lease of its job, and would keep from writing whoever holds the others. */
  async function touchEach(jobs: readonly HeldJob[]): Promise<void> {
    for (const job of jobs) {
      await (isHeld(job) ? touch(job) : undefined);
    }
  }

  const isHeld = (job: HeldJob) => held.get(keyOf(job.lease)) === job;

  async function touch({ lease, control }: HeldJob): Promise<void> {
    const attempt = { id: lease.jobId, retryCount: lease.attempt };
    const answer = (await boss.touch(lease.queue, [attempt])) as { settled?: string[] };
    if (answer.settled && !answer.settled.includes(lease.jobId)) {
      control.abort(new JobAborted("lease-lost"));
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
      const key = keyOf(lease);
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
