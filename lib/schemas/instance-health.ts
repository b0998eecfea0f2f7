import type { InstanceEvents } from "./event.ts";
import type { HealthStatus, InstanceRow } from "./instance.ts";
import type { LimitsInUse } from "./limits.ts";
import type { InstanceName, Instant } from "./task.ts";

/** The last 24 hours in brief; latencies in milliseconds, null where nothing answered. */
export interface LatencySummary {
  p50Ms: number | null;
  p95Ms: number | null;
  /** Median of each hour, oldest first. */
  points: (number | null)[];
}

/** A quarter of an hour. */
export interface HealthBucket {
  at: Instant;
  checks: number;
  failed: number;
  p50Ms: number | null;
  p95Ms: number | null;
  maxMs: number | null;
}

/** The last 24 hours of one instance. */
export interface HealthHistory {
  p50Ms: number | null;
  p95Ms: number | null;
  checks: number;
  failed: number;
  /** 96 of them, oldest first. */
  buckets: HealthBucket[];
}

/** The other end of some rules. */
export interface FeedEnd {
  instance: InstanceName;
  /** `unknown` where the viewer holds no view. */
  health: HealthStatus;
  /** Rules between the two. */
  rules: number;
  /** … of which are switched off or paused. */
  off: number;
}

/** Who feeds whom, as far as the viewer sees it. */
export interface InstanceFeeds {
  /** Of all ends together: a rule with several targets is one. */
  rules: { out: number; in: number };
  out: FeedEnd[];
  in: FeedEnd[];
}

/** A rule that names the instance, for the danger zone. */
export interface RuleMention {
  id: string;
  name: string;
  /** The instance is its source, else a target. */
  source: boolean;
}

export interface InstanceListRow extends InstanceRow {
  /** Null where the viewer holds no view, and before the first check. */
  latency: LatencySummary | null;
  rulesOut: number;
  rulesIn: number;
}

/** Everything that /instances/[id] shows. */
export interface InstanceDetail {
  instance: InstanceRow;
  history: HealthHistory;
  feeds: InstanceFeeds;
  events: InstanceEvents;
  /** Null without limits. */
  limits: LimitsInUse | null;
  /** The first few rules that name it; `instance.ruleCount` is all of them. */
  rules: RuleMention[];
}

/** Something about an instance that somebody should see to. */
export interface InstanceConcern {
  kind: "unreachable" | "credential-refused" | "credential-old" | "slow";
  instance: InstanceName;
  since: Instant | null;
  /** What the last check said, and in which words. */
  code: string | null;
  detail: string | null;
  /** Rules that name it. */
  rules: number;
}
