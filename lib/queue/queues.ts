import type { QueueOptions } from "pg-boss";

/** Lists and matches one task's source, and plans its transfers. Data: {@link ScanJob}. */
export const SCAN = "scan";
/** Copies one slice of one repository to one target. Data: {@link CopyJob}. */
export const COPY = "copy";
/** Checks the instances that are due, every minute. Data: {@link HealthJob}. */
export const HEALTH = "health";
/** Removes what has expired, every hour. */
export const HOUSEKEEPING = "housekeeping";
/** Removes the tasks of a rule that was deleted. Data: {@link PurgeJob}. */
export const PURGE = "purge";

/** Follows what was deleted at a source, one rule at a time. Data: {@link DeletionJob}. */
export const DELETION = "deletion";

/** Reads at its source what events told of by digest alone. Data: {@link ReferrersJob}. */
export const REFERRERS = "referrers";

export const QUEUES = [SCAN, COPY, HEALTH, HOUSEKEEPING, PURGE, DELETION, REFERRERS] as const;
export type QueueName = (typeof QUEUES)[number];

export interface ScanJob {
  taskId: string;
}
export interface CopyJob {
  taskId: string;
  slice: number;
  /** The scan listed the target repository, and no tag was there. */
  targetEmpty?: boolean;
  /** Manifests of the slice that the scan had to read, as text: another worker need not ask its source for them again. */
  manifests?: string[];
}
export interface PurgeJob {
  ruleId: string;
}
export type DeletionJob = { ruleId: string } & (
  | { kind: "sweep"; sweepOf: string }
  /** What an event told of: tags that the rule has placed. */
  | { kind: "events"; tags: { repository: string; tag: string }[] }
  /** Rows that are due, and those that a person wants back. */
  | { kind: "due" }
  /** What was copied before the rule followed deletions. */
  | { kind: "remember" }
);
export interface ReferrersJob {
  instanceId: string;
  /** Their ids. */
  events: string[];
}
export interface HealthJob {
  /** Only instances that nobody has checked yet. */
  unknownOnly?: boolean;
}

/** NOTIFY channel that wakes idle workers; the payload is the queue's name. */
export const JOBS_CHANNEL = "lockstep_jobs";

/** The payload for events that came in: their rows are the queue (lib/jobs/event-inbox.ts). */
export const INBOX = "inbox";

/** The payload for limits of instances that were changed (lib/jobs/throttles.ts). */
export const LIMITS = "limits";

/** The payload for notices that wait in the outbox, which is their queue (lib/jobs/notice-sender.ts). */
export const OUTBOX = "outbox";

/** Times a job may fail and be tried again before its failures count; how patient that makes us: lib/jobs/backoff.ts. */
export const RETRY_LIMIT = 3;

/** Times one request is asked again inside of a job, around which that limit goes. */
export const REQUEST_RETRIES = 5;

const DAY_SECONDS = 86_400;
/** A job that is alive may run this long; whether it is alive, its heartbeat and its worker's lock tell. */
const durable: QueueOptions = {
  retryLimit: RETRY_LIMIT,
  retryDelay: 2,
  retryBackoff: true,
  expireInSeconds: DAY_SECONDS,
  retentionSeconds: 365 * DAY_SECONDS,
  deleteAfterSeconds: DAY_SECONDS,
  // Only the last resort of pg-boss' own monitor: our sweeper acts sooner (lib/jobs/sweeper.ts).
  heartbeatSeconds: 120,
};
/** The schedule brings the next one; a failed one is not worth a retry. */
const periodic: QueueOptions = {
  retryLimit: 0,
  expireInSeconds: 300,
  retentionSeconds: 3_600,
  deleteAfterSeconds: 3_600,
};

export const QUEUE_OPTIONS: Record<QueueName, QueueOptions> = {
  [SCAN]: durable,
  [COPY]: durable,
  [HEALTH]: periodic,
  [HOUSEKEEPING]: periodic,
  [PURGE]: durable,
  [DELETION]: durable,
  [REFERRERS]: durable,
};
