import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { Client } from "pg";
import { connectionConfig } from "./connection.ts";

/** Any number, as long as nothing else uses it: "lockstep migration" in our key space of advisory locks. */
const MIGRATION_LOCK = 7_305_808_869;

const MIGRATIONS = fileURLToPath(new URL("../../drizzle", import.meta.url));

/** Longest a step may take, another process's turn included: a table of millions is rewritten in less. */
const STEP_WITHIN_MS = 600_000;

/**
 * Brings the schema up to date. Processes that start together take turns: one migrates, the others find nothing to do.
 * `andThen` runs under the same lock (the queue brings its own schema).
 */
export async function migrateDatabase(url: string, andThen?: () => Promise<void>): Promise<void> {
  const client = new Client({
    ...connectionConfig(url, "lockstep-migrate"),
    query_timeout: STEP_WITHIN_MS,
  });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS });
    await andThen?.();
  } finally {
    await client.end();
  }
}
