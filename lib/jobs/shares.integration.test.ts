import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OpenDatabase, openDatabase } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { instanceShares } from "../db/schema/limits.ts";
import type { LimitsAt } from "../schemas/limits.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance } from "../testing/seed.ts";
import type { Wish } from "./share-plan.ts";
import { askForShares, LEASE_MS, type ShareAnswer } from "./shares.ts";
import { createThrottles } from "./throttles.ts";

const CAP: LimitsAt = { copies: 5, readBytesPerSecond: 1_000, writeBytesPerSecond: 500, window: null };
const NEVER = new AbortController().signal;

let testDb: TestDatabase;
let open: OpenDatabase;
let instanceId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  open = openDatabase(testDb.url, { max: 20 });
});
beforeEach(async () => {
  instanceId = await seedInstance(open.db);
});
afterAll(async () => {
  await open.close();
  await testDb.drop();
});

const wish = (share: number, { places = share, copies = 0 } = {}): Wish => ({
  wants: places,
  copies,
  places,
  read: { share, moved: 0, held: true, reserve: 10 },
  write: { share: share / 2, moved: 0, held: true, reserve: 10 },
});

async function ask(worker: string, asked: Wish | null, limits = CAP): Promise<ShareAnswer | undefined> {
  const [answer] = await askForShares(open.db, worker, [{ instanceId, limits, wish: asked }]);
  return answer;
}

const granted = async (worker: string, asked: Wish) => {
  const mine = (await ask(worker, asked))?.holders[worker];
  return [mine?.places, mine?.read?.share, mine?.write?.share];
};

test("each gets what it wishes for, as far as the others leave it", async () => {
  expect(await granted("a", wish(600, { places: 3 }))).toEqual([3, 600, 300]);
  expect(await granted("b", wish(600, { places: 3 }))).toEqual([2, 400, 200]);
  expect(await granted("c", wish(600, { places: 3 }))).toEqual([0, 0, 0]);
  // Who asks for less makes room, and who gives its share back too.
  expect(await granted("a", wish(100, { places: 1 }))).toEqual([1, 100, 50]);
  expect(await granted("c", wish(900, { places: 5 }))).toEqual([2, 500, 250]);
  expect((await ask("b", null))?.holders).not.toHaveProperty("b");
  expect(await granted("c", wish(900, { places: 5 }))).toEqual([4, 900, 450]);
});

test("copies under way keep their places when there are fewer", async () => {
  await granted("a", wish(1_000, { places: 5 }));
  expect(await granted("a", wish(1_000, { places: 0, copies: 4 }))).toEqual([4, 1_000, 500]);
  expect(await granted("b", wish(1_000, { places: 5 }))).toEqual([1, 0, 0]);
});

test("what is not limited is not shared", async () => {
  const some = { ...CAP, copies: null, readBytesPerSecond: null };
  const mine = (await ask("a", { ...wish(500), places: null, read: null }, some))?.holders.a;
  expect([mine?.places, mine?.read, mine?.write?.share]).toEqual([null, null, 250]);
});

test("ten workers at a time never hold more than there is, whatever they wish", {
  timeout: 240_000,
}, async () => {
  let most = 0;
  const worker = async (id: string) => {
    for (let round = 0; round < 25; round += 1) {
      const answer = await ask(id, round % 9 === 8 ? null : wish(Math.floor(Math.random() * 1_100)));
      const shares = Object.values(answer?.holders ?? {});
      const reads = shares.reduce((sum, { read }) => sum + (read?.share ?? 0), 0);
      const places = shares.reduce((sum, { places: count }) => sum + (count ?? 0), 0);
      most = Math.max(most, reads);
      expect(reads).toBeLessThanOrEqual(1_000);
      expect(places).toBeLessThanOrEqual(5);
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, index) => worker(`w${index}`)));
  expect(most).toBe(1_000);
});

test("a share that was not asked for again is free after its time, but for its reserve", async () => {
  await granted("dead", wish(1_000, { places: 5 }));
  expect(await granted("a", wish(1_000, { places: 5 }))).toEqual([0, 0, 0]);
  await sleep(LEASE_MS + 100);
  expect(await granted("a", wish(1_000, { places: 5 }))).toEqual([5, 990, 490]);
});

test("an instance that is gone answers nothing, and takes its shares along", async () => {
  await ask("a", wish(100));
  await open.db.delete(instances).where(eq(instances.id, instanceId));
  expect(await ask("a", wish(100))).toBeUndefined();
  expect(
    await open.db.select().from(instanceShares).where(eq(instanceShares.instanceId, instanceId)),
  ).toEqual([]);
});

test("without limits no statement is sent; with them one a second for all instances, and none once there is nothing to do", {
  timeout: 240_000,
}, async () => {
  let statements = 0;
  const query = open.pool.query.bind(open.pool) as (...args: unknown[]) => unknown;
  open.pool.query = ((...args: unknown[]) => {
    statements += 1;
    return query(...args);
  }) as typeof open.pool.query;
  const throttles = createThrottles(open.db, uuidv7());
  try {
    const copies = async (end: ReturnType<typeof throttles.end>, ms: number) => {
      const until = Date.now() + ms;
      while (Date.now() < until) {
        const place = await end.gate.enter({ owner: {}, sizeBytes: 1, signal: NEVER });
        await end.write.take(1_000, NEVER);
        place.leave();
        await sleep(5);
      }
    };
    await copies(throttles.end(instanceId, null, Date.now()), 1_500);
    expect(statements).toBe(0);
    const limits = {
      copies: 4,
      readBytesPerSecond: null,
      writeBytesPerSecond: 1_000_000,
      timeZone: "UTC",
      windows: [],
    };
    const other = await seedInstance(open.db);
    await open.db.update(instances).set({ limits });
    statements = 0;
    await Promise.all([instanceId, other].map((id) => copies(throttles.end(id, limits, Date.now()), 3_500)));
    expect(statements).toBeGreaterThanOrEqual(3);
    expect(statements).toBeLessThanOrEqual(4);
    await sleep(5_000);
    const [row] = await open.db.select().from(instanceShares).where(eq(instanceShares.instanceId, other));
    expect(row?.holders).toEqual({});
    statements = 0;
    await sleep(1_500);
    expect(statements).toBe(0);
  } finally {
    await throttles.close();
    open.pool.query = query as typeof open.pool.query;
  }
});
