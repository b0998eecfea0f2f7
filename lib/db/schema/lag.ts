import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { TargetStatus } from "../../schemas/task.ts";
import { at, count } from "./columns.ts";

/**
 * How the last task of a rule ended at one of its targets. No foreign key: a task ends while its rule is edited, and neither
 * waits for the other; rows of targets that are gone are never read, and housekeeping removes them.
 */
export const targetResults = pgTable(
  "target_results",
  {
    ruleTargetId: uuid("rule_target_id").primaryKey(),
    taskId: uuid("task_id").notNull(),
    status: text("status").$type<TargetStatus>().notNull(),
    endedAt: at("ended_at").notNull(),
    copied: count("copied"),
    upToDate: count("up_to_date"),
    skipped: count("skipped"),
    failed: count("failed"),
    stopped: count("stopped"),
    /** When a task last succeeded here, whatever it did at other targets. */
    succeededAt: at("succeeded_at"),
    /** When a task last went through the whole rule and left nothing out here; null: the target was never complete. */
    wholeAt: at("whole_at"),
  },
  (table) => [
    check(
      "target_results_status",
      sql`${table.status} in ('succeeded', 'partial', 'failed', 'stopped', 'nothing-matched')`,
    ),
  ],
);

/**
 * Tags that a target is known to miss: a transfer failed, was stopped or waits for another try, or a task ended before it came
 * to them. Nothing is written while all goes well; what open tasks still owe is read from them (lib/data/target-lag.ts).
 * A transfer that ends well, or a scan that no longer finds the tag, removes the row. No foreign key, as above.
 */
export const targetMisses = pgTable(
  "target_misses",
  {
    ruleTargetId: uuid("rule_target_id").notNull(),
    repository: text("repository").notNull(),
    tag: text("tag").notNull(),
    /** When the content was first known at the source: its event came, or a scan saw it. */
    knownAt: at("known_at").notNull(),
    /** What last tried to bring it, if anything did; it may be purged by now. */
    transferId: uuid("transfer_id"),
    taskId: uuid("task_id").notNull(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.ruleTargetId, table.repository, table.tag] }),
    index("target_misses_oldest").on(table.ruleTargetId, table.knownAt),
  ],
);
