import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import { closeDatabase, database } from "../db/client.ts";
import { targetMisses, targetResults } from "../db/schema/lag.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { DRAWN_ONE_BY_ONE } from "../schemas/topology.ts";
import { TopologyQuery } from "../schemas/topology-query.ts";
import { insertInstance, insertRule, insertTask } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { topologyGraph } from "./topology.ts";
import { topologyRows } from "./topology-rows.ts";

/** An actor as lib/auth would make it; only a test may. */
const actor = (view: Held, receive: Held = []): Actor<"topology:view"> =>
  ({
    permission: "topology:view",
    user: { id: null, username: "someone", role: "sub-account" },
    holds: view,
    view,
    operate: [],
    manage: [],
    receive,
    request: { id: "test", ip: null },
  }) as unknown as Actor<"topology:view">;

const ROOT = actor("all");
const graph = (who: Actor<"topology:view">, region?: string) => topologyGraph(who, { region });
const rows = (who: Actor<"topology:view">, query: object) => topologyRows(who, TopologyQuery.parse(query));
const names = async (who: Actor<"topology:view">, query: object) =>
  (await rows(who, query)).rows.map(({ name }) => name);

let testDb: TestDatabase;
let sh: string;
let bj: string;
let sg: string;
let far: string;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  const db = database();
  sh = await insertInstance(db, { name: "上海", region: "中国内地", healthStatus: "healthy" });
  bj = await insertInstance(db, { name: "北京", region: "中国内地", healthStatus: "unreachable" });
  sg = await insertInstance(db, { name: "新加坡", region: "东南亚", healthStatus: "slow" });
  far = await insertInstance(db, { name: "弗吉尼亚", region: "北美" });
  const good = await insertRule(db, { source: sh, target: bj }, { name: "good" });
  const bad = await insertRule(db, { source: sh, target: bj }, { name: "bad" });
  await insertRule(db, { source: sh, target: bj }, { name: "off", enabled: false });
  await insertRule(db, { source: sh, target: sg }, { name: "new" });
  const back = await insertRule(db, { source: sg, target: far }, { name: "relay" });
  const ended = (at: string) => ({ status: "succeeded", endedAt: new Date(at) }) as const;
  await insertTask(db, { ruleId: good.ruleId, source: sh }, ended("2026-11-24T10:00:00Z"));
  await insertTask(db, { ruleId: bad.ruleId, source: sh }, ended("2026-11-20T10:00:00Z"));
  await insertTask(db, { ruleId: bad.ruleId, source: sh }, { status: "failed", endedAt: new Date() });
  await insertTask(db, { ruleId: back.ruleId, source: sg }, ended("2026-11-24T11:00:00Z"));
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

describe("the drawing", () => {
  test("adds the rules of a pair up: how many, how many off, the worst state, the oldest success", async () => {
    const { nodes, edges, ...rest } = await graph(ROOT);
    expect(rest).toEqual({ byRegion: false, instances: 4, rules: 5, enabledRules: 4, hiddenEdges: 0 });
    expect(nodes).toHaveLength(4);
    expect(edges).toEqual([
      {
        from: sh,
        to: bj,
        rules: 3,
        off: 1,
        state: "failed",
        oldestSuccessAt: "2026-11-20T10:00:00.000Z",
        missingSince: null,
      },
      { from: sh, to: sg, rules: 1, off: 0, state: "never", oldestSuccessAt: null, missingSince: null },
      {
        from: sg,
        to: far,
        rules: 1,
        off: 0,
        state: "succeeded",
        oldestSuccessAt: "2026-11-24T11:00:00.000Z",
        missingSince: null,
      },
    ]);
  });

  test("a pair whose rules are all off, or whose target is paused, is disabled", async () => {
    const db = database();
    const paused = await insertRule(db, { source: far, target: sh }, { name: "paused" });
    await db.update(ruleTargets).set({ pausedAt: new Date() }).where(eq(ruleTargets.id, paused.ruleTargetId));
    const edge = (await graph(ROOT)).edges.find(({ from }) => from === far);
    expect(edge).toMatchObject({ rules: 1, off: 1, state: "disabled", oldestSuccessAt: null });
    await db.delete(rules).where(eq(rules.id, paused.ruleId));
  });
});

describe("the table is its twin", () => {
  test("one line for each rule and target, by name, with state and last success", async () => {
    const page = await rows(ROOT, {});
    expect(page.rows.map(({ name, state }) => [name, state])).toEqual([
      ["bad", "failed"],
      ["good", "succeeded"],
      ["new", "never"],
      ["off", "disabled"],
      ["relay", "succeeded"],
    ]);
    expect(page.rows[0]).toMatchObject({
      source: { name: "上海" },
      target: { name: "北京" },
      lastTask: { status: "failed" },
      lastSuccessAt: "2026-11-20T10:00:00.000Z",
    });
  });

  test.each([
    ["an edge", () => ({ from: sh, to: sg }), ["new"]],
    ["a node, both directions", () => ({ at: sg }), ["new", "relay"]],
    ["a region", () => ({ to: "region:东南亚" }), ["new"]],
    ["a state", () => ({ state: "failed" }), ["bad"]],
  ])("filtered by %s", async (_what, query, expected) => {
    expect(await names(ROOT, query())).toEqual(expected);
  });
});

describe("who may not", () => {
  test("without view on either end nothing of a rule is seen, in the drawing or in the table", async () => {
    const who = actor([far]);
    const { nodes, edges, rules: visible } = await graph(who);
    expect(edges.map(({ from, to }) => [from, to])).toEqual([[sg, far]]);
    expect(visible).toBe(1);
    expect(nodes.map(({ key }) => key).sort()).toEqual([far, sg].sort());
    expect(await names(who, {})).toEqual(["relay"]);
    expect(await names(who, { from: sh })).toEqual([]);
  });

  test("of an end without view only the name is told: no host, no region, no health", async () => {
    const { nodes } = await graph(actor([far]));
    expect(nodes.find(({ key }) => key === sg)).toEqual({
      kind: "instance",
      key: sg,
      name: "新加坡",
      host: "",
      region: "",
      health: "unknown",
      viewed: false,
    });
    expect(await names(actor([far]), { from: "region:东南亚" })).toEqual([]);
  });

  test("who holds nothing sees nothing; who may receive sees the name", async () => {
    expect(await graph(actor([]))).toMatchObject({ nodes: [], edges: [], instances: 0, rules: 0 });
    expect((await graph(actor([], [sh]))).nodes).toMatchObject([{ name: "上海", viewed: false }]);
    expect(await names(actor([], [sh]), {})).toEqual([]);
  });
});

describe("how far each target is behind", () => {
  const SINCE = "2026-11-23T09:00:00.000Z";

  test("is the oldest tag that it misses; its own result stands there, whatever the rule came to elsewhere", async () => {
    const db = database();
    const two = await insertRule(db, { source: far, target: bj }, { name: "two" });
    const other = randomUUID();
    await db.insert(ruleTargets).values({ id: other, ruleId: two.ruleId, instanceId: sg });
    const task = await insertTask(
      db,
      { ruleId: two.ruleId, source: far },
      { status: "partial", endedAt: new Date() },
    );
    const result = { taskId: task, endedAt: new Date() };
    await db.insert(targetResults).values([
      {
        ...result,
        ruleTargetId: two.ruleTargetId,
        status: "failed",
        succeededAt: null,
        copied: 3,
        failed: 2,
      },
      { ...result, ruleTargetId: other, status: "succeeded", succeededAt: new Date(SINCE) },
    ]);
    await db.insert(targetMisses).values([
      { ruleTargetId: two.ruleTargetId, repository: "team/app", tag: "2", knownAt: new Date(), taskId: task },
      {
        ruleTargetId: two.ruleTargetId,
        repository: "team/app",
        tag: "1",
        knownAt: new Date(SINCE),
        taskId: task,
      },
    ]);
    const { edges } = await graph(ROOT);
    expect(edges.find(({ from, to }) => from === far && to === bj)).toMatchObject({
      state: "failed",
      missingSince: SINCE,
      oldestSuccessAt: null,
    });
    expect(edges.find(({ from, to }) => from === far && to === sg)).toMatchObject({
      state: "succeeded",
      missingSince: null,
      oldestSuccessAt: SINCE,
    });
    const lines = (await rows(ROOT, { from: far })).rows;
    expect(lines.find(({ target }) => target.id === bj)).toMatchObject({
      state: "failed",
      missingSince: SINCE,
      lastSuccessAt: null,
      result: {
        taskId: task,
        status: "failed",
        counters: { total: 5, copied: 3, upToDate: 0, skipped: 0 },
      },
    });
    expect(lines.find(({ target }) => target.id === sg)).toMatchObject({
      state: "succeeded",
      missingSince: null,
      lastSuccessAt: SINCE,
    });
    await db.delete(rules).where(eq(rules.id, two.ruleId));
  });
});

test("beyond what can be drawn one by one, places are regions, and one can be opened", async () => {
  const db = database();
  const many = await Promise.all(
    Array.from({ length: DRAWN_ONE_BY_ONE }, () => insertInstance(db, { region: "欧洲" })),
  );
  await insertRule(db, { source: sh, target: many[0] ?? "" }, { name: "to-europe" });
  const closed = await graph(ROOT);
  expect(closed.byRegion).toBe(true);
  expect(closed.nodes).toContainEqual({
    kind: "region",
    key: "region:欧洲",
    region: "欧洲",
    instances: DRAWN_ONE_BY_ONE,
    unreachable: 0,
  });
  expect(closed.nodes).toContainEqual(
    expect.objectContaining({ key: "region:中国内地", instances: 2, unreachable: 1 }),
  );
  expect(closed.edges).toContainEqual(
    expect.objectContaining({ from: "region:中国内地", to: "region:欧洲", rules: 1 }),
  );
  const open = await graph(ROOT, "中国内地");
  expect(open.nodes).toContainEqual(expect.objectContaining({ kind: "instance", key: sh }));
  expect(open.edges).toContainEqual(expect.objectContaining({ from: sh, to: "region:欧洲" }));
  expect(await names(ROOT, { from: sh, to: "region:欧洲" })).toEqual(["to-europe"]);
});
