import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { DialectName, EventState } from "../../schemas/words.ts";
import { at } from "./columns.ts";
import { instances } from "./instances.ts";

/** Where an instance tells of its pushes, and by what its events are known. */
export const eventAddresses = pgTable("event_addresses", {
  instanceId: uuid("instance_id")
    .primaryKey()
    .references(() => instances.id, { onDelete: "cascade" }),
  dialect: text("dialect").$type<DialectName>().notNull(),
  tokenHash: text("token_hash").notNull(),
  /** Only where a signature has to be computed; lib/secrets `seal(…)`, AAD `event_addresses|<instance id>|token`. */
  tokenSealed: text("token_sealed"),
  /** The last characters: people tell tokens apart by them. */
  tokenHint: text("token_hint").notNull(),
  /** The token before, until everybody has the new one. */
  previousHash: text("previous_hash"),
  previousSealed: text("previous_sealed"),
  previousUntil: at("previous_until"),
  setAt: at("set_at").notNull().defaultNow(),
});

/** A task that an event started or joined. */
export interface EventStart {
  ruleId: string;
  taskId: string;
}

/**
 * The inbox: what was told is here before the sender is answered, and a worker takes it from here. `accepted` rows are the
 * queue; the others are kept for people to read (lib/jobs/housekeeping-job.ts).
 */
export const events = pgTable(
  "events",
  {
    /** UUIDv7: sorts by time. */
    id: uuid("id").primaryKey(),
    instanceId: uuid("instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    receivedAt: at("received_at").notNull().defaultNow(),
    dialect: text("dialect").$type<DialectName>().notNull(),
    /** The sender's name of it: one that comes again is the same event. */
    eventId: text("event_id").notNull(),
    /** Null for a request that was refused. */
    action: text("action").$type<"push" | "delete">(),
    repository: text("repository"),
    tag: text("tag"),
    digest: text("digest"),
    /** Of a refused request: who sent it. */
    ip: text("ip"),
    state: text("state").$type<EventState>().notNull().default("accepted"),
    /** Why it was ignored or refused: a key of messages/<locale>/events.json. */
    reason: text("reason"),
    started: jsonb("started").$type<EventStart[]>().notNull().default([]),
    processedAt: at("processed_at"),
  },
  (table) => [
    uniqueIndex("events_once").on(table.instanceId, table.eventId),
    index("events_instance").on(table.instanceId, table.id),
    index("events_accepted").on(table.id).where(sql`${table.state} = 'accepted'`),
    index("events_received").on(table.receivedAt),
    // The echo of our own pushes is told from a later push of the same tag by what else came in between.
    index("events_tag").on(table.instanceId, table.repository, table.tag),
    check("events_state", sql`${table.state} in ('accepted', 'processed', 'ignored', 'refused')`),
    check("events_action", sql`${table.action} in ('push', 'delete')`),
  ],
);
