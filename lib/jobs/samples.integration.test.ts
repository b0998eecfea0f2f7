import { randomUUID } from "node:crypto";
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { taskSamples } from "../db/schema/history.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { insertInstance, insertRule, insertTask } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { housekeepingJob } from "./housekeeping-job.ts";
import type { JobContext, RunningJob } from "./job.ts";
import { MOST_SAMPLES, SAMPLE_MS, writeSample } from "./samples.ts";

let testDb: TestDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  // Housekeeping asks the queue which attempts are alive.
  await prepareQueues(testDb.url);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

let taskId: string;
beforeEach(async () => {
  const source = await insertInstance(database());
  const { ruleId } = await insertRule(database(), { source, target: await insertInstance(database()) });
  taskId = await insertTask(
    database(),
    { ruleId, source },
    { id: randomUUID(), status: "running", claimedAt: new Date() },
  );
});

const write = (options = { atOnce: true }) =>
  database().transaction((tx) => writeSample(tx, taskId, options));
const points = () =>
  database().select().from(taskSamples).where(eq(taskSamples.taskId, taskId)).orderBy(asc(taskSamples.at));

/** As if the points had been written so much earlier: whether one is due must not hang on how busy the machine is. */
const age = (byMs: number) =>
  database().execute(sql`
    update ${taskSamples} set at = at - ${byMs} * interval '1 millisecond' where task_id = ${taskId}`);

test("a point is due every few seconds, and at once when the task begins or ceases to wait", async () => {
  await write();
  await age(-60_000);
  await write();
  expect(await points()).toHaveLength(1);
  await age(60_000 + SAMPLE_MS);
  await write();
  expect(await points()).toHaveLength(2);
  const waiting = { waitingUntil: new Date(Date.now() + 3_600_000), waitingReason: "rate-limit" };
  await database().update(tasks).set(waiting).where(eq(tasks.id, taskId));
  await write();
  await database().update(tasks).set({ waitingUntil: null, waitingReason: null }).where(eq(tasks.id, taskId));
  await write();
  expect((await points()).map(({ waitingReason }) => waitingReason)).toEqual([
    null,
    null,
    "rate-limit",
    null,
  ]);
});

test("a task that has ended gets no point", async () => {
  await database()
    .update(tasks)
    .set({ status: "succeeded", endedAt: new Date() })
    .where(eq(tasks.id, taskId));
  await write();
  expect(await points()).toEqual([]);
});

test("a task of ten hours keeps few points, spread over its whole time, the last minutes dense, a wait still told", async () => {
  // One every two seconds until now; twenty seconds in the middle of it are a wait.
  const count = 18_000;
  await database().execute(sql`
    insert into ${taskSamples} (task_id, at, bytes_copied, settled, waiting_reason)
    select ${taskId}, now() - (${count}::int - n) * ${SAMPLE_MS} * interval '1 millisecond', n * 1000, n,
           case when n >= 9000 and n < 9010 then 'rate-limit' end
    from generate_series(0, ${count - 1}::int) n`);
  const [first] = await points();
  await database().update(tasks).set({ bytesCopied: 18_000_000 }).where(eq(tasks.id, taskId));
  await write();
  const kept = await points();
  expect(kept.length).toBeLessThanOrEqual(MOST_SAMPLES);
  expect(kept.length).toBeGreaterThan(200);
  expect(kept[0]?.at).toEqual(first?.at);
  const at = kept.map((point) => point.at.getTime());
  const gaps = at.slice(1).map((each, index) => each - (at[index] ?? 0));
  // The last gap is how long the machine took until the point above was written.
  const written = at.at(-1) ?? 0;
  expect(Math.max(...gaps.slice(0, -1))).toBeLessThan(2 * ((count * SAMPLE_MS) / 200));
  const dense = at.slice(0, -1).filter((each) => each > written - 120_000);
  expect(dense.slice(1).every((each, index) => each - (dense[index] ?? 0) <= SAMPLE_MS + 1)).toBe(true);
  expect(kept.filter(({ waitingReason }) => waitingReason === "rate-limit")).toHaveLength(1);
});

test("the curve of a task that ended long ago is removed, the task stays", async () => {
  await write();
  const endedAt = new Date(Date.now() - 31 * 86_400_000);
  await database().update(tasks).set({ status: "succeeded", endedAt }).where(eq(tasks.id, taskId));
  const draining = new AbortController().signal;
  await housekeepingJob.run({ draining } as RunningJob, { db: database() } as JobContext);
  expect(await points()).toEqual([]);
  expect(await database().select().from(tasks).where(eq(tasks.id, taskId))).toHaveLength(1);
});
