import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { recordCheck } from "../db/instance-health.ts";
import { reconcileAfterOutage } from "../db/reconcile-soon.ts";
import { instanceChecks } from "../db/schema/history.ts";
import { installation } from "../db/schema/installation.ts";
import { instances } from "../db/schema/instances.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { HealthStatus } from "../schemas/instance.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { noteSweep, reconcileRules } from "./reconcile.ts";

let testDb: TestDatabase;
let source: string;
let target: string;
let ruleId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
});
beforeEach(async () => {
  await database().delete(rules);
  source = await seedInstance(database());
  target = await seedInstance(database());
  ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

const set = (fields: Partial<typeof rules.$inferInsert>) =>
  database().update(rules).set(fields).where(eq(rules.id, ruleId));
const past = new Date("2026-01-01T00:00:00Z");
/** Seconds until the rule is compared, by the database's clock. */
async function dueInS(of = ruleId): Promise<number> {
  const { rows } = await database().execute<{ s: number }>(
    sql`select extract(epoch from reconcile_due_at - now())::float8 as s from rules where id = ${of}`,
  );
  return rows[0]?.s ?? Number.NaN;
}

test("a rule that is due is compared whole, once over many workers, and again an interval later", async () => {
  await set({ reconcileDueAt: past });
  const taken = await Promise.all(Array.from({ length: 4 }, () => reconcileRules(database(), 6)));
  expect(taken.reduce((sum, count) => sum + count)).toBe(1);
  expect(await database().select().from(tasks).where(eq(tasks.ruleId, ruleId))).toMatchObject([
    { trigger: "reconcile", scope: { kind: "rule" }, triggeredBy: null },
  ]);
  const hours = (await dueInS()) / 3600;
  expect(hours).toBeGreaterThan(5.3);
  expect(hours).toBeLessThan(6.7);
});

test("a new rule is first due after some hours; one that is off, or listens to no events, never", async () => {
  expect(await dueInS()).toBeGreaterThan(10_000);
  await set({ reconcileDueAt: past, enabled: false });
  expect(await reconcileRules(database(), 6)).toBe(0);
  await set({ enabled: true, onEvent: false });
  expect(await reconcileRules(database(), 6)).toBe(0);
});

describe("after an outage of ours", () => {
  const sweptAgo = (gap: string) =>
    database()
      .insert(installation)
      .values({ keyFingerprint: "x", sweptAt: sql`now() - ${gap}::interval` })
      .onConflictDoUpdate({ target: installation.id, set: { sweptAt: sql`now() - ${gap}::interval` } });

  test("rules are compared within minutes", async () => {
    await sweptAgo("6 minutes");
    await noteSweep(database());
    expect(await dueInS()).toBeLessThan(301);
    await set({ reconcileDueAt: sql`now() + interval '3 hours'` as unknown as Date });
    await noteSweep(database());
    expect(await dueInS()).toBeGreaterThan(3_600);
  });

  test("a short gap is none", async () => {
    await sweptAgo("4 minutes");
    await noteSweep(database());
    expect(await dueInS()).toBeGreaterThan(3_600);
  });
});

describe("after an outage of an instance", () => {
  /** Checks a minute apart, the last one now. */
  async function checks(instanceId: string, ...statuses: HealthStatus[]): Promise<void> {
    await database().delete(instanceChecks).where(eq(instanceChecks.instanceId, instanceId));
    await database().update(instances).set({ healthStatus: "unknown" }).where(eq(instances.id, instanceId));
    for (const status of statuses) {
      await database()
        .update(instanceChecks)
        .set({ at: sql`${instanceChecks.at} - interval '1 minute'` })
        .where(eq(instanceChecks.instanceId, instanceId));
      const check = { status, latencyMs: null, code: null, detail: null };
      await recordCheck(database(), { instanceId, version: 1 }, check);
      await reconcileAfterOutage(database(), instanceId);
    }
  }

  test("the rules that start or end there are compared within minutes, others are not", async () => {
    const [a, b] = [await seedInstance(database()), await seedInstance(database())];
    const elsewhere = await seedRule(database(), { sourceInstanceId: a, targetInstanceIds: [b] });
    for (const end of [source, target]) {
      await set({ reconcileDueAt: sql`now() + interval '3 hours'` as unknown as Date });
      await checks(end, "healthy", "unreachable", "unreachable", "slow");
      expect(await dueInS()).toBeLessThan(301);
    }
    expect(await dueInS(elsewhere)).toBeGreaterThan(3_600);
  });

  test("a single miss is none", async () => {
    await checks(source, "healthy", "unreachable", "healthy");
    expect(await dueInS()).toBeGreaterThan(3_600);
  });
});
