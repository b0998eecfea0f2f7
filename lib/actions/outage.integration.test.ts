import { sql } from "drizzle-orm";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { GET as activity } from "../../app/api/activity/route.ts";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { tellIfFull } from "../db/full-disk.ts";
import { tasks } from "../db/schema/tasks.ts";
import { holdLiveness, type Liveness } from "../jobs/liveness.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { ShellActivity } from "../schemas/system.ts";
import { insertInstance, insertRule, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { signInAction } from "./account.ts";
import { triggerRuleAction } from "./rules.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const PASSWORD = "correct horse battery";
const browser = new Browser();
let testDb: TestDatabase;
let ruleId: string;
let liveness: Liveness | undefined;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5f".repeat(32);
  await prepareQueues(testDb.url);
  await insertUser(database(), {
    username: "root",
    role: "root",
    passwordHash: await hashPassword(PASSWORD),
  });
  const [source, target] = [await insertInstance(database()), await insertInstance(database())];
  ({ ruleId } = await insertRule(database(), { source, target }));
  await browser.request(() =>
    signInAction({ status: "idle" }, formOf({ username: "root", password: PASSWORD })),
  );
  // Long ago: what only notes that a session is used must not be what fails.
  await database().execute(sql`update sessions set last_seen_at = now() - interval '1 hour'`);
});
afterEach(async () => {
  await liveness?.close();
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

const shown = async () => {
  const response = await browser.request(() => activity());
  return { status: response.status, body: (await response.json()) as ShellActivity & { reason?: string } };
};
const trigger = () => browser.request(() => triggerRuleAction({ status: "idle" }, formOf({ ruleId })));

/** New sessions of this database may only read. */
async function readOnly(on: boolean): Promise<void> {
  const client = new Client({ connectionString: testDb.url });
  await client.connect();
  await client.query("set default_transaction_read_only = off");
  const name = client.escapeIdentifier(new URL(testDb.url).pathname.slice(1));
  await client.query(`alter database ${name} set default_transaction_read_only = ${on ? "on" : "off"}`);
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await client.end();
  await vi.waitFor(async () => expect((await shown()).status).toBe(200), { timeout: 30_000 });
}

test("a worker that holds its lock, or none", async () => {
  expect((await shown()).body.trouble).toBe("no-workers");
  liveness = await holdLiveness(testDb.url, 1);
  expect((await shown()).body.trouble).toBe(null);
});

test("a read-only database: pages are shown, an action says that nothing was saved, and later it works", async () => {
  liveness = await holdLiveness(testDb.url, 1);
  await readOnly(true);
  expect((await shown()).body.trouble).toBe("read-only");
  expect(await trigger()).toMatchObject({
    status: "error",
    code: "UNAVAILABLE",
    reason: "database-read-only",
  });
  await readOnly(false);
  expect(await trigger()).toMatchObject({ status: "ok" });
  expect(await database().$count(tasks)).toBe(1);
  // The worker has found by itself that it may write again.
  await expect.poll(async () => (await shown()).body.trouble, { timeout: 15_000 }).toBe(null);
});

test("a full database is told after a write that was refused", async () => {
  liveness = await holdLiveness(testDb.url, 1);
  tellIfFull(database(), Object.assign(new Error("could not extend file"), { code: "53100" }));
  expect((await shown()).body.trouble).toBe("full");
});

test("a database that is away", async () => {
  await closeBoss();
  await closeDatabase();
  process.env.DATABASE_URL = "postgres://nobody@127.0.0.1:1/none";
  try {
    expect(await shown()).toMatchObject({
      status: 503,
      body: { code: "UNAVAILABLE", reason: "database-away" },
    });
    expect(await trigger()).toMatchObject({ status: "error", reason: "database-away" });
  } finally {
    await closeDatabase();
    process.env.DATABASE_URL = testDb.url;
  }
});
