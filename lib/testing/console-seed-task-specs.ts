import type { tasks } from "../db/schema/tasks.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./console-seed-base.ts";
import { FAILURES, type FailureFact } from "./console-seed-failures.ts";
import { PAUSED_AGO } from "./console-seed-rules.ts";
import type { TransferMix } from "./console-seed-transfers.ts";

type TaskRow = typeof tasks.$inferInsert;

/** One task worth a page of its own. */
export interface TaskSpec {
  key: string;
  rule: string;
  status: NonNullable<TaskRow["status"]>;
  agoMs: number;
  durationMs?: number;
  mix?: TransferMix;
  trigger?: TaskRow["trigger"];
  by?: string;
  verify?: NonNullable<TaskRow["verify"]>;
  retryOf?: string;
  stoppedBy?: string;
  stopRequested?: true;
  waiting?: { reason: string; inMs: number; at: string };
  failure?: FailureFact;
  closestName?: string;
  joins?: number;
  scanned?: { repositories: number; tags: number };
}

/** Every status a task can have, and what makes it special. Their keys are what a page asks for. */
export const TASKS: readonly TaskSpec[] = [
  {
    key: "running",
    rule: "trade-to-singapore",
    status: "running",
    agoMs: 6 * MINUTE,
    by: "zhoumin",
    mix: {
      copied: 176,
      upToDate: 24,
      exists: 3,
      running: 6,
      pending: 105,
      failures: ["quota", "quota", "quota", "timeout", "immutable"],
    },
  },
  {
    key: "pending-behind",
    rule: "trade-to-singapore",
    status: "pending",
    agoMs: 2 * MINUTE,
    trigger: "event",
    joins: 3,
  },
  {
    key: "scanning",
    rule: "ml-datasets",
    status: "scanning",
    agoMs: 40 * SECOND,
    by: "zhoumin",
    mix: { pending: 42, running: 2 },
    scanned: { repositories: 118, tags: 2_740 },
  },
  {
    key: "waiting",
    rule: "hub-mirror",
    status: "running",
    agoMs: 34 * MINUTE,
    trigger: "event",
    waiting: { reason: "rate-limit", inMs: 55 * MINUTE, at: "shanghai" },
    mix: { copied: 61, running: 1, pending: 38 },
  },
  {
    key: "stopping",
    rule: "risk-models",
    status: "running",
    agoMs: 12 * MINUTE,
    by: "chenli",
    stopRequested: true,
    mix: { copied: 12, running: 2, pending: 9 },
  },
  { key: "pending", rule: "queue-me", status: "pending", agoMs: 30 * SECOND, by: "chenli" },
  {
    key: "succeeded",
    rule: "charts-to-frankfurt",
    status: "succeeded",
    agoMs: 50 * MINUTE,
    durationMs: 4 * MINUTE,
    trigger: "event",
    mix: { copied: 18, upToDate: 31 },
  },
  {
    key: "skipped",
    rule: "everything",
    status: "succeeded",
    agoMs: 3 * HOUR,
    durationMs: 71 * MINUTE,
    by: "zhoumin",
    mix: { copied: 96, upToDate: 148, exists: 14, sourceDeleted: 3 },
  },
  {
    key: "verified",
    rule: "everything",
    status: "partial",
    agoMs: 100 * MINUTE,
    durationMs: 38 * MINUTE,
    trigger: "verify",
    by: "zhoumin",
    verify: "deep",
    mix: { copied: 2, upToDate: 61, exists: 2, failures: ["damaged"] },
  },
  {
    key: "verifying",
    rule: "hangzhou-to-shanghai",
    status: "running",
    agoMs: 3 * MINUTE,
    trigger: "verify",
    verify: "shallow",
    mix: { upToDate: 23, running: 4, pending: 31 },
  },
  {
    key: "retried",
    rule: "base-everywhere",
    status: "partial",
    agoMs: 5 * HOUR,
    durationMs: 22 * MINUTE,
    trigger: "event",
    mix: {
      copied: 84,
      upToDate: 12,
      failures: [
        "denied",
        "denied",
        "credentials",
        "digest",
        "gone",
        "invalid",
        "broken",
        "connection",
        "rate",
        "hostile",
      ],
    },
  },
  {
    key: "retry",
    rule: "base-everywhere",
    status: "partial",
    agoMs: 4 * HOUR,
    durationMs: 6 * MINUTE,
    by: "zhoumin",
    retryOf: "retried",
    mix: { copied: 7, failures: ["denied", "denied", "hostile"] },
  },
  {
    key: "failed-scan",
    rule: "payments-prod",
    status: "failed",
    agoMs: 95 * MINUTE,
    durationMs: 3 * SECOND,
    trigger: "event",
    failure: FAILURES.source,
  },
  {
    key: "failed-all",
    rule: "frankfurt-to-london",
    status: "failed",
    agoMs: 7 * HOUR,
    durationMs: 3 * MINUTE,
    by: "zhoumin",
    mix: { failures: ["credentials", "credentials", "credentials"] },
  },
  {
    key: "stopped",
    rule: "longest",
    status: "stopped",
    agoMs: 8 * HOUR,
    durationMs: 9 * MINUTE,
    by: "chenli",
    stoppedBy: "zhoumin",
    mix: { copied: 30, upToDate: 4, stopped: 66, failures: ["timeout"] },
  },
  {
    key: "nothing",
    rule: "nightly-to-hangzhou",
    status: "nothing-matched",
    agoMs: 20 * MINUTE,
    durationMs: 3 * SECOND,
    trigger: "schedule",
    closestName: "nightly/agent:nightly-2026112",
    scanned: { repositories: 14, tags: 380 },
  },
  {
    key: "hostile",
    rule: "markup",
    status: "partial",
    agoMs: 9 * HOUR,
    durationMs: 40 * SECOND,
    by: "markup",
    mix: { copied: 6, failures: ["hostile"] },
  },
  {
    key: "archived",
    rule: "archive-2024",
    status: "succeeded",
    agoMs: 26 * DAY,
    durationMs: 9 * HOUR,
    by: "left",
    mix: { copied: 40 },
  },
  {
    key: "partners",
    rule: "partners-jakarta",
    status: "failed",
    agoMs: PAUSED_AGO - 20 * MINUTE,
    durationMs: 12 * SECOND,
    trigger: "event",
    failure: {
      code: "TARGETS_PAUSED",
      side: "target",
      httpStatus: null,
      registryMessage: null,
      request: null,
      digest: null,
    },
  },
  {
    key: "inbound",
    rule: "hangzhou-to-shanghai",
    status: "succeeded",
    agoMs: 6 * HOUR,
    durationMs: 2 * MINUTE,
    by: "zhoumin",
    mix: { copied: 9, upToDate: 2 },
  },
];
