import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { instances } from "../db/schema/instances.ts";
import { instanceShares } from "../db/schema/limits.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { TaskRow } from "../schemas/task.ts";
import { insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance } from "../testing/seed.ts";
import { updateInstance } from "./instance-changes.ts";
import { limitsInUse } from "./instance-limits.ts";
import { getInstance } from "./instances.ts";
import { withThrottle } from "./task-throttle.ts";

const MB = 1_000_000;
const LIMITS = {
  copies: 4,
  readBytesPerSecond: null,
  writeBytesPerSecond: 10 * MB,
  timeZone: "UTC",
  windows: [],
};

let testDb: TestDatabase;
let userId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  userId = await insertUser(database(), { role: "root" });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

/** An actor as lib/auth would make it; only a test may. */
function actorOf<P extends Permission>(permission: P, held: Held = "all"): Actor<P> {
  return {
    permission,
    user: { id: userId, username: "somebody", role: held === "all" ? "root" : "sub-account" },
    ...{ holds: held, view: held, operate: held, manage: held, receive: "all" },
    submission: null,
    request: { id: "test", ip: null },
  } as unknown as Actor<P>;
}

async function save(instanceId: string, limits: typeof LIMITS | null | undefined, held: Held = "all") {
  const [{ name = "", address = "", version = 0 } = {}] = await database()
    .select()
    .from(instances)
    .where(eq(instances.id, instanceId));
  return updateInstance(actorOf("instance:edit", held), {
    ...{ instanceId, version, name, address, region: "", vendor: "distribution", plainHttp: true },
    ...(limits === undefined ? {} : { limits }),
  });
}

const stored = async (id: string) => (await getInstance(actorOf("instance:view"), id)).limits;

test("limits are saved with the instance, stay when the form did not send them, and are audited", async () => {
  const id = await seedInstance(database());
  await save(id, LIMITS);
  expect(await stored(id)).toEqual(LIMITS);
  const [row] = await database().select().from(audit).orderBy(desc(audit.id)).limit(1);
  expect(row?.changes).toMatchObject({
    limitCopies: { before: null, after: 4 },
    limitWrite: { after: 10 * MB },
  });
  await save(id, undefined);
  expect(await stored(id)).toEqual(LIMITS);
  await save(id, null);
  expect(await stored(id)).toBeNull();
  const elsewhere = await seedInstance(database());
  await expect(save(id, LIMITS, [elsewhere])).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("what is in use is added up over the shares that have not ended", async () => {
  const id = await seedInstance(database());
  await save(id, LIMITS);
  const share = {
    ...{ wants: 3, copies: 2, places: 2, read: null, until: Date.now() + 60_000 },
    write: { share: 5 * MB, moved: 4 * MB, held: true, reserve: 0 },
  };
  const holders = { a: share, b: { ...share, wants: 2 }, gone: { ...share, until: Date.now() - 60_000 } };
  await database().insert(instanceShares).values({ instanceId: id, holders });
  expect((await limitsInUse([id])).get(id)).toMatchObject({
    ...{ workers: 2, copies: 4, readBytesPerSecond: 0, writeBytesPerSecond: 8 * MB, next: null },
    held: { copies: true, read: false, write: true },
  });
});

test("a task at a limit says which, and to whom it is not shown says only where", async () => {
  const [source, target] = [await seedInstance(database()), await seedInstance(database())];
  await save(target, LIMITS);
  const share = {
    ...{ wants: 3, copies: 2, places: 2, read: null, until: Date.now() + 60_000 },
    write: { share: 5 * MB, moved: 4 * MB, held: true, reserve: 0 },
  };
  await database()
    .insert(instanceShares)
    .values({ instanceId: target, holders: { a: share } });
  const task = {
    status: "running",
    sourceInstance: { id: source, name: "source" },
    targets: [{ instance: { id: target, name: "target" }, namespace: null }],
    pace: null,
  } as unknown as TaskRow;
  const throttleFor = async (held: Held, of = task) =>
    (await withThrottle(actorOf("task:view", held), of)).throttle;
  expect(await throttleFor("all")).toEqual({
    ...{ instance: { id: target, name: "target" }, kind: "write", limit: 10 * MB, next: null },
  });
  expect(await throttleFor([source])).toMatchObject({ kind: "write", limit: null });
  expect(await throttleFor("all", { ...task, status: "succeeded" })).toBeUndefined();
});
