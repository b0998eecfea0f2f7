import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase, database, type OpenDatabase, openDatabase } from "../db/client.ts";
import { scheduleRuns } from "../db/schema/history.ts";
import { noticeAddresses, noticeDeliveries } from "../db/schema/notices.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { taskJoins, tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { insertNoticeAddress } from "../testing/notice-rows.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { fireSchedules, fireVerifications } from "./schedule.ts";
import { createSweeper } from "./sweeper.ts";

let testDb: TestDatabase;
let other: OpenDatabase;
let source: string;
let target: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  other = openDatabase(testDb.url);
  source = await seedInstance(database());
  target = await seedInstance(database());
});
beforeEach(() => database().delete(rules));
afterAll(async () => {
  await closeBoss();
  await other?.close();
  await closeDatabase();
  await testDb?.drop();
});

const MINUTE_MS = 60_000;
const START = new Date("2026-11-24T00:00:00Z");

/** A rule of this schedule, due first at `due`. */
async function scheduled(cron: string, due: Date, timeZone = "Asia/Shanghai"): Promise<string> {
  const ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
  await database().update(rules).set({ cron, timeZone, scheduleDueAt: due }).where(eq(rules.id, ruleId));
  return ruleId;
}
const runsOf = (ruleId: string) =>
  database().select().from(scheduleRuns).where(eq(scheduleRuns.ruleId, ruleId)).orderBy(scheduleRuns.dueAt);
const tasksOf = (ruleId: string) => database().select().from(tasks).where(eq(tasks.ruleId, ruleId));
const dueOf = async (ruleId: string) =>
  (await database().select().from(rules).where(eq(rules.id, ruleId)))[0]?.scheduleDueAt?.toISOString();

test("two schedulers that tick the same minute a thousand times: a thousand tasks or joins, none twice", async () => {
  const ruleId = await scheduled("* * * * *", START);
  let fired = 0;
  for (let minute = 0; minute < 1_000; minute += 1) {
    const now = new Date(START.getTime() + minute * MINUTE_MS + 400);
    const both = await Promise.all([fireSchedules(database(), now), fireSchedules(other.db, now)]);
    fired += both[0] + both[1];
  }
  expect(fired).toBe(1_000);
  const runs = await runsOf(ruleId);
  expect(runs.map(({ dueAt }) => dueAt.getTime())).toEqual(
    Array.from({ length: 1_000 }, (_, minute) => START.getTime() + minute * MINUTE_MS),
  );
  const [task, ...more] = await tasksOf(ruleId);
  expect(more).toEqual([]);
  expect(task).toMatchObject({ trigger: "schedule", triggeredBy: null, scope: { kind: "rule" } });
  expect(new Set(runs.map(({ taskId }) => taskId))).toEqual(new Set([task?.id]));
  expect(await database().select().from(taskJoins).where(eq(taskJoins.trigger, "schedule"))).toHaveLength(
    999,
  );
}, 240_000);

test("a schedule that fires late is told of, once; one in time is not", async () => {
  const address = await insertNoticeAddress(
    database(),
    { url: "https://hooks.example.com/x", seal: (text) => text },
    { failuresOnly: true },
  );
  const ruleId = await scheduled("30 2 * * *", new Date("2026-11-20T18:30:00Z"));
  await fireSchedules(database(), new Date("2026-11-20T18:30:02Z"));
  expect(await database().select().from(noticeDeliveries)).toEqual([]);
  await fireSchedules(database(), new Date("2026-11-23T09:00:00Z"));
  await fireSchedules(database(), new Date("2026-11-23T09:00:01Z"));
  expect(await database().select().from(noticeDeliveries)).toMatchObject([
    {
      addressId: address,
      event: "schedule-late",
      facts: { rule: { id: ruleId }, dueAt: "2026-11-21T18:30:00.000Z", firedAt: "2026-11-23T09:00:00.000Z" },
    },
  ]);
  await database().delete(noticeAddresses);
});

test("after an outage there is one run for all that were missed, then the usual ones", async () => {
  const ruleId = await scheduled("30 2 * * *", new Date("2026-11-20T18:30:00Z"));
  expect(await fireSchedules(database(), new Date("2026-11-24T09:00:00Z"))).toBe(1);
  expect(await fireSchedules(database(), new Date("2026-11-24T09:00:01Z"))).toBe(0);
  expect(await runsOf(ruleId)).toMatchObject([
    { dueAt: new Date("2026-11-20T18:30:00Z"), at: new Date("2026-11-24T09:00:00Z") },
  ]);
  expect(await dueOf(ruleId)).toBe("2026-11-24T18:30:00.000Z");
  expect(await fireSchedules(database(), new Date("2026-11-24T18:29:59.999Z"))).toBe(0);
  expect(await fireSchedules(database(), new Date("2026-11-24T18:30:00Z"))).toBe(1);
});

test("a rule that is off, or whose targets are all paused, starts nothing; the latter is due again next time", async () => {
  const off = await scheduled("* * * * *", START);
  await database().update(rules).set({ enabled: false }).where(eq(rules.id, off));
  const paused = await scheduled("* * * * *", START);
  await database()
    .update(ruleTargets)
    .set({ pausedAt: sql`now()`, pausedReason: "receive-lost" })
    .where(eq(ruleTargets.ruleId, paused));
  expect(await fireSchedules(database(), START)).toBe(1);
  expect(await dueOf(off)).toBe(START.toISOString());
  expect(await dueOf(paused)).toBe("2026-11-24T00:01:00.000Z");
  expect([...(await tasksOf(off)), ...(await tasksOf(paused))]).toEqual([]);
});

test("one that cannot be fired stays due and keeps no other from being fired", async () => {
  const unknown = await scheduled("* * * * *", new Date(START.getTime() - MINUTE_MS), "Mars/Olympus");
  const known = await scheduled("* * * * *", START);
  expect(await fireSchedules(database(), START)).toBe(1);
  expect(await dueOf(unknown)).toBe("2026-11-23T23:59:00.000Z");
  expect(await tasksOf(known)).toHaveLength(1);
});

test("a verification that is due begins once, however many look; it is missed, not lost, while nobody does", async () => {
  const hook = { url: "https://hooks.example.com/verify", seal: (text: string) => text };
  await insertNoticeAddress(database(), hook, { failuresOnly: true });
  const ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
  const due = new Date("2026-11-22T19:00:00Z");
  await database()
    .update(rules)
    .set({ verifyCron: "0 3 * * 1", verifyTimeZone: "Asia/Shanghai", verifyDueAt: due, verifyDeep: true })
    .where(eq(rules.id, ruleId));
  expect(await fireVerifications(database(), new Date(due.getTime() - 1))).toBe(0);
  const late = new Date("2026-11-25T00:00:00Z");
  const looks = [database(), other.db, database(), other.db].map((db) => fireVerifications(db, late));
  expect((await Promise.all(looks)).reduce((sum, fired) => sum + fired, 0)).toBe(1);
  expect(await tasksOf(ruleId)).toMatchObject([
    { trigger: "verify", verify: "deep", triggeredBy: null, scope: { kind: "rule" } },
  ]);
  const [rule] = await database().select().from(rules).where(eq(rules.id, ruleId));
  expect(rule?.verifyDueAt).toEqual(new Date("2026-11-29T19:00:00Z"));
  expect(await database().select().from(noticeDeliveries)).toMatchObject([
    { event: "schedule-late", facts: { of: "verify", rule: { id: ruleId }, dueAt: due.toISOString() } },
  ]);
  await database().delete(noticeAddresses);
  // Who triggers while it waits joins it, and it still proves.
  await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: { kind: "rule" }, userId: null }),
  );
  expect(await tasksOf(ruleId)).toMatchObject([{ trigger: "verify", verify: "deep" }]);
  await expect(
    database().update(rules).set({ verifyCron: null }).where(eq(rules.id, ruleId)),
  ).rejects.toMatchObject({ cause: { constraint: "rules_verify_schedule" } });
});

test("the sweeper fires by the database's clock", async () => {
  const ruleId = await scheduled("0 0 1 1 *", new Date(Date.now() - MINUTE_MS));
  const sweeper = createSweeper(database());
  try {
    await sweeper.sweep();
    await expect.poll(async () => (await tasksOf(ruleId)).length).toBe(1);
  } finally {
    await sweeper.close();
  }
});

test("a schedule is whole or not there: the database holds it", async () => {
  const ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
  await expect(
    database().update(rules).set({ cron: "* * * * *" }).where(eq(rules.id, ruleId)),
  ).rejects.toMatchObject({ cause: { constraint: "rules_schedule" } });
});
