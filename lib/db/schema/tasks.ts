import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { RuleSnapshot } from "../../schemas/rule.ts";
import type { FailureFact, TaskScope, TaskStatus, Trigger } from "../../schemas/task.ts";
import type { VerifyDepth } from "../../schemas/verify-words.ts";
import { at, bytes, count } from "./columns.ts";
import { instances } from "./instances.ts";
import { users } from "./people.ts";

export const tasks = pgTable(
  "tasks",
  {
    /** UUIDv7: sorts by time. */
    id: uuid("id").primaryKey(),
    /** What people see, `#1042`; counted a source instance, never reused. */
    number: integer("number").notNull(),
    /**
     * No foreign key: deleting a rule answers at once however many tasks it has. Whoever shows a task joins its rule, so what
     * is left of a deleted rule is not there for anybody, and lib/jobs/purge-job.ts removes it.
     */
    ruleId: uuid("rule_id").notNull(),
    sourceInstanceId: uuid("source_instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    trigger: text("trigger").$type<Trigger>().notNull(),
    triggeredBy: uuid("triggered_by").references(() => users.id, { onDelete: "set null" }),
    scope: jsonb("scope").$type<TaskScope>().notNull(),
    /** The rule as it is when a worker claims the task; until then null. */
    rule: jsonb("rule").$type<RuleSnapshot>(),
    retryOf: uuid("retry_of"),
    /** How it proves what it brought, once it is claimed: what was asked for, or what the rule always does; null: not. */
    verify: text("verify").$type<VerifyDepth>(),
    status: text("status").$type<TaskStatus>().notNull().default("pending"),
    createdAt: at("created_at").notNull().defaultNow(),
    claimedAt: at("claimed_at"),
    scanEndedAt: at("scan_ended_at"),
    endedAt: at("ended_at"),
    updatedAt: at("updated_at").notNull().defaultNow(),
    stopRequestedAt: at("stop_requested_at"),
    stoppedBy: uuid("stopped_by").references(() => users.id, { onDelete: "set null" }),
    waitingUntil: at("waiting_until"),
    waitingReason: text("waiting_reason"),
    waitingInstanceId: uuid("waiting_instance_id"),
    /** Last source repository whose transfers are written: a scan that was cut off goes on after it. */
    scanCursor: text("scan_cursor"),
    /** Why the scan failed. */
    failure: jsonb("failure").$type<FailureFact>(),
    /** Of the names that the scan saw and the rule did not match, the one nearest to its expressions. */
    closestName: text("closest_name"),
    repositoriesScanned: count("repositories_scanned"),
    tagsScanned: count("tags_scanned"),
    repositories: count("repositories"),
    transfersTotal: count("transfers_total"),
    transfersRunning: count("transfers_running"),
    transfersCopied: count("transfers_copied"),
    transfersUpToDate: count("transfers_up_to_date"),
    transfersSkipped: count("transfers_skipped"),
    transfersFailed: count("transfers_failed"),
    transfersStopped: count("transfers_stopped"),
    bytesTotal: bytes("bytes_total"),
    bytesCopied: bytes("bytes_copied"),
    bytesMounted: bytes("bytes_mounted"),
    bytesSkipped: bytes("bytes_skipped"),
    /** Transfers that ended with everything proven; of these, with something that had to be sent again; and those that lack something. */
    transfersVerified: count("transfers_verified"),
    transfersRepaired: count("transfers_repaired"),
    transfersUnproven: count("transfers_unproven"),
    /** Manifests and blobs looked at so far, and bytes read back. */
    contentsVerified: bytes("contents_verified"),
    bytesVerified: bytes("bytes_verified"),
  },
  (table) => [
    // The number first: people look for one without saying where.
    unique("tasks_number").on(table.number, table.sourceInstanceId),
    uniqueIndex("tasks_one_pending").on(table.ruleId).where(sql`${table.status} = 'pending'`),
    uniqueIndex("tasks_one_active").on(table.ruleId).where(sql`${table.status} in ('scanning', 'running')`),
    // With status and end, so that how the newest task of a rule ended, and how all of its last days did, is read from the index alone.
    index("tasks_rule_id").on(table.ruleId, table.id, table.status, table.endedAt),
    // The last success of a rule is one step, however many of its tasks failed since.
    index("tasks_rule_status").on(table.ruleId, table.status, table.id),
    // Lists by one filter, however long ago its tasks were.
    index("tasks_status_id").on(table.status, table.id),
    index("tasks_trigger_id").on(table.trigger, table.id),
    index("tasks_source_id").on(table.sourceInstanceId, table.id),
    index("tasks_open").on(table.id).where(sql`${table.status} in ('pending', 'scanning', 'running')`),
    check(
      "tasks_status",
      sql`${table.status} in ('pending', 'scanning', 'running', 'succeeded', 'partial', 'failed', 'stopped', 'nothing-matched')`,
    ),
    check("tasks_trigger", sql`${table.trigger} in ('manual', 'event', 'schedule', 'reconcile', 'verify')`),
    check("tasks_verify", sql`${table.verify} in ('shallow', 'deep')`),
  ],
);

/** A trigger that joined a task that was still pending (已合并). */
export const taskJoins = pgTable(
  "task_joins",
  {
    id: uuid("id").primaryKey(),
    taskId: uuid("task_id")
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    trigger: text("trigger").$type<Trigger>().notNull(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "set null" }),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [index("task_joins_task").on(table.taskId)],
);
