import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { HealthStatus } from "../../schemas/instance.ts";
import { at } from "./columns.ts";
import { instances } from "./instances.ts";
import { users } from "./people.ts";
import { rules } from "./rules.ts";
import { tasks } from "./tasks.ts";

/** Each check of an instance; kept for 30 days (lib/jobs/housekeeping-job.ts). */
export const instanceChecks = pgTable(
  "instance_checks",
  {
    instanceId: uuid("instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    at: at("at").notNull(),
    status: text("status").$type<HealthStatus>().notNull(),
    /** Null when it did not answer. */
    latencyMs: integer("latency_ms"),
    code: text("code"),
  },
  (table) => [
    primaryKey({ columns: [table.instanceId, table.at] }),
    index("instance_checks_at").on(table.at),
  ],
);

/** What a task had done at a moment: the points of its throughput curve, thinned as it grows old. */
export const taskSamples = pgTable(
  "task_samples",
  {
    taskId: uuid("task_id")
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    at: at("at").notNull(),
    bytesCopied: bigint("bytes_copied", { mode: "number" }).notNull(),
    /** Transfers that ended. */
    settled: integer("settled").notNull(),
    /** Why nothing moved, when the task was waiting: `rate-limited`, … */
    waitingReason: text("waiting_reason"),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.at] })],
);

/** What a form that was sent twice answers the second time; kept for a day. */
export const submissions = pgTable(
  "submissions",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Random, made when the form was opened. */
    key: uuid("key").notNull(),
    action: text("action").notNull(),
    /** What the action answered; null only while its transaction runs. */
    result: jsonb("result"),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] }), index("submissions_at").on(table.at)],
);

/** Each firing of a schedule: a due instant of a rule fires once. Kept for 30 days. */
export const scheduleRuns = pgTable(
  "schedule_runs",
  {
    ruleId: uuid("rule_id")
      .notNull()
      .references(() => rules.id, { onDelete: "cascade" }),
    /** The instant that the schedule names. */
    dueAt: at("due_at").notNull(),
    /** When it was fired: later after an outage, and then for all that were missed. */
    at: at("at").notNull().defaultNow(),
    /** The task that was created or joined, for as long as it is kept; null when no target takes part. */
    taskId: uuid("task_id"),
  },
  (table) => [primaryKey({ columns: [table.ruleId, table.dueAt] }), index("schedule_runs_at").on(table.at)],
);
