import type { Database } from "../db/client.ts";
import type { Lease } from "../queue/fence.ts";
import type { Connections } from "./connections.ts";

/** One attempt of one job in the hands of this process. */
export interface RunningJob<Data = unknown> {
  readonly lease: Lease;
  readonly data: Data;
  /** This attempt uses up the job's last retry: what fails now has failed. */
  readonly lastAttempt: boolean;
  /** Failed attempts before this one; hand-backs do not count. */
  readonly failures: number;
  /** Aborts when the job must end now; `reason` is a {@link JobAborted}. */
  readonly signal: AbortSignal;
  /** Aborts first when the worker is told to end: begin nothing new, what is under way may still finish. */
  readonly draining: AbortSignal;
  /** Breaks the job off from within, e.g. when its task was stopped. */
  abort(cause: AbortCause): void;
}

export type AbortCause = "lease-lost" | "draining" | "stopped";

/** Why a running job was broken off. None of them is a failure. */
export class JobAborted extends Error {
  override readonly name = "JobAborted";
  readonly reason: AbortCause;

  constructor(reason: AbortCause) {
    super(`the job was broken off: ${reason}`);
    this.reason = reason;
  }
}

/**
 * Part of the job failed in a way that may pass: the same job is due again after `delayMs`. That uses up a retry unless
 * this attempt got something done.
 */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  readonly delayMs: number;
  readonly counts: boolean;

  constructor(delayMs: number, { counts, cause }: { counts: boolean; cause?: unknown }) {
    super(`to be tried again in ${delayMs} ms`, { cause });
    this.delayMs = delayMs;
    this.counts = counts;
  }
}

/** What every job works with. */
export interface JobContext {
  readonly db: Database;
  readonly connections: Connections;
}

export interface JobHandler<Data = unknown> {
  run(job: RunningJob<Data>, context: JobContext): Promise<void>;
  /** The job failed for a reason of ours and has no retry left: ends what it was to do, so that no task hangs. */
  giveUp?(job: RunningJob<Data>, context: JobContext): Promise<void>;
}
