import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { TaskStatus } from "../schemas/task.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { FIRST_TASKS } from "./purge-tasks.ts";
import { purgeExpiredTasks } from "./retention.ts";

let testDb: TestDatabase;
let source: string;
let ruleId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  source = await seedInstance(database());
});
beforeEach(async () => {
  await database().delete(tasks);
  await database().delete(rules);
  ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [source] });
});
afterAll(async () => {
  await closeDatabase();
  await testDb?.drop();
});

const NEVER = new AbortController().signal;
const purge = (days: number, perRule: number, draining = NEVER) =>
  purgeExpiredTasks(database(), { days, perRule }, draining);

let number = 0;
/** A task that began, and unless it is open ended, so many days ago. */
async function taskOf(daysAgo: number, status: TaskStatus, fields: { of?: string; retryOf?: string } = {}) {
  const msecs = Date.now() - daysAgo * 86_400_000;
  const id = uuidv7({ msecs });
  const open = status === "pending" || status === "scanning" || status === "running";
  await database()
    .insert(tasks)
    .values({
      id,
      number: ++number,
      ruleId: fields.of ?? ruleId,
      sourceInstanceId: source,
      trigger: "schedule",
      scope: { kind: "rule" },
      status,
      retryOf: fields.retryOf ?? null,
      createdAt: new Date(msecs),
      endedAt: open ? null : new Date(msecs),
    });
  return id;
}
/** Many ended tasks, a minute apart, ids as the product makes them, the last one `daysAgo`. */
async function manyTasks(count: number, daysAgo: number): Promise<void> {
  const from = number;
  number += count;
  await database().execute(sql`
    insert into tasks (id, number, rule_id, source_instance_id, trigger, scope, status, created_at, ended_at)
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000800000000000' || lpad(to_hex(n), 4, '0'))::uuid,
      ${from}::int + n, ${ruleId}, ${source}, 'event', '{"kind":"rule"}', 'failed', at, at
    from generate_series(1, ${count}::int) n,
      lateral (select now() - ${daysAgo}::int * interval '1 day' - (${count}::int - n) * interval '1 minute' as at) t`);
}
const kept = async () =>
  (await database().select({ id: tasks.id }).from(tasks).orderBy(tasks.id)).map(({ id }) => id);
const countOf = async (of: string) =>
  (await database().select({ id: tasks.id }).from(tasks).where(eq(tasks.ruleId, of))).length;

test("by age: what ended longer ago goes, but no open task, no last task, no last success, nothing that is tried again", async () => {
  const stuck = await taskOf(200, "running");
  await taskOf(150, "succeeded");
  const success = await taskOf(140, "succeeded");
  const tried = await taskOf(130, "partial");
  await taskOf(120, "stopped");
  await taskOf(91, "nothing-matched");
  const young = await taskOf(89, "failed");
  const last = await taskOf(1, "pending", { retryOf: tried });
  const quiet = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [source] });
  await taskOf(400, "failed", { of: quiet });
  const lastOfQuiet = await taskOf(300, "failed", { of: quiet });
  await purge(90, 1_000);
  expect(await kept()).toEqual([lastOfQuiet, stuck, success, tried, young, last]);
});

test("a task that began long ago and ended lately stays", async () => {
  const long = await taskOf(100, "partial");
  await database().update(tasks).set({ endedAt: sql`now() - interval '1 day'` }).where(eq(tasks.id, long));
  const last = await taskOf(1, "failed");
  await purge(90, 1_000);
  expect(await kept()).toEqual([long, last]);
});

test("by count: of 10,000 tasks of a rule the newest stay, with their transfers; another rule keeps all of its own", async () => {
  await manyTasks(10_000, 1);
  const other = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [source] });
  const few = [await taskOf(3, "failed", { of: other }), await taskOf(2, "failed", { of: other })];
  await database().execute(sql`
    insert into transfers (id, task_id, rule_target_id, target_instance_id, repository, tag, target_repository, slice, status)
    select gen_random_uuid(), id, ${randomUUID()}, ${source}, 'team/app', '1', 'team/app', 0, 'failed' from tasks`);
  await database().execute(sql`analyze tasks, transfers`);
  await purge(90, 100);
  expect(await countOf(ruleId)).toBe(100);
  const { rows } = await database().execute<{ least: number; most: number }>(
    sql`select min(number) as least, max(number) as most from tasks where rule_id = ${ruleId}`,
  );
  expect((rows[0]?.most ?? 0) - (rows[0]?.least ?? 0)).toBe(99);
  expect(await countOf(other)).toBe(few.length);
  expect(await database().$count(transfers)).toBe(102);
}, 240_000);

test("by age: 10,000 old ones go, in pieces; a worker that is told to end stops after one of them", async () => {
  await manyTasks(10_000, 100);
  await database().execute(sql`analyze tasks`);
  await expect(purge(90, 1_000_000, AbortSignal.abort())).rejects.toMatchObject({ reason: "draining" });
  expect(await countOf(ruleId)).toBe(10_000 - FIRST_TASKS);
  await purge(90, 1_000_000);
  expect(await countOf(ruleId)).toBe(1);
}, 240_000);
