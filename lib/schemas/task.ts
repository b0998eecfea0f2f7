import { z } from "zod";
import type { Narrowing } from "./narrowing.ts";
import type { VerifyDepth } from "./verify-words.ts";
import type { Side, TaskStatus, TransferStatus, Trigger } from "./words.ts";

// biome-ignore lint/performance/noBarrelFile: the words of a noun are found beside its schema, and the browser skips the schema
export {
  ACTIVE_TASK_STATUSES,
  OPEN_TASK_STATUSES,
  type Side,
  TASK_STATUSES,
  type TaskStatus,
  TRANSFER_STATUSES,
  TRIGGERS,
  type TransferStatus,
  type Trigger,
} from "./words.ts";

/** A point in time, ISO 8601 in UTC: a row is the same through server rendering and JSON. */
export type Instant = string;

/** A tag that a task is to look at. */
const TaskTag = z.object({
  repository: z.string(),
  tag: z.string(),
  /** Since when the source is known to hold new content there: an event told of it. */
  since: z.iso.datetime().optional(),
  /** Ids of targets that are passed over: the content came from there. */
  except: z.array(z.string()).optional(),
});
export type TaskTag = z.infer<typeof TaskTag>;

/**
 * What a task is to look at: the whole rule, single tags (an event, or a tag that moved while it was copied),
 * or the transfers of an ended task that failed (`retryOf` of the task names it). `told`: of the whole rule, the tags that
 * events told of while it waited.
 */
export const TaskScope = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rule"), told: z.array(TaskTag).optional() }),
  z.object({ kind: z.literal("tags"), tags: z.array(TaskTag).min(1) }),
]);
export type TaskScope = z.infer<typeof TaskScope>;
export const WHOLE_RULE: TaskScope = { kind: "rule" };

/** How a task ended at one of its targets. */
export type TargetStatus = Extract<
  TaskStatus,
  "succeeded" | "partial" | "failed" | "stopped" | "nothing-matched"
>;

/** Where a task copies to. */
export interface TaskTarget {
  instance: InstanceName;
  namespace: string | null;
  /** Transfers to it by their status; told for one task that has several targets. */
  counts?: TargetCounts;
}

export type TargetCounts = Partial<Record<TransferStatus, number>>;

/** One line of a rule's log. Counters are stored on the task, never added up on a page. */
export interface TaskRow {
  id: string;
  number: number;
  ruleId: string;
  ruleName: string;
  sourceInstance: InstanceName;
  targets: TaskTarget[];
  sourceNamespace: string;
  /** What its rule narrowed then; null: nothing. */
  narrowing: Narrowing | null;
  trigger: Trigger;
  triggeredBy: string | null;
  status: TaskStatus;
  createdAt: Instant;
  /** When a worker first took it; 任务耗时 counts from here. */
  claimedAt: Instant | null;
  endedAt: Instant | null;
  scanEndedAt: Instant | null;
  stopRequestedAt: Instant | null;
  stoppedBy: string | null;
  retryOf: { id: string; number: number } | null;
  /** How it proves what it brought; null: it does not, or waits and nobody has asked for it. */
  verify: VerifyDepth | null;
  waiting: { until: Instant; reason: string; instanceName: string } | null;
  failure: FailureFact | null;
  /** For a task that matched nothing: the nearest of the names that it saw. */
  closestName: string | null;
  counters: TaskCounters;
  /** Of a task at work; null for any other. */
  pace: TaskPace | null;
  /** The limit that it is at; told for one task that is at work. */
  throttle?: TaskThrottle | null;
  /** Of a task that is pending: what it waits for; null for any other. */
  queue: TaskQueue | null;
}

/** What a rule's row tells of its newest task. */
export type LastTask = Pick<
  TaskRow,
  | "id"
  | "number"
  | "status"
  | "createdAt"
  | "claimedAt"
  | "scanEndedAt"
  | "endedAt"
  | "stopRequestedAt"
  | "stoppedBy"
  | "waiting"
  | "failure"
  | "queue"
> & {
  pace: Pick<TaskPace, "bytesPerSecond"> | null;
  counters: Omit<
    TaskCounters,
    "repositories" | "verified" | "repaired" | "unproven" | "contentsVerified" | "bytesVerified"
  >;
};

/** A limit of an instance, for all tasks together, that keeps a task from going faster. */
export interface TaskThrottle {
  instance: InstanceName;
  kind: "read" | "write" | "copies";
  /** Bytes a second, or copies at once; null: not for this viewer. */
  limit: number | null;
  /** When it changes; a null limit is none. */
  next: { at: Instant; limit: number | null } | null;
}

/** How fast a task goes, and how long it will take, at the moment when the row was read. */
export interface TaskPace {
  /** By the server's clock. */
  at: Instant;
  /** Over the last seconds; null until there is something to measure. */
  bytesPerSecond: number | null;
  /** More than 0 while the task is open; null while nobody can tell. */
  remainingMs: number | null;
}

/** What is at work, of all that one sees. */
export interface Activity {
  running: number;
  /** Of all running tasks together; null until there is something to measure. */
  bytesPerSecond: number | null;
}

export interface TaskQueue {
  /** The task of the same rule that is at work. */
  behind: { id: string; number: number } | null;
  /** Tasks of other rules that came first and wait for a worker too. */
  ahead: number;
}

/** One point of a task's throughput curve: what it had done by then. */
export interface TaskSample {
  at: Instant;
  bytesCopied: number;
  /** Why nothing moved from here on, if the task was waiting. */
  waiting: string | null;
}

export interface InstanceName {
  id: string;
  name: string;
}

export interface TaskCounters {
  repositoriesScanned: number;
  tagsScanned: number;
  /** Source repositories with at least one transfer: 同步仓库数. */
  repositories: number;
  total: number;
  running: number;
  copied: number;
  upToDate: number;
  skipped: number;
  failed: number;
  stopped: number;
  bytesTotal: number;
  bytesCopied: number;
  bytesMounted: number;
  bytesSkipped: number;
  /** Transfers with everything proven; of these, with something that was sent again; and those that lack something. */
  verified: number;
  repaired: number;
  unproven: number;
  /** Manifests and blobs looked at so far, and bytes read back. */
  contentsVerified: number;
  bytesVerified: number;
}

/** Why something failed, as facts; `lib/format/error-sentence` turns it into words. */
export interface FailureFact {
  /** An OCI error code, a TransportError or ContentError code, or a reason such as `exists`. */
  code: string;
  side: Side | null;
  httpStatus: number | null;
  /** What the registry said, already redacted and cut to 1 KiB. */
  registryMessage: string | null;
  /** Method and URL without query, e.g. `PUT https://host/v2/app/manifests/1.0`. */
  request: string | null;
  digest: string | null;
  /** The id that the registry gave to the request, for its administrator; absent where it sent none. */
  requestId?: string | null;
}

/** One page of a list, paged by cursor. `next` and `previous` are opaque. */
export interface Page<T> {
  rows: T[];
  next: string | null;
  previous: string | null;
}

export const TaskIdInput = z.object({ taskId: z.uuid() });
