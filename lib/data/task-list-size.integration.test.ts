import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../auth/actor.ts";
import { closeDatabase, type Database, database } from "../db/client.ts";
import { TaskListQuery, TransferListQuery } from "../schemas/task-query.ts";
import { insertInstance, insertRule, insertTask } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { plansOf, rowsRead, type StatementPlan } from "../testing/statement-plans.ts";
import { deletionsOfTask } from "./deletions.ts";
import { failureReasons } from "./failure-reasons.ts";
import { listTasks } from "./task-list.ts";
import { listSamples } from "./task-samples.ts";
import { getTaskDetail, taskJoins } from "./tasks.ts";
import { listTransfers } from "./transfers.ts";

/** Tasks of two rules in turn; those that failed, were started by hand or belong to the rare rule are the oldest of all. */
const TASKS = 20_000;
const OLDEST = 60;
/** Of the large task: among as many of each of others, before and after it. */
const TRANSFERS = 20_000;
const SIZE = 20;
const PIECE = 2_000;

let testDb: TestDatabase;
let rareRule: string;
let large: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  const db = database();
  const source = await insertInstance(db);
  const target = await insertInstance(db);
  const { ruleId } = await insertRule(db, { source, target }, { name: "usual" });
  ({ ruleId: rareRule } = await insertRule(db, { source, target }, { name: "rare-7" }));
  for (const table of ["tasks", "transfers"]) {
    await db.execute(sql.raw(`alter table ${table} set (autovacuum_enabled = false)`));
  }
  await db.execute(sql`
    create function id_of(n bigint) returns uuid language sql immutable as $$
      select (lpad(to_hex(1700000000000 + n), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid $$`);
  await db.execute(sql`
    insert into tasks (id, number, rule_id, source_instance_id, trigger, scope, status, ended_at)
    select id_of(n), n, case when n <= ${OLDEST} then ${rareRule}::uuid else ${ruleId}::uuid end, ${source},
      case when n <= ${OLDEST} then 'manual' else 'event' end, '{"kind":"rule"}',
      case when n <= ${OLDEST} then 'failed' else 'succeeded' end, now()
    from generate_series(1, ${TASKS}::int) n`);
  const tasks: string[] = [];
  for (let nth = 0; nth < 3; nth += 1) {
    tasks.push(
      await insertTask(
        db,
        { ruleId, source },
        {
          number: TASKS + 1 + nth,
          trigger: "event",
          status: "succeeded",
          endedAt: new Date(),
          rule: twoTargets(source, target),
        },
      ),
    );
  }
  large = tasks[1] ?? "";
  // Beside each other, as tasks that run at the same time write them.
  // Not all at once: a statement has its time.
  for (let from = 1; from <= TRANSFERS; from += PIECE) {
    await db.execute(sql`
      insert into transfers (id, task_id, rule_target_id, target_instance_id, repository, tag, target_repository, slice, status)
      select id_of((nth - 1) * ${TRANSFERS}::bigint + n), task_id, (array[${FIRST}, ${SECOND}])[n % 2 + 1]::uuid, ${target},
        'team/app-' || n % 10, 'v' || n, 'team/app', 0, case when n % 100 = 0 then 'failed' else 'copied' end
      from generate_series(${from}::int, ${from + PIECE - 1}::int) n,
        unnest(${sql.param(tasks)}::uuid[]) with ordinality t (task_id, nth)
      order by n, nth`);
  }
  await vacuumWhole(db);
  // Plans rest on what the planner knows: here on every row, not on a sample that is another one each time.
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local default_statistics_target = 2000`);
    await tx.execute(sql`analyze`);
  });
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

/** Another's snapshot, or a page that somebody holds, may leave pages for which no index answers alone. @throws when they stay */
async function vacuumWhole(db: Database): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    await db.execute(sql`vacuum`);
    const { rows } = await db.execute<{ hidden: number }>(
      sql`select relpages - relallvisible as hidden from pg_class where oid = 'transfers'::regclass`,
    );
    if (rows[0]?.hidden === 0) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("vacuum leaves pages of transfers behind");
}

const FIRST = "00000000-0000-7000-8000-000000000001";
const SECOND = "00000000-0000-7000-8000-000000000002";

const twoTargets = (source: string, target: string) => ({
  name: "usual",
  version: 1,
  sourceInstanceId: source,
  sourceNamespace: "team",
  repositoryPattern: "",
  tagPattern: "",
  resourceType: "all" as const,
  override: false,
  targets: [FIRST, SECOND].map((ruleTargetId) => ({ ruleTargetId, instanceId: target, namespace: null })),
});

const actor = {
  permission: "task:view",
  user: { id: null, username: "root", role: "root" },
  holds: "all",
  view: "all",
  operate: "all",
  manage: "all",
  receive: "all",
  submission: null,
  request: { id: "test", ip: null },
} as unknown as Actor<"task:view">;

const list = (query: object) => listTasks(actor, TaskListQuery.parse({ size: SIZE, ...query }));
const transfersOf = (query: object) =>
  listTransfers(actor, large, TransferListQuery.parse({ size: SIZE, ...query }));

const rowsOf = (plans: readonly StatementPlan[], table: string) =>
  Object.values(rowsRead(plans, table)).reduce((sum, rows) => sum + rows, 0);

/** A page, the row that tells whether there is another, and the one at which it begins. */
const PAGE_ROWS = SIZE + 2;
/** The task, its rule and the names beside it; whether it may be seen; joins, examples, transfers, curve, deletions. */
const PAGE_STATEMENTS = 9;

describe(`${TASKS} tasks`, () => {
  test.each([
    {},
    { status: "failed" },
    { status: "stopped" },
    { trigger: "manual" },
    { trigger: "manual", status: "failed" },
    { trigger: "schedule" },
    { rule: "rare" },
    { rule: "rare", status: "failed" },
    { rule: "rare", status: "succeeded" },
    { q: "#42" },
    { q: "7" },
    { q: "rare" },
  ])("a page of %j reads what it shows, wherever that lies, the next one too", async (asked) => {
    const query = "rule" in asked ? { ...asked, rule: rareRule } : asked;
    const first = await list(query);
    const pages = [query, ...(first.next ? [{ ...query, after: first.next }] : [])];
    for (const page of pages) {
      // Of a search, twice as many: what is found by number, and by name; and those found once more, with what their rows name.
      const plans = await plansOf(() => list(page));
      expect(rowsOf(plans, "tasks")).toBeLessThanOrEqual(4 * PAGE_ROWS + OLDEST);
    }
  });

  test("each filter lists what it names", async () => {
    expect((await list({ status: "failed", size: 100 })).rows).toHaveLength(OLDEST);
    expect((await list({ trigger: "manual", size: 100 })).rows).toHaveLength(OLDEST);
    expect(
      (await list({ rule: rareRule, status: "failed", trigger: "manual", size: 100 })).rows,
    ).toHaveLength(OLDEST);
    expect((await list({ rule: rareRule, status: "succeeded" })).rows).toEqual([]);
    expect((await list({ q: "#4242" })).rows.map(({ number }) => number)).toEqual([4242]);
    // Task 7, and the tasks of rare-7 with it.
    expect((await list({ q: "7", size: 100 })).rows).toHaveLength(OLDEST);
  });

  test("a task at work is listed with its speed, and no transfer is read for it", async () => {
    const db = database();
    const set = (status: string) =>
      db.execute(sql`
        update tasks set status = ${status}, claimed_at = now() - interval '1 minute', bytes_copied = 600
        where id = ${large}`);
    await set("running");
    try {
      const plans = await plansOf(() => list({ status: "running" }));
      expect(rowsOf(plans, "transfers")).toBe(0);
      const { rows } = await list({ status: "running" });
      expect(rows).toMatchObject([{ id: large, pace: { remainingMs: null } }]);
      expect(rows[0]?.pace?.bytesPerSecond).toBeGreaterThan(0);
    } finally {
      await set("succeeded");
    }
  });

  test("the page after one of another filter is its first", async () => {
    const failed = await list({ status: "failed" });
    const first = await list({ status: "succeeded" });
    expect(await list({ status: "succeeded", after: failed.next })).toEqual(first);
  });
});

describe(`a task of ${TRANSFERS} transfers among others`, () => {
  test.each([{}, { status: "copied" }, { status: "failed" }, { status: "stopped" }])(
    "pages of %j read what they show, the last as the first",
    async (query) => {
      const first = await plansOf(() => transfersOf(query));
      expect(rowsOf(first, "transfers")).toBeLessThanOrEqual(PAGE_ROWS);
      const lastOf = await transfersOf({ ...query, after: lastCursor() });
      expect(lastOf.rows).toEqual([]);
      const back = await plansOf(() => transfersOf({ ...query, before: lastCursor() }));
      expect(rowsOf(back, "transfers")).toBeLessThanOrEqual(PAGE_ROWS);
    },
  );

  test("a search finds parts of repositories and tags, in whatever case, and takes no sign for another", async () => {
    const found = async (q: string) =>
      (await transfersOf({ q })).rows.map(({ repository, tag }) => `${repository}:${tag}`);
    expect(await found("M/APP-3")).toEqual(
      Array.from({ length: SIZE }, (_, n) => `team/app-3:v${10 * n + 3}`),
    );
    expect(await found("V19999")).toEqual(["team/app-9:v19999"]);
    expect(await found("app_3")).toEqual([]);
    expect(await found("v%9")).toEqual([]);
  });

  test("what came to each target is counted from the index, once", async () => {
    const plans = await plansOf(() => getTaskDetail(actor, large));
    expect(Object.keys(rowsRead(plans, "transfers"))).toEqual(["transfers_task_status"]);
    expect(plans.reduce((sum, { buffers }) => sum + buffers, 0)).toBeLessThanOrEqual(600);
    const again = await plansOf(() => getTaskDetail(actor, large));
    expect(rowsOf(again, "transfers")).toBe(0);
    const { targets } = await getTaskDetail(actor, large);
    expect(targets.map(({ counts }) => counts)).toEqual([
      { copied: TRANSFERS / 2 - TRANSFERS / 100, failed: TRANSFERS / 100 },
      { copied: TRANSFERS / 2 },
    ]);
  });

  test("its page asks once whether it may be seen, and looks at all that failed once: it has ended", async () => {
    const page = () =>
      Promise.all([
        getTaskDetail(actor, large),
        taskJoins(actor, large),
        failureReasons(actor, large),
        transfersOf({}),
        listSamples(actor, large),
        deletionsOfTask(actor, large),
      ]);
    const failed = TRANSFERS / 100;
    const first = await plansOf(page);
    expect(rowsOf(first, "transfers")).toBeGreaterThanOrEqual(failed);
    const again = await plansOf(page);
    expect(again.length).toBeLessThanOrEqual(PAGE_STATEMENTS);
    // A page of rows, and the transfer that stands for a reason.
    expect(rowsOf(again, "transfers")).toBeLessThanOrEqual(PAGE_ROWS + 1);
    const [, , [reason]] = await page();
    expect(reason).toMatchObject({ reason: "UNKNOWN", count: failed, example: { status: "failed" } });
  });
});

/** Behind everything. */
const lastCursor = () =>
  Buffer.from(JSON.stringify(["transfers", [large, "ffffffff-ffff-ffff-ffff-ffffffffffff"]])).toString(
    "base64url",
  );
