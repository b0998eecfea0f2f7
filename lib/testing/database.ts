import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { migrateDatabase } from "../db/migrate.ts";

export interface TestDatabase {
  url: string;
  /** Deletes it, whoever is still connected. */
  drop(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL("../../drizzle", import.meta.url));
/** "lockstep test template" among advisory locks: one file makes the template, the others wait. */
const TEMPLATE_LOCK = 7_305_808_870;

/**
 * A fresh, migrated database of the Postgres that TEST_DATABASE_URL (an admin's URL) names. It is copied from a template that
 * is migrated once for each state of the folder drizzle/, which takes tens of milliseconds.
 * @throws when TEST_DATABASE_URL is not set: a test that needs a database fails without one, it does not skip
 */
export async function testDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env.TEST_DATABASE_URL;
  if (adminUrl === undefined || adminUrl === "") {
    throw new Error("TEST_DATABASE_URL is not set: run the tests by `npm test`, or name a Postgres of yours");
  }
  const name = `lockstep_test_${process.pid}_${randomBytes(6).toString("hex")}`;
  const template = `lockstep_template_${await fingerprint()}`;
  await asAdmin(adminUrl, async (admin) => {
    await admin.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK]);
    await ensureTemplate(admin, adminUrl, template);
    await admin.query(`create database ${name} template ${template}`);
  });
  return {
    url: urlOf(adminUrl, name),
    drop: () =>
      asAdmin(adminUrl, async (admin) => {
        await admin.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function ensureTemplate(admin: Client, adminUrl: string, template: string): Promise<void> {
  const found = await admin.query("select 1 from pg_database where datname = $1", [template]);
  if (found.rowCount === 1) {
    return;
  }
  // A name of its own until it is whole: a template half migrated must not be found.
  const draft = `${template}_draft`;
  await admin.query(`drop database if exists ${draft} with (force)`);
  await admin.query(`create database ${draft}`);
  await migrateDatabase(urlOf(adminUrl, draft));
  await admin.query(`alter database ${draft} rename to ${template}`);
}

async function asAdmin(url: string, work: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(MIGRATIONS, { recursive: true })).sort()) {
    if (name.endsWith(".sql") || name.endsWith(".json")) {
      hash.update(name).update(await readFile(join(MIGRATIONS, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
