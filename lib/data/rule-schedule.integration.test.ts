import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Actor } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { rules } from "../db/schema/rules.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { CreateRuleInput } from "../schemas/rule.ts";
import { insertInstance, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { WHOLE_SELECTION } from "../testing/rule-input.ts";
import { createRule, setRuleEnabled, updateRule } from "./rule-changes.ts";
import { ruleToCopy } from "./rule-copy.ts";
import { getRule, listRules } from "./rules.ts";

let testDb: TestDatabase;
let userId: string;
let input: CreateRuleInput;
let ruleId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  userId = await insertUser(database(), { role: "root" });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

const SCHEDULE = { cron: "30 2 * * *", timeZone: "Asia/Shanghai" };
let counter = 0;
beforeEach(async () => {
  input = {
    name: `rule-${++counter}`,
    description: "",
    sourceInstanceId: await insertInstance(database()),
    sourceNamespace: "team",
    repositoryPattern: "",
    tagPattern: "",
    ...WHOLE_SELECTION,
    resourceType: "all",
    override: false,
    referrers: true,
    onEvent: true,
    schedule: SCHEDULE,
    deletion: null,
    targets: [{ instanceId: await insertInstance(database()), namespace: null }],
    backfill: false,
  };
  ({ ruleId } = await createRule(root("rule:create"), input));
});

function root<P extends Permission>(permission: P): Actor<P> {
  return {
    permission,
    user: { id: userId, username: "tester", role: "root" },
    holds: "all",
    view: "all",
    operate: "all",
    manage: "all",
    receive: "all",
    request: { id: "test", ip: null },
  } as unknown as Actor<P>;
}
const stored = async () =>
  (await database().select().from(rules).where(eq(rules.id, ruleId)))[0] as typeof rules.$inferSelect;
const dueAt = async () => (await stored()).scheduleDueAt?.getTime() ?? 0;
const overdue = (interval: string) =>
  database()
    .update(rules)
    .set({ scheduleDueAt: sql`now() - ${interval}::interval` })
    .where(eq(rules.id, ruleId));
const shown = () => getRule(root("rule:view"), ruleId);
const save = (changed: Partial<CreateRuleInput>, version = 1) =>
  updateRule(root("rule:edit"), { ...input, ...changed, ruleId, version });
const changesOf = async (action: string) =>
  (
    await database()
      .select()
      .from(audit)
      .where(sql`${audit.subjectId} = ${ruleId} and ${audit.action} = ${action}`)
  ).at(-1)?.changes;

test("a schedule is first due at its next time, by the clocks of its zone", async () => {
  const due = new Date(await dueAt());
  expect(due.toISOString()).toMatch(/T18:30:00.000Z$/);
  expect(due.getTime() - Date.now()).toBeGreaterThan(0);
  expect(due.getTime() - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
  expect(await shown()).toMatchObject({
    onEvent: true,
    schedule: { ...SCHEDULE, said: { kind: "daily", time: "02:30" }, missedSince: null },
    triggers: ["event", "schedule"],
  });
});

test("without events and schedule a rule runs by hand", async () => {
  await save({ onEvent: false, schedule: null });
  expect(await shown()).toMatchObject({ onEvent: false, schedule: null, triggers: ["manual"] });
  expect(await stored()).toMatchObject({ cron: null, timeZone: null, scheduleDueAt: null });
});

test("saving something else leaves an overdue run due; another schedule begins anew", async () => {
  await overdue("1 hour");
  const before = await dueAt();
  await save({ description: "changed" });
  expect(await dueAt()).toBe(before);
  await save({ schedule: { ...SCHEDULE, timeZone: "UTC" } }, 2);
  expect(new Date(await dueAt()).toISOString()).toMatch(/T02:30:00.000Z$/);
  expect(await dueAt()).toBeGreaterThan(Date.now());
});

test("the audit log tells both triggers, each only when it changed", async () => {
  expect(await changesOf("rule:create")).toMatchObject({
    onEvent: { before: null, after: true },
    schedule: { before: null, after: "30 2 * * * Asia/Shanghai" },
  });
  await save({ onEvent: false });
  expect(await changesOf("rule:edit")).toEqual({ onEvent: { before: true, after: false } });
  await save({ onEvent: false, schedule: { cron: "0 4 * * 1", timeZone: "UTC" } }, 2);
  expect(await changesOf("rule:edit")).toEqual({
    schedule: { before: "30 2 * * * Asia/Shanghai", after: "0 4 * * 1 UTC" },
  });
});

test("a run that nobody fired is shown with the moment it was due, on the rule and in the list", async () => {
  await overdue("1 minute");
  expect((await shown()).schedule?.missedSince).toBeNull();
  await overdue("3 minutes");
  const since = new Date(await dueAt()).toISOString();
  expect((await shown()).schedule?.missedSince).toBe(since);
  const { rows } = await listRules(root("rule:view"), {
    view: "rules",
    instance: input.sourceInstanceId,
    sort: "name",
    size: 20,
  });
  expect(rows[0]?.schedule?.missedSince).toBe(since);
});

test("what was due while the rule was off is neither missed nor made up for", async () => {
  const turn = (enabled: boolean) => setRuleEnabled(root("rule:switch"), { ruleId, enabled });
  await turn(false);
  await overdue("3 days");
  await database().update(rules).set({ reconcileDueAt: sql`now() - interval '3 days'` });
  expect((await shown()).schedule?.missedSince).toBeNull();
  await turn(true);
  expect(await dueAt()).toBeGreaterThan(Date.now());
  expect((await stored()).reconcileDueAt.getTime()).toBeGreaterThan(Date.now() - 1_000);
  // On already: an overdue run stays one.
  await overdue("1 hour");
  const before = await dueAt();
  await turn(true);
  expect(await dueAt()).toBe(before);
});

test("a copy begins with the same triggers", async () => {
  const copy = await ruleToCopy(root("rule:create"), ruleId);
  expect(copy).toMatchObject({ onEvent: true, schedule: SCHEDULE });
});
