import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { instanceChecks } from "../db/schema/history.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { InstanceListQuery } from "../schemas/instance.ts";
import { insertInstance, insertRule } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { instanceConcerns, instanceFeeds, rulesNaming } from "./instance-feeds.ts";
import { healthHistory, latencySummaries, outagesOf } from "./instance-health.ts";
import { listInstances } from "./instances.ts";

/** An actor as lib/auth would make it; only a test may. */
function actorOf<P extends Permission>(permission: P, view: Held, receive: Held = view): Actor<P> {
  return {
    permission,
    user: { id: "018f0000-0000-7000-8000-000000000001", username: "me", role: "sub-account" },
    holds: view === "all" || receive === "all" ? "all" : [...view, ...receive],
    view,
    operate: [],
    manage: [],
    receive,
    request: { id: "test", ip: null },
  } as unknown as Actor<P>;
}
const root = actorOf("instance:list", "all");

let testDb: TestDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
});
beforeEach(async () => {
  await database().delete(rules);
  await database().delete(instances);
});
afterAll(async () => {
  await closeDatabase();
  await testDb?.drop();
});

/** A check so many minutes ago; null did not get through. */
async function checked(instanceId: string, minutesAgo: number, latencyMs: number | null): Promise<void> {
  await database()
    .insert(instanceChecks)
    .values({
      instanceId,
      at: sql`now() - make_interval(secs => ${minutesAgo * 60})`,
      status: latencyMs === null ? "unreachable" : "healthy",
      latencyMs,
      code: latencyMs === null ? "TIMEOUT" : null,
    });
}

describe("the last 24 hours", () => {
  test("percentiles over every check that got through; failures count against availability only", async () => {
    const id = await insertInstance(database());
    for (let n = 1; n <= 100; n++) {
      await checked(id, n, n);
    }
    await checked(id, 101, null);
    await checked(id, 25 * 60, 9_999);
    const history = await healthHistory(root, id);
    expect(history).toMatchObject({ p50Ms: 50, p95Ms: 95, checks: 101, failed: 1 });
    const summary = (await latencySummaries(root, [id])).get(id);
    expect(summary).toMatchObject({ p50Ms: 50, p95Ms: 95 });
    expect(summary?.points).toHaveLength(24);
    expect(summary?.points.filter((point) => point !== null).length).toBeGreaterThanOrEqual(2);
    expect(summary?.points.slice(0, 20)).toEqual(Array(20).fill(null));
  });

  test("96 quarters, oldest first; where nothing got through there is no latency, where nothing was checked no check", async () => {
    const id = await insertInstance(database());
    await checked(id, 1, 30);
    await checked(id, 61, null);
    const { buckets } = await healthHistory(root, id);
    expect(buckets).toHaveLength(96);
    expect(buckets.map(({ at }) => at)).toEqual(buckets.map(({ at }) => at).toSorted());
    const seen = buckets.filter(({ checks }) => checks > 0);
    expect(seen).toMatchObject([
      { checks: 1, failed: 1, p50Ms: null, maxMs: null },
      { checks: 1, failed: 0, p50Ms: 30, p95Ms: 30, maxMs: 30 },
    ]);
    expect(buckets.at(-1)?.at.slice(14)).toMatch(/^(?:00|15|30|45):00\.000Z$/);
  });

  test("an instance that was never checked has an empty day", async () => {
    const id = await insertInstance(database());
    expect(await healthHistory(root, id)).toMatchObject({ checks: 0, p50Ms: null, p95Ms: null });
    expect((await latencySummaries(root, [id])).size).toBe(0);
  });

  test("nothing is told without view", async () => {
    const id = await insertInstance(database());
    await checked(id, 1, 30);
    const other = actorOf("instance:list", [], [id]);
    await expect(healthHistory(other, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect((await latencySummaries(other, [id])).size).toBe(0);
    expect((await outagesOf(other, [id])).size).toBe(0);
  });

  test("since when: the first failure of the row that goes on, not of an earlier one", async () => {
    const [down, up] = [await insertInstance(database()), await insertInstance(database())];
    await checked(down, 90, null);
    await checked(down, 80, 12);
    await checked(down, 70, null);
    await checked(down, 60, null);
    await checked(up, 70, null);
    await checked(up, 60, 12);
    const outages = await outagesOf(root, [down, up]);
    expect([...outages.keys()]).toEqual([down]);
    expect(Math.round((Date.now() - Date.parse(outages.get(down) ?? "")) / 60_000)).toBe(70);
  });
});

describe("who feeds whom", () => {
  test("both directions, rules counted once, with what is off; a rule into itself stands on both sides", async () => {
    const db = database();
    const [a, b, c] = [
      await insertInstance(db, { name: "a" }),
      await insertInstance(db, { name: "b", healthStatus: "slow" }),
      await insertInstance(db, { name: "c" }),
    ];
    const { ruleId } = await insertRule(db, { source: a, target: b });
    await db.insert(ruleTargets).values({ id: uuidv7(), ruleId, instanceId: c, namespace: null });
    await insertRule(db, { source: a, target: b }, { enabled: false });
    await insertRule(db, { source: c, target: a });
    await insertRule(db, { source: a, target: a, namespace: "copy" });
    expect(await instanceFeeds(root, a)).toEqual({
      rules: { out: 3, in: 2 },
      out: [
        { instance: { id: b, name: "b" }, health: "slow", rules: 2, off: 1 },
        { instance: { id: a, name: "a" }, health: "unknown", rules: 1, off: 0 },
        { instance: { id: c, name: "c" }, health: "unknown", rules: 1, off: 0 },
      ],
      in: [
        { instance: { id: a, name: "a" }, health: "unknown", rules: 1, off: 0 },
        { instance: { id: c, name: "c" }, health: "unknown", rules: 1, off: 0 },
      ],
    });
    const { rows } = await listInstances(root, InstanceListQuery.parse({}));
    expect(
      rows.map(({ name, ruleCount, rulesOut, rulesIn }) => [name, ruleCount, rulesOut, rulesIn]),
    ).toEqual([
      ["a", 4, 3, 2],
      ["b", 2, 0, 2],
      ["c", 2, 1, 1],
    ]);
  });

  test("health of the other end is told to holders of view alone, and rules that nobody sees are not counted", async () => {
    const db = database();
    const [a, b, c] = [
      await insertInstance(db, { name: "a" }),
      await insertInstance(db, { name: "b", healthStatus: "unreachable" }),
      await insertInstance(db, { name: "c" }),
    ];
    await insertRule(db, { source: a, target: b }, { name: "seen" });
    await insertRule(db, { source: c, target: b }, { name: "unseen" });
    const viewer = actorOf("instance:view", [a]);
    expect((await instanceFeeds(viewer, a)).out).toMatchObject([{ health: "unknown", rules: 1 }]);
    expect(await rulesNaming(viewer, b, 5)).toMatchObject([{ name: "seen", source: false }]);
    expect(await rulesNaming(root, b, 1)).toMatchObject([{ name: "seen" }]);
  });
});

test("what needs attention, the worst first, with the rules that hang on it; nothing of instances without view", async () => {
  const db = database();
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
  const good = await insertInstance(db, { name: "good", healthStatus: "healthy", credentialSetAt: ago(89) });
  const down = await insertInstance(db, { name: "down", healthStatus: "unreachable", healthCode: "TIMEOUT" });
  const refused = await insertInstance(db, {
    name: "refused",
    healthStatus: "unreachable",
    healthCode: "UNAUTHORIZED",
  });
  await insertInstance(db, { name: "slow", healthStatus: "slow" });
  await insertInstance(db, { name: "old", healthStatus: "healthy", credentialSetAt: ago(91) });
  await checked(down, 30, null);
  await insertRule(db, { source: good, target: down });
  const concerns = await instanceConcerns(root);
  expect(concerns.map(({ kind, instance, rules: count }) => [kind, instance.name, count])).toEqual([
    ["unreachable", "down", 1],
    ["credential-refused", "refused", 0],
    ["slow", "slow", 0],
    ["credential-old", "old", 0],
  ]);
  expect(Date.now() - Date.parse(concerns[0]?.since ?? "")).toBeGreaterThan(29 * 60_000);
  expect(await instanceConcerns(actorOf("instance:list", [good], [down, refused]))).toEqual([]);
});

describe("the order of the list", () => {
  const names = async (sort: InstanceListQuery["sort"], actor = root) =>
    (await listInstances(actor, InstanceListQuery.parse({ sort }))).rows.map(({ name }) => name);

  test("by health the worst first, by credential the oldest first, and the other way round", async () => {
    const db = database();
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
    await insertInstance(db, { name: "a", healthStatus: "healthy", credentialSetAt: ago(5) });
    await insertInstance(db, { name: "b", healthStatus: "unreachable", credentialSetAt: ago(50) });
    await insertInstance(db, { name: "c", healthStatus: "slow" });
    await insertInstance(db, { name: "d", healthStatus: "unknown", credentialSetAt: ago(1) });
    expect(await names("name")).toEqual(["a", "b", "c", "d"]);
    expect(await names("-name")).toEqual(["d", "c", "b", "a"]);
    expect(await names("health")).toEqual(["b", "c", "d", "a"]);
    expect(await names("-health")).toEqual(["a", "d", "c", "b"]);
    expect(await names("credential")).toEqual(["b", "a", "d", "c"]);
  });

  test("what is not shown does not order: without view health and credential stand behind all others", async () => {
    const db = database();
    const seen = await insertInstance(db, { name: "seen", healthStatus: "healthy" });
    const named = await insertInstance(db, {
      name: "named",
      healthStatus: "unreachable",
      credentialSetAt: new Date(0),
    });
    const actor = actorOf("instance:list", [seen], [named]);
    expect(await names("health", actor)).toEqual(["seen", "named"]);
    expect(await names("credential", actor)).toEqual(["named", "seen"]);
    expect((await listInstances(actor, InstanceListQuery.parse({}))).rows[0]).toMatchObject({
      name: "named",
      capabilities: null,
      credentialSetAt: null,
      latency: null,
    });
  });

  test("pages follow each other in every order", async () => {
    const db = database();
    for (let n = 0; n < 45; n++) {
      await insertInstance(db, { healthStatus: n % 3 === 0 ? "slow" : "healthy" });
    }
    for (const sort of ["name", "-name", "health", "-health", "credential", "-credential"] as const) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await listInstances(root, InstanceListQuery.parse({ sort, size: 20, after }));
        seen.push(...page.rows.map(({ id }) => id));
        after = page.next ?? undefined;
      } while (after);
      expect(new Set(seen).size).toBe(45);
      expect(seen).toHaveLength(45);
    }
  });
});
