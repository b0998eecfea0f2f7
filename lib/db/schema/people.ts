import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { Locale } from "../../schemas/locale.ts";
import type { UserPreferences, UserRole } from "../../schemas/user.ts";
import { at } from "./columns.ts";

export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    username: text("username").notNull().unique(),
    displayName: text("display_name").notNull().default(""),
    role: text("role").$type<UserRole>().notNull(),
    /** argon2id, PHC string. */
    passwordHash: text("password_hash").notNull(),
    disabledAt: at("disabled_at"),
    lastSignInAt: at("last_sign_in_at"),
    /** The language the user chose; null: what the browser asks for. */
    locale: text("locale").$type<Locale>(),
    preferences: jsonb("preferences").$type<UserPreferences>().notNull().default({}),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [
    check("users_role", sql`${table.role} in ('root', 'sub-account')`),
    check("users_locale", sql`${table.locale} in ('zh-CN', 'en')`),
  ],
);

/** One row a signed-in browser; checked on every request, so that revoking works at once. */
export const sessions = pgTable(
  "sessions",
  {
    /** SHA-256 of the random session id that the signed cookie carries. */
    idHash: text("id_hash").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: at("created_at").notNull().defaultNow(),
    lastSeenAt: at("last_seen_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    ip: text("ip"),
    userAgent: text("user_agent"),
  },
  (table) => [index("sessions_user").on(table.userId)],
);

/** Failed guesses, counted a key: `account:<name>` or `client:<address or /64>`. */
export const signInFailures = pgTable(
  "sign_in_failures",
  { key: text("key").notNull(), at: at("at").notNull().defaultNow() },
  (table) => [index("sign_in_failures_key_at").on(table.key, table.at)],
);

/** The one-time link of a first start. Only its hash is stored. */
export const setupTokens = pgTable("setup_tokens", {
  tokenHash: text("token_hash").primaryKey(),
  createdAt: at("created_at").notNull().defaultNow(),
  usedAt: at("used_at"),
});
