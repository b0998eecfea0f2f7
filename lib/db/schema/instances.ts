import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { Capabilities, GrantLevel, HealthStatus, Vendor } from "../../schemas/instance.ts";
import type { InstanceLimits } from "../../schemas/limits.ts";
import { at } from "./columns.ts";
import { users } from "./people.ts";

export const instances = pgTable("instances", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull().unique(),
  region: text("region").notNull().default(""),
  /** Origin: `https://host[:port]`. */
  address: text("address").notNull(),
  /** ChartMuseum beside the registry: `https://host[:port][/path]`, reached with the same credentials; null: none. */
  chartsAddress: text("charts_address"),
  vendor: text("vendor").$type<Vendor>().notNull(),
  username: text("username"),
  /** lib/secrets `seal(…)`, AAD `instances|<id>|password`. */
  passwordSealed: text("password_sealed"),
  /** When the password, token or user name was last replaced: the age of the credential. */
  credentialSetAt: at("credential_set_at"),
  caCertificate: text("ca_certificate"),
  plainHttp: boolean("plain_http").notNull().default(false),
  /** Last task number given out here; `UPDATE … RETURNING` allocates the next. */
  taskCounter: integer("task_counter").notNull().default(0),
  healthStatus: text("health_status").$type<HealthStatus>().notNull().default("unknown"),
  healthCheckedAt: at("health_checked_at"),
  healthLatencyMs: integer("health_latency_ms"),
  healthCode: text("health_code"),
  healthDetail: text("health_detail"),
  /** No check before this; null: at once. Whoever moves it on has the check to itself. */
  healthDueAt: at("health_due_at"),
  /** What the registry was seen to be able to do; null until it was probed. */
  capabilities: jsonb("capabilities").$type<Capabilities>(),
  /** What it bears from all workers together; null: no limit. */
  limits: jsonb("limits").$type<InstanceLimits>(),
  version: integer("version").notNull().default(1),
  createdAt: at("created_at").notNull().defaultNow(),
  updatedAt: at("updated_at").notNull().defaultNow(),
});

export const grants = pgTable(
  "grants",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    instanceId: uuid("instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "cascade" }),
    /** manage ⊃ operate ⊃ view; null: none of them. */
    level: text("level").$type<GrantLevel>(),
    receive: boolean("receive").notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.instanceId] }),
    index("grants_instance").on(table.instanceId),
    check("grants_level", sql`${table.level} in ('view', 'operate', 'manage')`),
    check("grants_some", sql`${table.level} is not null or ${table.receive}`),
  ],
);
