import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { NoticeFacts } from "../../schemas/notice-facts.ts";
import type { Locale, NoticeEvent, NoticeKind, NoticeState } from "../../schemas/words.ts";
import { at, count } from "./columns.ts";
import { instances } from "./instances.ts";

/** Where notices go. What its address is, is a secret: whoever knows it can write there. */
export const noticeAddresses = pgTable(
  "notice_addresses",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull().unique(),
    kind: text("kind").$type<NoticeKind>().notNull(),
    /** lib/secrets `seal(…)`, AAD `notice_addresses|<id>|url`. */
    urlSealed: text("url_sealed").notNull(),
    urlHost: text("url_host").notNull(),
    /** The last characters: people tell addresses of one host apart by them. */
    urlHint: text("url_hint").notNull(),
    /** AAD `notice_addresses|<id>|secret`: signs, in the way of the kind; null where the receiver asks for none. */
    secretSealed: text("secret_sealed"),
    secretHint: text("secret_hint"),
    secretSetAt: at("secret_set_at"),
    /** The signing secret before, which signs too until then. AAD `…|previous-secret`. */
    previousSecretSealed: text("previous_secret_sealed"),
    previousSecretUntil: at("previous_secret_until"),
    locale: text("locale").$type<Locale>().notNull(),
    failuresOnly: boolean("failures_only").notNull().default(false),
    /** Whatever the instance; false: those of `notice_address_instances`. */
    allInstances: boolean("all_instances").notNull().default(true),
    enabled: boolean("enabled").notNull().default(true),
    /** Why it was switched off by itself; null: by a person, or not at all. */
    disabledReason: text("disabled_reason").$type<"gone">(),
    /** Nothing is sent before: the receiver asked to wait, failed, or has been told enough for this minute. */
    heldUntil: at("held_until"),
    heldReason: text("held_reason").$type<"rate-limited" | "failing" | "pacing">(),
    /** Attempts in a row to which no answer came, or a bad one. */
    failures: count("failures"),
    /** Messages since then: how many a minute its readers get. */
    minuteStartedAt: at("minute_started_at"),
    minuteMessages: count("minute_messages"),
    /** A worker is at it: one message at a time an address, over all workers. */
    claim: uuid("claim"),
    claimedUntil: at("claimed_until"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    check("notice_addresses_kind", sql`${table.kind} in ('generic', 'wecom', 'dingtalk', 'feishu', 'slack')`),
  ],
);

export const noticeAddressInstances = pgTable(
  "notice_address_instances",
  {
    addressId: uuid("address_id")
      .notNull()
      .references(() => noticeAddresses.id, { onDelete: "cascade" }),
    instanceId: uuid("instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
  },
  (table) => [
    primaryKey({ columns: [table.addressId, table.instanceId] }),
    index("notice_address_instances_instance").on(table.instanceId),
  ],
);

/**
 * The outbox: one row a notice and address, written in the transaction of what it tells of. `waiting` rows are the queue; the
 * others are kept for people to read (lib/jobs/housekeeping-job.ts).
 */
export const noticeDeliveries = pgTable(
  "notice_deliveries",
  {
    /** UUIDv7: sorts by time. What the receiver is told as webhook-id, at each attempt the same. */
    id: uuid("id").primaryKey(),
    addressId: uuid("address_id")
      .notNull()
      .references(() => noticeAddresses.id, { onDelete: "cascade" }),
    event: text("event").$type<NoticeEvent>().notNull(),
    /** `task:<id>`, `outage:<instance>:<since>`, …: told to an address once. */
    subject: text("subject").notNull(),
    taskId: uuid("task_id"),
    /** What is told of a subject that is no task; of a task once it has been read, at the first attempt. */
    facts: jsonb("facts").$type<NoticeFacts>(),
    state: text("state").$type<NoticeState>().notNull().default("waiting"),
    createdAt: at("created_at").notNull().defaultNow(),
    /** Given up then. */
    expiresAt: at("expires_at").notNull().default(sql`now() + interval '24 hours'`),
    dueAt: at("due_at").notNull().defaultNow(),
    attempts: count("attempts"),
    lastAttemptAt: at("last_attempt_at"),
    endedAt: at("ended_at"),
    /** The message that told of it together with others: the id of its first. */
    digestId: uuid("digest_id"),
    httpStatus: integer("http_status"),
    /** Why the last attempt failed: a key of messages/<locale>/notices.json. */
    reason: text("reason"),
    /** What the receiver answered, redacted and cut. */
    answer: text("answer"),
    elapsedMs: integer("elapsed_ms"),
  },
  (table) => [
    uniqueIndex("notice_deliveries_once").on(table.addressId, table.subject),
    index("notice_deliveries_waiting")
      .on(table.addressId, table.dueAt)
      .where(sql`${table.state} = 'waiting'`),
    index("notice_deliveries_address").on(table.addressId, table.id),
    index("notice_deliveries_created").on(table.createdAt),
    check("notice_deliveries_state", sql`${table.state} in ('waiting', 'sent', 'failed', 'dropped')`),
  ],
);

/** An instance whose outage was told of; the row goes when it answers again, and that is told too. */
export const noticeOutages = pgTable("notice_outages", {
  instanceId: uuid("instance_id")
    .primaryKey()
    .references(() => instances.id, { onDelete: "cascade" }),
  since: at("since").notNull(),
});
