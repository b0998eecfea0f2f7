import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
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
  seeded = await seedConsole(database(), { variant: "full", passwordHash: "none" });
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
