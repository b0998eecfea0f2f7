import { randomUUID } from "node:crypto";
import { and, eq, inArray, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { RuleSelection } from "../schemas/rule-bulk.ts";
import { insertInstance, insertRule, insertTask, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { bulkImpact, deleteRules, setRulesEnabled, triggerRules, verifyRules } from "./rule-bulk.ts";

let testDb: TestDatabase;
let userId: string;
let source: string;
let target: string;
let other: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  userId = await insertUser(database(), { role: "root" });
});
beforeEach(async () => {
  source = await insertInstance(database());
  target = await insertInstance(database());
  other = await insertInstance(database());
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

function actor<P extends Permission>(permission: P, held: { view?: Held; operate?: Held } = {}): Actor<P> {
  const { view = "all", operate = "all" } = held;
  return {
    permission,
    user: { id: userId, username: "tester", role: "sub-account" },
    holds: operate,
    view,
    operate,
    manage: operate,
    receive: "all",
    submission: randomUUID(),
    request: { id: "test", ip: null },
  } as unknown as Actor<P>;
}

async function someRules(count: number, fields: Partial<typeof rules.$inferInsert> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    ids.push((await insertRule(database(), { source, target }, fields)).ruleId);
  }
  return ids;
}
const auditOf = (ids: string[]) => database().select().from(audit).where(inArray(audit.subjectId, ids));

test("three are triggered, the disabled one is not and says why; each has its audit row", async () => {
  const enabled = await someRules(3);
  const [disabled = ""] = await someRules(1, { enabled: false });
  const ruleIds = [...enabled, disabled];
  const result = await triggerRules(actor("rule:trigger"), { selection: { ruleIds } });
  expect(result).toMatchObject({
    done: 3,
    joined: 0,
    refused: [{ ruleId: disabled, code: "CONFLICT", reason: "rule-disabled" }],
  });
  const started = await database().select().from(tasks).where(inArray(tasks.ruleId, ruleIds));
  expect(started.map(({ ruleId }) => ruleId).sort()).toEqual([...enabled].sort());
  const rows = await auditOf(ruleIds);
  expect(rows.map(({ outcome }) => outcome).sort()).toEqual(["invalid", "ok", "ok", "ok"]);
  expect((await triggerRules(actor("rule:trigger"), { selection: { ruleIds: enabled } })).joined).toBe(3);
});

test("sent again under its key, because no answer came, it counts once for each rule", async () => {
  const ruleIds = await someRules(3);
  const sender = actor("rule:trigger");
  await triggerRules(sender, { selection: { ruleIds } });
  // By then the first of them runs: another trigger would queue a task behind it.
  await database().update(tasks).set({ status: "running" }).where(inArray(tasks.ruleId, ruleIds));
  expect(await triggerRules(sender, { selection: { ruleIds } })).toMatchObject({ done: 3, refused: [] });
  expect(await database().select().from(tasks).where(inArray(tasks.ruleId, ruleIds))).toHaveLength(3);
  await triggerRules(actor("rule:trigger"), { selection: { ruleIds } });
  expect(await database().select().from(tasks).where(inArray(tasks.ruleId, ruleIds))).toHaveLength(6);
});

test("where the database takes one no more, that one says so, and the others are told as done", async () => {
  const ruleIds = await someRules(3);
  const [stuck = ""] = ruleIds;
  await database().execute(sql`
    create function no_write() returns trigger language plpgsql as
    $$ begin raise exception 'read-only' using errcode = '25006'; end $$`);
  await database().execute(
    sql.raw(
      `create trigger no_write before update on rules for each row when (old.id = '${stuck}') execute function no_write()`,
    ),
  );
  try {
    const result = await setRulesEnabled(actor("rule:switch"), { selection: { ruleIds }, enabled: false });
    expect(result).toMatchObject({ done: 2, refused: [{ ruleId: stuck, reason: "database-read-only" }] });
  } finally {
    await database().execute(sql`drop function no_write cascade`);
  }
});

test("two are verified as deep as was asked for, the disabled one is not; once more joins what waits", async () => {
  const enabled = await someRules(2);
  const [disabled = ""] = await someRules(1, { enabled: false });
  const ruleIds = [...enabled, disabled];
  const verified = () => verifyRules(actor("rule:trigger"), { selection: { ruleIds }, depth: "deep" });
  expect(await verified()).toMatchObject({
    done: 2,
    joined: 0,
    refused: [{ ruleId: disabled, code: "CONFLICT", reason: "rule-disabled" }],
  });
  const started = await database().select().from(tasks).where(inArray(tasks.ruleId, ruleIds));
  expect(started.map(({ trigger, verify }) => ({ trigger, verify }))).toEqual([
    { trigger: "verify", verify: "deep" },
    { trigger: "verify", verify: "deep" },
  ]);
  expect((await auditOf(enabled)).map(({ changes }) => changes)).toEqual(
    enabled.map(() => expect.objectContaining({ verify: { before: null, after: "deep" } })),
  );
  expect(await verified()).toMatchObject({ done: 2, joined: 2 });
  const limited = actor("rule:trigger", { view: [source], operate: [] });
  const refused = await verifyRules(limited, { selection: { ruleIds: enabled }, depth: "shallow" });
  expect(refused.refused.map(({ reason }) => reason)).toEqual(["grant-missing", "grant-missing"]);
});

test("rules of which the grant is missing, or of which nothing is seen, keep no other from it", async () => {
  const [mine = ""] = await someRules(1);
  const { ruleId: seen } = await insertRule(database(), { source: other, target: source });
  const { ruleId: foreign } = await insertRule(database(), { source: other, target });
  const limited = { view: [source], operate: [source] };
  const result = await setRulesEnabled(actor("rule:switch", limited), {
    selection: { ruleIds: [mine, seen, foreign] },
    enabled: false,
  });
  expect(result.done).toBe(1);
  expect(Object.fromEntries(result.refused.map(({ ruleId, reason }) => [ruleId, reason]))).toEqual({
    [seen]: "grant-missing",
    [foreign]: "not-found",
  });
  expect(result.refused.find(({ ruleId }) => ruleId === foreign)?.name).toBeNull();
  const after = await database()
    .select()
    .from(rules)
    .where(inArray(rules.id, [mine, seen, foreign]));
  expect(Object.fromEntries(after.map(({ id, enabled }) => [id, enabled]))).toEqual({
    [mine]: false,
    [seen]: true,
    [foreign]: true,
  });
  expect((await auditOf([seen, foreign])).map(({ outcome }) => outcome)).toEqual(["denied", "denied"]);
});

describe("by filter", () => {
  test("it takes every rule that the list shows under it, on whatever page", async () => {
    const charts = await someRules(30, { resourceType: "chart" });
    await someRules(5, { resourceType: "image" });
    const selection = { filter: { instance: source, view: "rules", type: "chart" } } as const;
    expect(await bulkImpact(actor("rule:switch"), selection)).toMatchObject({ rules: 30, disabled: 0 });
    expect((await setRulesEnabled(actor("rule:switch"), { selection, enabled: false })).done).toBe(30);
    const off = await database()
      .select()
      .from(rules)
      .where(and(eq(rules.sourceInstanceId, source), eq(rules.enabled, false)));
    expect(off.map(({ id }) => id).sort()).toEqual([...charts].sort());
  });

  test("a filter by state looks at the newest task", async () => {
    const [failing = "", fine = ""] = await someRules(2);
    await insertTask(database(), { ruleId: failing, source }, { status: "failed" });
    await insertTask(database(), { ruleId: fine, source }, { status: "failed" });
    await insertTask(database(), { ruleId: fine, source }, { status: "succeeded" });
    const selection = { filter: { instance: source, view: "rules", state: "failed" } } as const;
    expect((await triggerRules(actor("rule:trigger"), { selection })).done).toBe(1);
  });

  test.each([{ instance: "all" }, { state: "whatever" }, { owner: "me" }, {}])(
    "what it does not know it refuses, instead of taking more: %j",
    (filter) => {
      const known = { instance: randomUUID(), view: "rules" };
      const odd = Object.keys(filter).length === 0 ? {} : { ...known, ...filter };
      expect(RuleSelection.safeParse({ filter: odd }).success).toBe(false);
    },
  );

  test("more than a thousand are refused before one is touched", async () => {
    await database().execute(sql`
      insert into rules (id, name, source_instance_id, source_namespace, resource_type)
      select gen_random_uuid(), 'many-' || n, ${source}, 'team', 'all' from generate_series(1, 1001) n`);
    await database().execute(sql`
      insert into rule_targets (id, rule_id, instance_id)
      select gen_random_uuid(), id, ${target} from rules where source_instance_id = ${source}`);
    const selection = { filter: { instance: source, view: "rules" } } as const;
    await expect(setRulesEnabled(actor("rule:switch"), { selection, enabled: false })).rejects.toMatchObject({
      reason: "bulk-too-many",
      values: { limit: 1000 },
    });
    await database().execute(sql`delete from rules where name = 'many-1' and source_instance_id = ${source}`);
    expect(await bulkImpact(actor("rule:switch"), selection)).toMatchObject({ rules: 1000 });
  });

  test("whoever waits for the answer gets it in time: what is not begun by then is refused, rule by rule, and none is lost", async () => {
    const ruleIds = await someRules(12);
    const selection = { filter: { instance: source, view: "rules" } } as const;
    const held = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    // Somebody holds every rule: those that are begun wait, and the time goes by.
    const lock = database().transaction(async (tx) => {
      await tx.select().from(rules).where(inArray(rules.id, ruleIds)).for("update");
      held.resolve();
      await released.promise;
    });
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await held.promise;
      const bulk = setRulesEnabled(actor("rule:switch"), { selection, enabled: false });
      await vi.waitUntil(async () => (await waitingForLocks()) === 4, { timeout: 60_000, interval: 20 });
      vi.setSystemTime(Date.now() + 21_000);
      released.resolve();
      await lock;
      const { done, refused } = await bulk;
      expect(done).toBe(4);
      expect(refused.map(({ reason }) => reason)).toEqual(Array(8).fill("bulk-out-of-time"));
      const off = await database()
        .select()
        .from(rules)
        .where(and(inArray(rules.id, ruleIds), eq(rules.enabled, false)));
      expect([...off.map(({ id }) => id), ...refused.map(({ ruleId }) => ruleId)].sort()).toEqual(
        ruleIds.sort(),
      );
    } finally {
      vi.useRealTimers();
      released.resolve();
    }
  });
});

/** Connections to this database that wait for somebody's lock. */
async function waitingForLocks(): Promise<number> {
  const { rows } = await database().execute<{ n: number }>(sql`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
  return rows[0]?.n ?? 0;
}

describe("deleting several", () => {
  test("counts what goes with them, and asks for their number", async () => {
    const ruleIds = await someRules(3);
    await insertTask(database(), { ruleId: ruleIds[0] ?? "", source }, { status: "running" });
    await insertTask(database(), { ruleId: ruleIds[1] ?? "", source }, { status: "failed" });
    const selection = { filter: { instance: source, view: "rules" } } as const;
    expect(await bulkImpact(actor("rule:switch"), selection)).toEqual({
      rules: 3,
      disabled: 0,
      openTasks: 1,
      tasks: 2,
    });
    await someRules(1);
    await expect(deleteRules(actor("rule:delete"), { selection, confirmCount: 3 })).rejects.toMatchObject({
      reason: "bulk-count-changed",
      values: { count: 4, confirmed: 3 },
    });
    expect((await deleteRules(actor("rule:delete"), { selection: { ruleIds }, confirmCount: 3 })).done).toBe(
      3,
    );
    expect(await database().select().from(rules).where(eq(rules.sourceInstanceId, source))).toHaveLength(1);
    expect(await auditOf(ruleIds)).toHaveLength(3);
  });
});
