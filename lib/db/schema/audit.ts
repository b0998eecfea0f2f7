import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { AuditOutcome } from "../../schemas/user.ts";
import { at } from "./columns.ts";

export const audit = pgTable(
  "audit",
  {
    id: uuid("id").primaryKey(),
    at: at("at").notNull().defaultNow(),
    /** No foreign key: the row outlives the user. */
    actorId: uuid("actor_id"),
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    outcome: text("outcome").$type<AuditOutcome>().notNull(),
    subjectKind: text("subject_kind").notNull(),
    subjectId: uuid("subject_id"),
    subjectName: text("subject_name"),
    changes: jsonb("changes").$type<Record<string, { before?: unknown; after?: unknown }>>(),
    ip: text("ip"),
    requestId: text("request_id"),
  },
  (table) => [
    index("audit_at").on(table.at),
    check("audit_outcome", sql`${table.outcome} in ('ok', 'denied', 'invalid')`),
  ],
);
