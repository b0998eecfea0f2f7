import { eq, isNotNull } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { jobLeases, workers } from "../db/schema/installation.ts";
import { instances } from "../db/schema/instances.ts";
import { targetResults } from "../db/schema/lag.ts";
import { noticeAddresses } from "../db/schema/notices.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { HEALTH_STATUSES, TASK_STATUSES, TRANSFER_STATUSES } from "../schemas/words.ts";
import { type SeededConsole, seedConsole } from "./console-seed.ts";
import { type TestDatabase, testDatabase } from "./database.ts";

let testDb: TestDatabase;
let seeded: SeededConsole;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  const seal = (plaintext: string, place: string) => `${plaintext} in ${place}`;
  seeded = await seedConsole(database(), { variant: "full", passwordHash: "none", seal });
});

afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

test("every status of instances, tasks and transfers is there", async () => {
  const db = database();
  const shown = (rows: { status: string }[]) => [...new Set(rows.map(({ status }) => status))].sort();
  expect(shown(await db.select({ status: instances.healthStatus }).from(instances))).toEqual(
    [...HEALTH_STATUSES].sort(),
  );
  expect(shown(await db.select({ status: tasks.status }).from(tasks))).toEqual([...TASK_STATUSES].sort());
  expect(shown(await db.select({ status: transfers.status }).from(transfers))).toEqual(
    [...TRANSFER_STATUSES].sort(),
  );
});

test("the counters of a task with transfers are those of its rows", async () => {
  const rows = await database().select().from(transfers);
  for (const task of await database().select().from(tasks)) {
    const own = rows.filter(({ taskId }) => taskId === task.id);
    if (own.length > 0) {
      const failed = own.filter(({ status }) => status === "failed").length;
      const bytes = own.reduce((sum, { bytesCopied }) => sum + bytesCopied, 0);
      expect([task.transfersTotal, task.transfersFailed, task.bytesCopied]).toEqual([
        own.length,
        failed,
        bytes,
      ]);
    }
  }
  expect(rows.map(({ taskId }) => taskId)).toContain(seeded.tasks.running);
});

test("a target's last task says what it did there, and no more than the task did", async () => {
  const rows = await database()
    .select()
    .from(targetResults)
    .innerJoin(tasks, eq(tasks.id, targetResults.taskId));
  for (const { target_results: here, tasks: task } of rows) {
    expect(here.copied + here.upToDate).toBeLessThanOrEqual(task.transfersCopied + task.transfersUpToDate);
  }
  expect(rows.some(({ target_results: here }) => here.copied > 0 && here.failed > 0)).toBe(true);
});

test("a paused target has nothing from after it was paused, and what it had before is told", async () => {
  const db = database();
  const paused = await db.select().from(ruleTargets).where(isNotNull(ruleTargets.pausedAt));
  expect(paused).toHaveLength(2);
  for (const { id, pausedAt } of paused) {
    const [result] = await db.select().from(targetResults).where(eq(targetResults.ruleTargetId, id));
    expect(result?.endedAt.getTime()).toBeLessThan(pausedAt?.getTime() ?? 0);
    expect(await db.select().from(transfers).where(eq(transfers.ruleTargetId, id))).toEqual([]);
  }
});

test("the addresses of notices are sealed, each in its place, and end as one reads of them", async () => {
  const rows = await database().select().from(noticeAddresses);
  expect(rows.length).toBeGreaterThan(0);
  for (const { id, urlSealed, urlHost, urlHint } of rows) {
    expect(urlSealed).toBe(`https://${urlHost}/seeded${urlHint} in notice_addresses|${id}|url`);
  }
});

test("what is being copied is in the hand of a worker, and no worker has more than it can", async () => {
  const db = database();
  const known = await db.select().from(workers);
  const leases = await db.select().from(jobLeases);
  expect(leases.length).toBeGreaterThan(0);
  for (const { id, concurrency } of known) {
    const own = leases.filter(({ workerId }) => workerId === id);
    expect(own.length).toBeLessThanOrEqual(concurrency ?? 0);
  }
});

test("the passwords of instances are sealed, each in its place, by whoever has the key", async () => {
  const rows = await database().select().from(instances).where(isNotNull(instances.credentialSetAt));
  expect(rows.length).toBeGreaterThan(0);
  for (const { id, passwordSealed } of rows) {
    expect(passwordSealed).toBe(`seeded in instances|${id}|password`);
  }
});
