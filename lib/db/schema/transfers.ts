import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import type { DigestTagList, Referrers } from "../../schemas/referrers.ts";
import type { FailureFact, TransferStatus } from "../../schemas/task.ts";
import type { AttemptFailure } from "../../schemas/transfer.ts";
import type { TransferVerification } from "../../schemas/verify-words.ts";
import { at, bytes, count } from "./columns.ts";
import { instances } from "./instances.ts";
import { tasks } from "./tasks.ts";

/** The unit of result: one tag of one repository to one target. */
export const transfers = pgTable(
  "transfers",
  {
    id: uuid("id").primaryKey(),
    taskId: uuid("task_id")
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    /** Of the rule snapshot; no foreign key, a target may be edited away while the task runs. */
    ruleTargetId: uuid("rule_target_id").notNull(),
    targetInstanceId: uuid("target_instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    /** Full source path, namespace included. */
    repository: text("repository").notNull(),
    tag: text("tag").notNull(),
    targetRepository: text("target_repository").notNull(),
    /** A slice of a repository is copied by one job. */
    slice: integer("slice").notNull(),
    /** Since when an event says that the source holds this; null where a scan found it: then since the row was written. */
    knownAt: at("known_at"),
    digest: text("digest"),
    /** What the tag names at the target, where a single image of an index was copied; null: the same as `digest`. */
    targetDigest: text("target_digest"),
    mediaType: text("media_type"),
    /** Found in the chart repository of the source; null: in its registry. */
    store: text("store").$type<"charts">(),
    /** What the scan's list of tags holds of signatures and the like; null: it read none. */
    digestTags: jsonb("digest_tags").$type<DigestTagList>(),
    /** Signatures, attestations and SBOMs that came along; null: none. */
    referrers: jsonb("referrers").$type<Referrers>(),
    status: text("status").$type<TransferStatus>().notNull().default("pending"),
    reason: text("reason"),
    failure: jsonb("failure").$type<FailureFact>(),
    /** Attempts that went wrong, the latest few; a transfer that was copied in the end keeps them. */
    attemptFailures: jsonb("attempt_failures").$type<AttemptFailure[]>().notNull().default([]),
    attempts: count("attempts"),
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    bytesCopied: bytes("bytes_copied"),
    bytesMounted: bytes("bytes_mounted"),
    bytesSkipped: bytes("bytes_skipped"),
    replacedDigest: text("replaced_digest"),
    /**
     * When its tag was written, where proving it is part of the transfer: an attempt that begins anew finds the tag in its place,
     * and it is this transfer that brought it.
     */
    copiedAt: at("copied_at"),
    /** What was proven of it at the target, or what is lacking there; null: nobody looked. */
    verification: jsonb("verification").$type<TransferVerification>(),
    /** Manifests and blobs looked at so far, and bytes read back. */
    contentsVerified: bytes("contents_verified"),
    bytesVerified: bytes("bytes_verified"),
    startedAt: at("started_at"),
    endedAt: at("ended_at"),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    unique("transfers_place").on(table.taskId, table.ruleTargetId, table.repository, table.tag),
    // Pages of a task, in the order of the scan.
    index("transfers_task").on(table.taskId, table.id),
    // … of one status; with the target, so that what came to each is counted from the index alone.
    index("transfers_task_status").on(table.taskId, table.status, table.id, table.ruleTargetId),
    index("transfers_slice").on(table.taskId, table.slice),
    // Where this content came from: an event about it may be the echo of our own push. And which tags name it: one may tell of
    // a signature.
    index("transfers_content")
      .on(table.digest, table.targetInstanceId)
      .where(sql`${table.status} in ('pending', 'running', 'copied', 'up-to-date')`),
    // What we last had to do with a tag of a target, whatever it named: a push there that is newer than its source is not overwritten.
    index("transfers_target_tag")
      .on(sql`hashtextextended(${table.targetRepository} || ':' || ${table.tag}, 0)`)
      .where(sql`${table.status} in ('copied', 'up-to-date')`),
    index("transfers_written_image")
      .on(table.targetDigest, table.targetInstanceId)
      .where(sql`${table.targetDigest} is not null`),
    check(
      "transfers_status",
      sql`${table.status} in ('pending', 'running', 'copied', 'up-to-date', 'skipped', 'failed', 'stopped')`,
    ),
  ],
);

/**
 * Single flight over all workers: which content a task has placed in which repository of a target, and who is at it.
 * A claim (`placed` false) is live while its job attempt is; one that was given back with an upload to go on with has none (-1).
 */
export const placements = pgTable(
  "placements",
  {
    taskId: uuid("task_id")
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    targetInstanceId: uuid("target_instance_id").notNull(),
    digest: text("digest").notNull(),
    /** Repository at the target. */
    repository: text("repository").notNull(),
    placed: boolean("placed").notNull().default(false),
    /** How far the upload of an open claim is, sealed: its URL lets whoever has it write into the upload. */
    uploadSealed: text("upload_sealed"),
    jobId: uuid("job_id").notNull(),
    jobAttempt: integer("job_attempt").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.targetInstanceId, table.digest, table.repository] }),
  ],
);

/**
 * Who writes a tag of a target at this moment, over all tasks and workers. Live while the job attempt is; it goes when the tag is
 * written.
 */
export const tagClaims = pgTable(
  "tag_claims",
  {
    targetInstanceId: uuid("target_instance_id").notNull(),
    repository: text("repository").notNull(),
    tag: text("tag").notNull(),
    jobId: uuid("job_id").notNull(),
    jobAttempt: integer("job_attempt").notNull(),
  },
  (table) => [primaryKey({ columns: [table.targetInstanceId, table.repository, table.tag] })],
);
