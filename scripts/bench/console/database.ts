import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbeddedPostgres } from "../../../lib/db/embedded.ts";
import { migrateDatabase } from "../../../lib/db/migrate.ts";
import { ROOT } from "../../root.ts";
import { SIZE } from "./seed-size.ts";
import { seedStatements } from "./seed-statements.ts";

/** What everybody who is seeded signs in with. */
export const PASSWORD = "seeded console";

const SEEDED = "lockstep_bench";
const RUN = "lockstep_bench_run";
/** Moments are counted from the seeding: tasks of "today" would soon be yesterday's. */
const FRESH = "12 hours";

/** The server that TEST_DATABASE_URL (an admin's URL) names, else an embedded one, with the settings that a user's has. */
export async function withServer<T>(run: (adminUrl: string) => Promise<T>): Promise<T> {
  if (process.env.TEST_DATABASE_URL) {
    return run(process.env.TEST_DATABASE_URL);
  }
  const server = await startEmbeddedPostgres({ dataDir: join(ROOT, ".bench/database") });
  try {
    return await run(server.adminUrl);
  } finally {
    await server.stop();
  }
}

/** Makes the seeded database, or makes it anew. */
export async function seed(adminUrl: string, say: (line: string) => void): Promise<void> {
  await onServer(adminUrl, async (admin) => {
    await admin.query(`drop database if exists ${SEEDED} with (force)`);
    await admin.query(`create database ${SEEDED}`);
  });
  const url = urlOf(adminUrl, SEEDED);
  await migrateDatabase(url);
  const { hashPassword } = await import("../../../lib/auth/password.ts");
  const statements = seedStatements(await hashPassword(PASSWORD));
  await onServer(url, async (client) => {
    for (const { what, text, values } of statements) {
      const startedAt = performance.now();
      await client.query(text, values);
      say(`${what}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    }
    await client.query("vacuum (analyze)");
    await client.query("checkpoint");
    await client.query(`comment on database ${SEEDED} is '${fingerprint()} ${new Date().toISOString()}'`);
  });
}

/** Whether there is a seeded database of this state of the seed and of the schema, not too old. */
async function isSeeded(adminUrl: string): Promise<boolean> {
  return onServer(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ fresh: boolean }>(
      `select split_part(said, ' ', 1) = $2 and split_part(said, ' ', 2)::timestamptz > now() - $3::interval as fresh
       from pg_database, shobj_description(oid, 'pg_database') said where datname = $1`,
      [SEEDED, fingerprint(), FRESH],
    );
    return rows[0]?.fresh ?? false;
  });
}

/** A copy of the seeded database to measure on: it may be changed, and is gone afterwards. */
export async function withSeededCopy<T>(
  adminUrl: string,
  say: (line: string) => void,
  run: (url: string) => Promise<T>,
): Promise<T> {
  if (!(await isSeeded(adminUrl))) {
    await seed(adminUrl, say);
  }
  const drop = `drop database if exists ${RUN} with (force)`;
  await onServer(adminUrl, async (admin) => {
    await admin.query(drop);
    await admin.query(`create database ${RUN} template ${SEEDED} strategy file_copy`);
  });
  try {
    return await run(urlOf(adminUrl, RUN));
  } finally {
    await onServer(adminUrl, (admin) => admin.query(drop));
  }
}

/** One connection of its own. */
export async function onServer<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

function fingerprint(): string {
  const hash = createHash("sha256").update(JSON.stringify([SIZE, seedStatements("")]));
  for (const name of readdirSync(join(ROOT, "drizzle")).sort()) {
    hash.update(name);
  }
  return hash.digest("hex").slice(0, 16);
}
