import type { HealthStatus } from "./instance.ts";
import type { InstanceConcern } from "./instance-health.ts";
import type { InstanceName, Instant, TaskRow, TaskStatus } from "./task.ts";

/** How much of each list the overview shows; behind each stands the whole list. */
export const OVERVIEW_ROWS = 6;

/** A rule that runs and whose newest task failed, wholly or in part. */
export interface FailingRule {
  id: string;
  name: string;
  source: InstanceName;
  targets: InstanceName[];
  task: TaskRow;
}

/** What root still has to do before the first sync has ended. */
export interface FirstSteps {
  instances: number;
  rules: number;
  /** The instance to begin a rule at: the first that was added. */
  sourceId: string | null;
  /** The newest task, once there is one. */
  taskId: string | null;
}

/** The last 24 hours, and how things stand, as far as the viewer sees them. */
export interface Overview {
  since: Instant;
  /** Tasks created since then, by how they stand. */
  tasks: Record<TaskStatus, number>;
  /** Tags written, and found in place, by those tasks. */
  tagsCopied: number;
  tagsUpToDate: number;
  bytesCopied: number;
  /** At work now: some of them, the longest at work first, and how many there are. */
  running: { rows: TaskRow[]; count: number };
  failing: { rows: FailingRule[]; count: number };
  instances: Record<HealthStatus, number>;
  concerns: InstanceConcern[];
  /** Rules whose target is paused because whoever set it lost receive there. */
  paused: number;
  /** Null once a task has succeeded, and for who may not set up. */
  firstSteps: FirstSteps | null;
}
