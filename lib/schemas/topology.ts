import type { HealthStatus } from "./instance.ts";
import type { InstanceName, Instant, TargetStatus, TaskCounters, TaskRow } from "./task.ts";

/** What the rules between two instances came to, the worst first: an edge shows the first that one of its rules is in. */
export const EDGE_STATES = [
  "failed",
  "partial",
  "nothing-matched",
  "stopped",
  "active",
  "never",
  "succeeded",
  "disabled",
] as const;
export type EdgeState = (typeof EDGE_STATES)[number];

/** Instances beyond this are drawn as one place a region, until a region is opened. */
export const DRAWN_ONE_BY_ONE = 80;

/** A place of the drawing: an instance, or all instances of a region. `key` is the instance's id or `region:<name>`. */
export type TopologyNode =
  | {
      kind: "instance";
      key: string;
      name: string;
      /** Empty where the viewer holds no view: then only the name is told. */
      host: string;
      region: string;
      health: HealthStatus;
      viewed: boolean;
    }
  | {
      kind: "region";
      key: string;
      region: string;
      instances: number;
      unreachable: number;
    };

/** All rules from one place to another. */
export interface TopologyEdge {
  from: string;
  to: string;
  /** Pairs of a rule and a target. */
  rules: number;
  /** … of which do not run: the rule is switched off or the target is paused. */
  off: number;
  state: EdgeState;
  /** Of the rules that run, the one that succeeded longest ago; null when one never did, or none runs. */
  oldestSuccessAt: Instant | null;
  /** Of the tags that are missing at the targets of rules that run, since when the oldest is known; null: none is. */
  missingSince: Instant | null;
}

export interface TopologyGraph {
  nodes: TopologyNode[];
  edges: TopologyEdge[];
  /** Instances are drawn as one place a region. */
  byRegion: boolean;
  instances: number;
  rules: number;
  enabledRules: number;
  /** Edges that were left out of the drawing; the table has them. */
  hiddenEdges: number;
}

/** What a task did at one target, in tags. */
type TargetCounters = Pick<TaskCounters, "total" | "copied" | "upToDate" | "skipped">;

/** A rule and one of its targets: the same as the drawing, as a line. */
export interface TopologyRow {
  id: string;
  ruleId: string;
  name: string;
  enabled: boolean;
  paused: boolean;
  source: InstanceName;
  target: InstanceName;
  sourceNamespace: string;
  /** null: the same as the source. */
  targetNamespace: string | null;
  state: EdgeState;
  lastTask: TaskRow | null;
  /** The task that ended last at this target, with its tags here; it need not be the rule's last one. */
  result: { taskId: string; status: TargetStatus; counters: TargetCounters } | null;
  lastSuccessAt: Instant | null;
  /** Since when the oldest tag that it misses is known at the source; null: none is missing. */
  missingSince: Instant | null;
}
