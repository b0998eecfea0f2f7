import { sql } from "drizzle-orm";
import {
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type {
  DeletionCause,
  DeletionReason,
  DeletionState,
  SweepOutcome,
} from "../../schemas/deletion-words.ts";
import type { FailureFact } from "../../schemas/task.ts";
import { at, count } from "./columns.ts";
import { instances } from "./instances.ts";
import { users } from "./people.ts";
import { rules } from "./rules.ts";

/** Something that belongs to a manifest, with its bytes in base64. */
export interface KeptAttached {
  subject: string;
  tag: string | null;
  list: boolean;
  digest: string;
  mediaType: string;
  manifest: string;
}

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/**
 * Which tags a rule that follows deletions has brought to a target, and what they named then. Nothing else is ever deleted.
 * Written with the end of a transfer (lib/jobs/deletions/placed-tags.ts); outlives the transfer, which is subject to retention.
 */
export const placedTags = pgTable(
  "placed_tags",
  {
    ruleTargetId: uuid("rule_target_id").notNull(),
    /** Source repository, namespace included. */
    repository: text("repository").notNull(),
    tag: text("tag").notNull(),
    /** No foreign key: a rule with a million tags is deleted at once, housekeeping removes what it leaves. */
    ruleId: uuid("rule_id").notNull(),
    targetInstanceId: uuid("target_instance_id").notNull(),
    targetRepository: text("target_repository").notNull(),
    digest: text("digest").notNull(),
    placedAt: at("placed_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.ruleTargetId, table.repository, table.tag] }),
    index("placed_tags_rule").on(table.ruleId),
    // An event names a tag of a repository, or its digest.
    index("placed_tags_source").on(table.repository, table.tag),
    // Whether another rule brings the same tag to the same place.
    index("placed_tags_place").on(table.targetInstanceId, table.targetRepository, table.tag),
  ],
);

/** A tag that is gone at the source and what becomes of its copy at one target. */
export const deletions = pgTable(
  "deletions",
  {
    /** UUIDv7: sorts by time. */
    id: uuid("id").primaryKey(),
    ruleId: uuid("rule_id")
      .notNull()
      .references(() => rules.id, { onDelete: "cascade" }),
    /** No foreign key: a target may be edited away meanwhile. */
    ruleTargetId: uuid("rule_target_id").notNull(),
    targetInstanceId: uuid("target_instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    repository: text("repository").notNull(),
    tag: text("tag").notNull(),
    targetRepository: text("target_repository").notNull(),
    /** What we brought there: a tag that names anything else by now is left alone. */
    digest: text("digest").notNull(),
    cause: text("cause").$type<DeletionCause>().notNull(),
    /** The task whose scan missed it; null when an event told. */
    taskId: uuid("task_id"),
    state: text("state").$type<DeletionState>().notNull(),
    reason: text("reason").$type<DeletionReason>(),
    failure: jsonb("failure").$type<FailureFact>(),
    noticedAt: at("noticed_at").notNull().defaultNow(),
    /** Null while it is held. */
    dueAt: at("due_at"),
    /** Who kept, confirmed or restored it. */
    decidedBy: uuid("decided_by").references(() => users.id, { onDelete: "set null" }),
    decidedAt: at("decided_at"),
    /** A person has looked at it: it does not count towards the share. */
    confirmedAt: at("confirmed_at"),
    attempts: count("attempts"),
    /** Set before the request to delete is sent: from then on the tag may be gone by us. */
    attemptedAt: at("attempted_at"),
    deletedAt: at("deleted_at"),
    /** Until then the manifest is kept and can be put back. */
    undoUntil: at("undo_until"),
    restoreRequestedAt: at("restore_requested_at"),
    mediaType: text("media_type"),
    manifest: bytea("manifest"),
    /** Tags and indexes at the target that need the same manifest: they are put back should the registry take them along. */
    sharing: jsonb("sharing").$type<{ tags: string[]; byDigest: boolean } | null>(),
    /** Signatures and the like that go with the manifest, in the order in which they go; kept as long as it is. */
    attached: jsonb("attached").$type<KeptAttached[]>(),
    /** The attempt of the job that works on it; the claim is live while that attempt is. */
    jobId: uuid("job_id"),
    jobAttempt: integer("job_attempt"),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("deletions_open")
      .on(table.ruleTargetId, table.repository, table.tag)
      .where(sql`${table.state} in ('held', 'pending', 'refused', 'failed')`),
    index("deletions_rule").on(table.ruleId, table.id),
    index("deletions_rule_state").on(table.ruleId, table.state, table.id),
    index("deletions_due").on(table.dueAt).where(sql`${table.state} = 'pending'`),
    index("deletions_restore")
      .on(table.restoreRequestedAt)
      .where(sql`${table.restoreRequestedAt} is not null`),
    index("deletions_undo").on(table.undoUntil).where(sql`${table.undoUntil} is not null`),
    index("deletions_task").on(table.taskId).where(sql`${table.taskId} is not null`),
    check(
      "deletions_state",
      sql`${table.state} in ('held', 'pending', 'deleted', 'kept', 'withdrawn', 'refused', 'failed', 'restored')`,
    ),
    check("deletions_cause", sql`${table.cause} in ('event', 'sweep')`),
    check("deletions_due_at", sql`${table.state} <> 'pending' or ${table.dueAt} is not null`),
  ],
);

/** What the last comparison of a rule said about deletions: one row a rule. */
export const deletionSweeps = pgTable("deletion_sweeps", {
  ruleId: uuid("rule_id")
    .primaryKey()
    .references(() => rules.id, { onDelete: "cascade" }),
  taskId: uuid("task_id").notNull(),
  at: at("at").notNull().defaultNow(),
  outcome: text("outcome").$type<SweepOutcome>().notNull(),
  /** Tags that we brought, and how many of them the source no longer has. */
  known: count("known"),
  missing: count("missing"),
});
