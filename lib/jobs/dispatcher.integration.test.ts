import { sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { jobLeases, workers } from "../db/schema/installation.ts";
import { boss, closeBoss, prepareQueues } from "../queue/boss.ts";
import { COPY, QUEUES, type QueueName, SCAN } from "../queue/queues.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { createDispatcher, type Dispatcher } from "./dispatcher.ts";
import { createHeartbeats, type Heartbeats } from "./heartbeats.ts";
import type { JobContext, JobHandler } from "./job.ts";
import { queuesWithWork } from "./waiting-work.ts";

let testDb: TestDatabase;
let queue: PgBoss;
const workerId = crypto.randomUUID();
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  queue = await boss();
  await database()
    .insert(workers)
    .values({ id: workerId, lockKey: 1, host: "here", pid: 1, version: "0", concurrency: 2 });
});
let dispatcher: Dispatcher | undefined;
let heartbeats: Heartbeats | undefined;
/** Ends a job that runs. */
let running: (() => void)[] = [];
afterEach(async () => {
  dispatcher?.stop();
  for (const end of running) {
    end();
  }
  await dispatcher?.idle();
  heartbeats?.close();
  vi.useRealTimers();
  await database().execute(sql`delete from pgboss.job where name in (${SCAN}, ${COPY})`);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

const job = (more: { startAfter?: number } = {}) => ({
  id: crypto.randomUUID(),
  data: { taskId: crypto.randomUUID() },
  ...more,
});

/** Counts how often each queue was looked at; each copy takes until it is told to end. */
function started(slots: number) {
  const looks: QueueName[] = [];
  running = [];
  const counting = new Proxy(queue, {
    get: (of, name) =>
      name === "fetch"
        ? (asked: QueueName, ...rest: [never]) => {
            looks.push(asked);
            return of.fetch(asked, ...rest);
          }
        : Reflect.get(of, name),
  });
  const handler: JobHandler = { run: () => new Promise((resolve) => running.push(() => resolve())) };
  heartbeats = createHeartbeats(queue, () => undefined);
  dispatcher = createDispatcher({
    db: database(),
    boss: counting,
    liveness: { workerId, alive: () => true, close: async () => undefined },
    heartbeats,
    context: {} as JobContext,
    handlers: Object.fromEntries(QUEUES.map((name) => [name, handler])) as Record<QueueName, JobHandler>,
    concurrency: Object.fromEntries(QUEUES.map((name) => [name, slots])) as Record<QueueName, number>,
    spare: {},
  });
  return { looks, wake: dispatcher.wake };
}

test("which queues have a job to take now: not one that is delayed, and none that is taken", async () => {
  expect(await queuesWithWork(database())).toEqual([]);
  await queue.insert(SCAN, [job({ startAfter: 3_600 })]);
  await queue.insert(COPY, [job()]);
  expect(await queuesWithWork(database())).toEqual([COPY]);
  await queue.fetch(COPY, { batchSize: 1 });
  expect(await queuesWithWork(database())).toEqual([]);
});

test("a queue that has run dry is not looked at when a job ends, and again when somebody tells of more", async () => {
  // It does not poll meanwhile.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  await queue.insert(COPY, [job(), job(), job()]);
  const { looks, wake } = started(4);
  wake(COPY);
  await expect.poll(() => running.length).toBe(3);
  // Two were taken, and then fewer than there is room for.
  expect(looks).toEqual([COPY, COPY]);
  for (const end of running.splice(0)) {
    end();
  }
  // Each lease goes with its job.
  await expect.poll(() => database().select().from(jobLeases)).toEqual([]);
  expect(looks).toEqual([COPY, COPY]);
  await queue.insert(COPY, [job()]);
  wake(COPY);
  await expect.poll(() => running.length).toBe(1);
});

test("who has room for all jobs does not take them with one question: others are told of them as well", async () => {
  await queue.insert(
    COPY,
    Array.from({ length: 9 }, () => job()),
  );
  const { looks, wake } = started(16);
  wake(COPY);
  await expect.poll(() => running.length).toBe(9);
  // Two, four, and the last three.
  expect(looks).toEqual([COPY, COPY, COPY]);
});

test("a full queue is looked at the moment a job ends; what nobody told of is found all the same", async () => {
  await queue.insert(COPY, [job(), job(), job()]);
  const { wake } = started(1);
  wake(COPY);
  for (let ended = 0; ended < 3; ended++) {
    await expect.poll(() => running.length).toBe(ended + 1);
    running[ended]?.();
  }
  await queue.insert(COPY, [job()]);
  await expect.poll(() => running.length, { timeout: 30_000 }).toBe(4);
});
