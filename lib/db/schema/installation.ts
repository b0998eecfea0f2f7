import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";

/** One row for the whole installation. */
export const installation = pgTable(
  "installation",
  {
    id: integer("id").primaryKey().default(1),
    /** HMAC of a constant under the secret key: tells keys apart and says nothing about them (lib/db/key-fingerprint.ts). */
    keyFingerprint: text("key_fingerprint").notNull(),
    /** When a worker last looked after the queue: a gap is an outage of ours (lib/jobs/reconcile.ts). */
    sweptAt: at("swept_at"),
    /** When a web process last said that it hears events: a gap is an outage too. */
    heardAt: at("heard_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [check("installation_one", sql`${table.id} = 1`)],
);

/**
 * One row a worker process. It holds the session advisory lock `lockKey` as long as it lives;
 * a free lock means that the process is gone and its jobs may be taken over.
 */
export const workers = pgTable("workers", {
  id: uuid("id").primaryKey(),
  lockKey: bigint("lock_key", { mode: "number" }).notNull().unique(),
  host: text("host").notNull(),
  pid: integer("pid").notNull(),
  version: text("version").notNull(),
  /** Copy jobs that it runs at once. */
  concurrency: integer("concurrency"),
  startedAt: at("started_at").notNull().defaultNow(),
  /** Moves every three seconds as long as it can reach the database. */
  seenAt: at("seen_at").notNull().defaultNow(),
});

/** Which worker runs which attempt of which job. */
export const jobLeases = pgTable(
  "job_leases",
  {
    jobId: uuid("job_id").notNull(),
    attempt: integer("attempt").notNull(),
    queue: text("queue").notNull(),
    workerId: uuid("worker_id")
      .notNull()
      .references(() => workers.id, { onDelete: "cascade" }),
    takenAt: at("taken_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.attempt] }),
    index("job_leases_worker").on(table.workerId),
  ],
);
