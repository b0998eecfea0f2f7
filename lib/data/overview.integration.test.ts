import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import { closeDatabase, database } from "../db/client.ts";
import type { TaskStatus } from "../schemas/task.ts";
import { TaskListQuery } from "../schemas/task-query.ts";
import { insertInstance, insertRule, insertTask } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { getOverview } from "./overview.ts";
import { listTasks } from "./task-list.ts";

/** An actor as lib/auth would make it; only a test may. */
const actor = <P extends "overview:view" | "task:view">(permission: P, view: Held): Actor<P> =>
  ({
    permission,
    user: { id: null, username: "someone", role: view === "all" ? "root" : "sub-account" },
    holds: view,
    view,
    operate: view,
    manage: view,
    receive: view,
    request: { id: "test", ip: null },
  }) as unknown as Actor<P>;

const overview = (view: Held) => getOverview(actor("overview:view", view));
const HOUR_MS = 3_600_000;

let testDb: TestDatabase;
let mine: string;
let theirs: string;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

/** A task that was created so long ago: its id says so, as in a running console. */
async function taskAgo(
  rule: { ruleId: string },
  source: string,
  { hours, status, copied = 0 }: { hours: number; status: TaskStatus; copied?: number },
): Promise<void> {
  const createdAt = new Date(Date.now() - hours * HOUR_MS);
  await insertTask(
    database(),
    { ruleId: rule.ruleId, source },
    {
      id: uuidv7({ msecs: createdAt.getTime() }),
      status,
      createdAt,
      transfersCopied: copied,
      bytesCopied: copied * 1000,
    },
  );
}

describe("an empty console leads on", () => {
  test("step by step, to root alone, until a task has succeeded", async () => {
    const steps = async () => (await overview("all")).firstSteps;
    expect(await steps()).toEqual({ instances: 0, rules: 0, sourceId: null, taskId: null });
    mine = await insertInstance(database(), { name: "mine", healthStatus: "unreachable" });
    expect(await steps()).toMatchObject({ instances: 1, sourceId: mine });
    theirs = await insertInstance(database(), { name: "theirs", healthStatus: "healthy" });
    await insertInstance(database(), { name: "third", healthStatus: "healthy" });
    // Whether there are two is all that the stair asks.
    expect(await steps()).toMatchObject({ instances: 2, rules: 0 });
    const rule = await insertRule(
      database(),
      { source: mine, target: mine, namespace: "copy" },
      { name: "first" },
    );
    expect(await steps()).toMatchObject({ rules: 1, taskId: null });
    await taskAgo(rule, mine, { hours: 30, status: "failed", copied: 7 });
    expect((await steps())?.taskId).toEqual(expect.any(String));
    expect((await overview([mine])).firstSteps).toBeNull();
    await taskAgo(rule, mine, { hours: 25, status: "succeeded", copied: 5 });
    expect(await steps()).toBeNull();
  });
});

describe("the last 24 hours", () => {
  beforeAll(async () => {
    const rule = await insertRule(
      database(),
      { source: mine, target: mine, namespace: "b" },
      { name: "partly" },
    );
    await taskAgo(rule, mine, { hours: 3, status: "succeeded", copied: 4 });
    await taskAgo(rule, mine, { hours: 1, status: "partial", copied: 2 });
    const running = await insertRule(
      database(),
      { source: mine, target: mine, namespace: "c" },
      { name: "running" },
    );
    await taskAgo(running, mine, { hours: 0.1, status: "running", copied: 1 });
    const off = await insertRule(
      database(),
      { source: mine, target: mine, namespace: "d" },
      { name: "off", enabled: false },
    );
    await taskAgo(off, mine, { hours: 2, status: "failed" });
    const foreign = await insertRule(
      database(),
      { source: theirs, target: theirs, namespace: "e" },
      { name: "foreign" },
    );
    await taskAgo(foreign, theirs, { hours: 1, status: "failed", copied: 100 });
  });

  test("count what was created in them, and nothing older", async () => {
    const { tasks: by, tagsCopied, bytesCopied } = await overview("all");
    expect(by).toMatchObject({ succeeded: 1, partial: 1, running: 1, failed: 2 });
    expect({ tagsCopied, bytesCopied }).toEqual({ tagsCopied: 107, bytesCopied: 107_000 });
  });

  test("each figure is the length of the list behind it", async () => {
    const { tasks: by } = await overview("all");
    for (const status of ["succeeded", "partial", "running", "failed"] as const) {
      const query = TaskListQuery.parse({ since: "24h", status });
      expect((await listTasks(actor("task:view", "all"), query)).rows, status).toHaveLength(by[status]);
    }
  });

  test("a rule fails whose newest task did, unless it is switched off; one that runs again does not", async () => {
    const { failing, running } = await overview("all");
    expect(failing.rows.map(({ name }) => name)).toEqual(["foreign", "partly"]);
    expect(failing.count).toBe(2);
    expect(running.rows.map(({ ruleName }) => ruleName)).toEqual(["running"]);
  });

  test("who may not: nothing of another's instance is counted, listed or named", async () => {
    const seen = await overview([mine]);
    expect(seen.tasks).toMatchObject({ succeeded: 1, partial: 1, failed: 1, running: 1 });
    expect(seen.tagsCopied).toBe(7);
    expect(seen.failing.rows.map(({ name }) => name)).toEqual(["partly"]);
    expect(seen.instances).toEqual({ unknown: 0, healthy: 0, slow: 0, unreachable: 1 });
    expect(seen.concerns.map(({ instance }) => instance.name)).toEqual(["mine"]);
    expect(JSON.stringify(seen)).not.toMatch(/theirs|foreign|third/);
    const nothing = await overview([]);
    expect(Object.values(nothing.tasks).every((count) => count === 0)).toBe(true);
    expect(nothing).toMatchObject({ failing: { count: 0 }, running: { count: 0 }, concerns: [], paused: 0 });
  });
});
