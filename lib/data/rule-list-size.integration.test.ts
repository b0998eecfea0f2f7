import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import { closeDatabase, database } from "../db/client.ts";
import { RULE_SORTS, RuleListQuery } from "../schemas/rule.ts";
import { insertInstance } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { plansOf, rowsRead } from "../testing/statement-plans.ts";
import { measured } from "../testing/sync-world.ts";
import { getRuleDetail } from "./rule-totals.ts";
import { countTabs, listRules } from "./rules.ts";

/** 10,000 rules of one instance, five tasks each; the largest rule has 3,000 more. */
const RULES = 10_000;
const EACH = 5;
const LARGEST = 3_000;
/** However many rules a page shows: their targets, last tasks, days and names each in one. */
const STATEMENTS = 7;

let testDb: TestDatabase;
let source: string;
let target: string;
let largest: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  const db = database();
  source = await insertInstance(db);
  target = await insertInstance(db);
  for (const table of ["rules", "rule_targets", "tasks"]) {
    await db.execute(sql.raw(`alter table ${table} set (autovacuum_enabled = false)`));
  }
  await db.execute(sql`
    create function id_at(at timestamptz) returns uuid language sql volatile as $$
      select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
        || '8' || substr(md5(random()::text), 1, 15))::uuid $$`);
  await db.execute(sql`
    insert into rules (id, name, source_instance_id, source_namespace, repository_pattern, resource_type, enabled, created_at)
    select id_at(now()), 'rule-' || lpad(n::text, 5, '0'), ${source}, 'team' || n % 50, 'app-' || n || '-.*',
      (array['image', 'chart', 'all'])[n % 3 + 1], n % 20 <> 0, now() - n * interval '1 minute'
    from generate_series(1, ${RULES}::int) n`);
  await db.execute(
    sql`insert into rule_targets (id, rule_id, instance_id) select id_at(now()), id, ${target} from rules`,
  );
  const tasksOf = (which: ReturnType<typeof sql>, count: number) => sql`
    insert into tasks (id, number, rule_id, source_instance_id, trigger, scope, status, created_at, claimed_at, ended_at)
    select id_at(at), coalesce((select max(number) from tasks), 0) + row_number() over (), rule_id, ${source},
      (array['event', 'event', 'schedule', 'manual', 'reconcile', 'verify'])[1 + (random() * 5)::int], '{"kind":"rule"}',
      (array['succeeded', 'succeeded', 'succeeded', 'partial', 'failed', 'nothing-matched'])[1 + (random() * 5)::int],
      at, at, at + interval '40 seconds'
    from (select id as rule_id, now() - random() * interval '40 days' as at from rules, generate_series(1, ${count}::int)
      where ${which}) r`;
  // Not all at once: a statement has its time.
  for (let nth = 0; nth < EACH; nth += 1) {
    await db.execute(tasksOf(sql`true`, 1));
  }
  await db.execute(tasksOf(sql`name = 'rule-00001'`, LARGEST));
  await db.execute(sql`vacuum`);
  // Plans rest on what the planner knows: here on every row, not on a sample that is another one each time.
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local default_statistics_target = 2000`);
    await tx.execute(sql`analyze`);
  });
  const { rows } = await db.execute<{ id: string }>(sql`select id from rules where name = 'rule-00001'`);
  largest = rows[0]?.id ?? "";
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

function actor(view: Held): Actor<"rule:view"> {
  return {
    permission: "rule:view",
    user: { id: null, username: "tester", role: "sub-account" },
    holds: view,
    view,
    operate: view,
    manage: view,
    receive: view,
    submission: null,
    request: { id: "test", ip: null },
  } as unknown as Actor<"rule:view">;
}

const list = (params: object, who: Actor = actor("all")) =>
  listRules(who, RuleListQuery.parse({ instance: source, ...params }));

/** Plans of what `run` asks, beside the time that it took, which is for people only. */
async function costOf(what: string, run: () => Promise<unknown>) {
  const startedAt = performance.now();
  await run();
  const tookMs = Math.round(performance.now() - startedAt);
  const plans = await plansOf(run);
  const buffers = plans.reduce((sum, plan) => sum + plan.buffers, 0);
  measured(`${what}: ${tookMs} ms, ${plans.length} statements, ${buffers} pages`);
  const read = (table: string) => Object.values(rowsRead(plans, table)).reduce((sum, rows) => sum + rows, 0);
  return { statements: plans.length, buffers, read, ways: Object.keys(rowsRead(plans, "tasks")).sort() };
}

/** The list, its counts and the names of a page look at each rule, and of each at its newest task: never at all of its tasks. */
function expectPage(cost: Awaited<ReturnType<typeof costOf>>): void {
  expect(cost.ways).toEqual(["tasks_pkey", "tasks_rule_id"]);
  expectBounds(cost);
}

function expectBounds(cost: Awaited<ReturnType<typeof costOf>>): void {
  expect(cost.statements).toBeLessThanOrEqual(STATEMENTS);
  expect(cost.read("rules")).toBeLessThanOrEqual(3 * RULES);
  expect(cost.read("tasks")).toBeLessThanOrEqual(2 * RULES + LARGEST + 1_000);
  expect(cost.read("tasks")).toBeLessThan((RULES * EACH) / 2);
  expect(cost.buffers).toBeLessThanOrEqual(10 * RULES);
}

describe(`${RULES} rules`, () => {
  test.each([
    ...RULE_SORTS.filter((sort) => sort !== "-lastTask").map((sort) => ({ sort })),
    { q: "999" },
    { q: "app-42" },
    { state: "failed" },
    { state: "disabled", size: 100 },
    { type: "chart" },
  ])("a page of %j with its counts reads of each rule its newest task", async (params) => {
    expect((await list(params)).rows.length).toBeGreaterThan(10);
    expectPage(await costOf(JSON.stringify(params), () => list(params)));
  });

  test("the page of those that ran last finds them among the newest tasks: once for the counts alone each rule is asked", async () => {
    const cost = await costOf("-lastTask", () => list({ sort: "-lastTask", size: 100 }));
    expect(cost.ways).toEqual(["tasks_pkey", "tasks_rule_id", "tasks_source_id"]);
    expectBounds(cost);
    expect(cost.read("tasks")).toBeLessThanOrEqual(RULES + 2 * LARGEST);
  });

  test.each([{}, { size: 100 }, { state: "failed" }, { q: "999" }, { q: "nowhere" }])(
    "and shows with %j what all rules in that order begin with",
    async (params) => {
      const { rows } = await list({ ...params, sort: "-lastTask" });
      const query = RuleListQuery.parse({ ...params, sort: "-lastTask" });
      const { rows: wanted } = await database().execute<{ name: string }>(sql`
        select r.name from rules r left join lateral
          (select id, status from tasks where rule_id = r.id order by id desc limit 1) last on true
        where (${query.q ?? ""} = '' or r.name like '%' || ${query.q ?? ""} || '%' or r.repository_pattern like '%' || ${query.q ?? ""} || '%')
          and (${query.state ?? ""} = '' or last.status = ${query.state ?? ""})
        order by coalesce(last.id, '00000000-0000-0000-0000-000000000000') desc, r.id desc limit ${query.size}`);
      expect(rows.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name));
    },
  );

  test("so do the pages of a sub-account, and the rules that point at an instance", async () => {
    const mine = actor([source]);
    expectPage(await costOf("a sub-account's", () => list({}, mine)));
    expectPage(await costOf("incoming", () => list({ instance: target, view: "incoming" }, actor([target]))));
  });

  test("the counts of the tabs read no task, and no rule twice", async () => {
    const mine = actor([source]);
    const cost = await costOf("tabs", () => countTabs(mine, source));
    expect(cost).toMatchObject({ statements: 1, ways: [] });
    expect(cost.read("rules")).toBeLessThanOrEqual(2 * RULES);
    expect(cost.buffers).toBeLessThanOrEqual(1_000);
    expect(await countTabs(mine, source)).toEqual({ rules: RULES, incoming: 0 });
  });

  test("the page of a rule with thousands of tasks reads those of 30 days of its own, by the index", async () => {
    const { totals } = await getRuleDetail(actor("all"), largest);
    expect(totals.tasks).toBeGreaterThan(LARGEST / 2);
    const cost = await costOf("the largest rule", () => getRuleDetail(actor("all"), largest));
    // Of the tasks that are open, what they still owe to targets: few, however many the rule has had.
    const ofRule = ["tasks_pkey", "tasks_rule_id", "tasks_rule_status"];
    expect(cost.ways.filter((way) => way !== "tasks_open" && !ofRule.includes(way))).toEqual([]);
    // Once for what they add up to, once for the strip of days, and the newest one.
    expect(cost.read("tasks")).toBeLessThanOrEqual(2 * totals.tasks + 10);
    // And four for where its targets stand.
    expect(cost.statements).toBeLessThanOrEqual(STATEMENTS + 4);
    expect(cost.buffers).toBeLessThanOrEqual(1_000);
  });
});
