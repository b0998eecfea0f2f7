import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../lib/db/client.ts";
import { taskSamples } from "../../lib/db/schema/history.ts";
import { taskJoins, tasks } from "../../lib/db/schema/tasks.ts";
import { transfers } from "../../lib/db/schema/transfers.ts";
import { type SeededConsole, seedConsole } from "../../lib/testing/console-seed.ts";
import { type TestDatabase, testDatabase } from "../../lib/testing/database.ts";
import { type SeededWorker, seededWorker } from "./seeded-worker.ts";

const MINUTE = 60_000;
/** As long ago as the console was seeded when somebody looks at it. */
const AGE_MS = 3 * MINUTE;

let testDb: TestDatabase;
let opened: ReturnType<typeof openDatabase>;
let seeded: SeededConsole;
let worker: SeededWorker;
const seededAt = Date.now() - AGE_MS;

beforeAll(async () => {
  testDb = await testDatabase();
  opened = openDatabase(testDb.url);
  worker = await seededWorker(testDb.url);
  seeded = await seedConsole(opened.db, { variant: "full", passwordHash: "none", now: seededAt });
});

afterAll(async () => {
  await worker.end();
  await opened.close();
  await testDb.drop();
});

/** Every moment that is told of a task or of one of its transfers, and lies before its beginning or after its end. */
async function strayMoments(): Promise<string[]> {
  const stray: string[] = [];
  // As of one moment: the worker goes on.
  const [taskRows, transferRows, samples, joins] = await opened.db.transaction(
    async (tx) =>
      [
        await tx.select().from(tasks),
        await tx.select().from(transfers),
        await tx.select().from(taskSamples),
        await tx.select().from(taskJoins),
      ] as const,
    { isolationLevel: "repeatable read" },
  );
  const keys = new Map(Object.entries(seeded.tasks).map(([key, id]) => [id, key]));
  for (const task of taskRows) {
    const from = task.createdAt.getTime();
    const to = task.endedAt?.getTime() ?? Date.now();
    const look = (what: string, at: Date | string | null) => {
      const atMs = at === null ? from : new Date(at).getTime();
      if (atMs < from || atMs > to) {
        stray.push(`${keys.get(task.id)}: ${what}, ${atMs < from ? from - atMs : atMs - to} ms`);
      }
    };
    const own = <Row extends { taskId: string }>(rows: Row[]) =>
      rows.filter(({ taskId }) => taskId === task.id);
    look("claimed", task.claimedAt);
    look("scan ended", task.scanEndedAt);
    look("stop requested", task.stopRequestedAt);
    for (const { at } of own(samples)) {
      look("sample", at);
    }
    for (const { at } of own(joins)) {
      look("joined", at);
    }
    for (const { startedAt, endedAt, attemptFailures } of own(transferRows)) {
      look("transfer began", startedAt);
      look("transfer ended", endedAt);
      for (const { at } of attemptFailures) {
        look("attempt", at);
      }
    }
  }
  return stray;
}

/** Of a task at work the counters are ahead of its curve, of one that ended its curve leads to them. */
async function strayBytes(): Promise<string[]> {
  const { db } = opened;
  const [taskRows, samples] = await Promise.all([db.select().from(tasks), db.select().from(taskSamples)]);
  return taskRows.flatMap(({ id, bytesCopied, endedAt }) => {
    const own = samples
      .filter(({ taskId }) => taskId === id)
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .map((sample) => sample.bytesCopied);
    const rises = own.every((bytes, index) => bytes >= (own[index - 1] ?? 0));
    const last = own.at(-1) ?? bytesCopied;
    return rises && (endedAt ? last === bytesCopied : last <= bytesCopied)
      ? []
      : [`${id}: ${own} of ${bytesCopied}`];
  });
}

test("nothing that is told of a task lies outside its time, as seeded and after minutes", async () => {
  expect(await strayMoments()).toEqual([]);
  expect(await strayBytes()).toEqual([]);
  const before = await createdAt("pending-behind");

  await worker.goOnFrom(seededAt);

  expect(await strayMoments()).toEqual([]);
  expect(await strayBytes()).toEqual([]);
  expect((await createdAt("pending-behind")) - before).toBeGreaterThanOrEqual(AGE_MS);
});

async function createdAt(key: string): Promise<number> {
  const rows = await opened.db.select({ id: tasks.id, at: tasks.createdAt }).from(tasks);
  return rows.find(({ id }) => id === seeded.tasks[key])?.at.getTime() ?? 0;
}
