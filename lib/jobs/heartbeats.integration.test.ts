import { sql } from "drizzle-orm";
import type { PgBoss } from "pg-boss";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { boss, closeBoss, prepareQueues } from "../queue/boss.ts";
import { COPY } from "../queue/queues.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { createHeartbeats, HEARTBEAT_MS, type Heartbeats, type Held } from "./heartbeats.ts";

let testDb: TestDatabase;
let queue: PgBoss;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  queue = await boss();
});
let heartbeats: Heartbeats | undefined;
afterEach(async () => {
  heartbeats?.close();
  vi.useRealTimers();
  await database().execute(sql`delete from pgboss.job where name = ${COPY}`);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

/** Two jobs at work in this process; its beats come when the clock is turned. */
async function twoHeld(): Promise<{ ids: string[]; held: Held[]; beat: () => void }> {
  await queue.insert(
    COPY,
    [0, 1].map(() => ({ id: crypto.randomUUID(), data: {} })),
  );
  const taken = await queue.fetch(COPY, { batchSize: 2, includeMetadata: true });
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  heartbeats = createHeartbeats(queue, () => undefined);
  const held = taken.map(({ id, retryCount }) =>
    (heartbeats as Heartbeats).hold({ queue: COPY, jobId: id, attempt: retryCount }, null),
  );
  return { ids: taken.map(({ id }) => id), held, beat: () => vi.advanceTimersByTime(HEARTBEAT_MS) };
}

const beatenSince = async (id: string | undefined, since: Date) => {
  const { rows } = await database().execute<{ beaten: boolean }>(sql`
    select heartbeat_on > ${since.toISOString()}::timestamptz as beaten from pgboss.job where id = ${id}`);
  return rows[0]?.beaten;
};

async function databaseNow(): Promise<Date> {
  const { rows } = await database().execute<{ now: string }>(sql`select clock_timestamp()::text as now`);
  return new Date(rows[0]?.now ?? "");
}

/** Statements that wait for a lock in this test's database. */
async function waiting(): Promise<number> {
  const { rows } = await database().execute<{ n: number }>(sql`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
  return rows[0]?.n ?? 0;
}

test.each([0, 1])(
  "a beat that waits for one job (%i) keeps nobody from writing under the other's lease",
  async (busy) => {
    const { ids, beat } = await twoHeld();
    const [locked, free] = [ids[busy], ids[1 - busy]];
    await database().transaction(async (tx) => {
      await tx.execute(sql`select from pgboss.job where id = ${locked} for update`);
      beat();
      await expect.poll(waiting).toBeGreaterThan(0);
      // What a write under its lease asks for; it would fail if the beat had it.
      await database().execute(sql`select from pgboss.job where id = ${free} for share nowait`);
    });
  },
);

test("each job is beaten for; one that was taken away breaks off, and the other goes on", async () => {
  const { ids, held, beat } = await twoHeld();
  const since = await databaseNow();
  beat();
  await expect.poll(() => beatenSince(ids[0], since)).toBe(true);
  await expect.poll(() => beatenSince(ids[1], since)).toBe(true);
  await database().execute(sql`update pgboss.job set retry_count = retry_count + 1 where id = ${ids[0]}`);
  await expect
    .poll(() => {
      // It is left out while the last one goes on.
      beat();
      return held[0]?.signal.aborted;
    })
    .toBe(true);
  expect(held[1]?.signal.aborted).toBe(false);
});
