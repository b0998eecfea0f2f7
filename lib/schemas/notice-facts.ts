import type { FailureFact, Instant } from "./task.ts";
import type { NoticeTaskStatus, Trigger } from "./words.ts";

export interface NoticePlace {
  instance: { id: string; name: string };
  /** null: the same as the source; '': the root. */
  namespace: string | null;
}

/** A reason why transfers of a task failed. */
export interface NoticeReason {
  /** Transfers that failed for it; 0: the scan itself. */
  count: number;
  fact: FailureFact;
  /** The instance that said it, by name. */
  instance: string;
  /** One of those that failed. */
  repository: string | null;
  tag: string | null;
}

/** How a task ended, as it was read when it was first told of. */
export interface TaskFacts {
  kind: "task";
  task: {
    id: string;
    number: number;
    status: NoticeTaskStatus;
    trigger: Trigger;
    createdAt: Instant;
    /** Null: nobody had begun with it. */
    startedAt: Instant | null;
    endedAt: Instant;
  };
  rule: { id: string; name: string };
  source: NoticePlace;
  targets: NoticePlace[];
  result: {
    total: number;
    copied: number;
    upToDate: number;
    skipped: number;
    failed: number;
    stopped: number;
    bytesCopied: number;
  };
  /** Of a task that verified, by tags: whole, of these repaired, not whole. Left out where nothing was. */
  verified?: { whole: number; repaired: number; incomplete: number };
  /** The first success of the rule after a failure. */
  recovered: boolean;
  /** The most frequent ones. */
  reasons: NoticeReason[];
}

/** An instance went away, or came back. */
export interface InstanceFacts {
  kind: "instance";
  instance: { id: string; name: string };
  reachable: boolean;
  since: Instant;
  /** When it came back. */
  until: Instant | null;
  /** Why it cannot be reached. */
  fact: FailureFact | null;
}

/** A schedule that did not fire in time, and has now. */
export interface ScheduleFacts {
  kind: "schedule";
  /** What it is a schedule of; left out: of syncing. */
  of?: "verify";
  rule: { id: string; name: string };
  instance: { id: string; name: string };
  dueAt: Instant;
  firedAt: Instant;
}

/** A sample, sent by hand. */
export interface SampleFacts {
  kind: "sample";
  at: Instant;
}

export type NoticeFacts = TaskFacts | InstanceFacts | ScheduleFacts | SampleFacts;
