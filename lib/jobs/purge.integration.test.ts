import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, database, type Tx } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { deleteRule } from "../queue/stop-task.ts";
import { insertTask } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { measured } from "../testing/sync-world.ts";
import type { JobContext, RunningJob } from "./job.ts";
import { purgeJob, purgeLeftovers } from "./purge-job.ts";
import { FIRST_TASKS } from "./purge-tasks.ts";

let testDb: TestDatabase;
let source: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  source = await seedInstance(database());
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

let number = 0;
/** A rule with ended tasks, each with `transfersEach` transfers. */
async function ruleWith({ taskCount, transfersEach }: { taskCount: number; transfersEach: number }) {
  const ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [source] });
  const from = number;
  number += taskCount;
  await database().execute(sql`
    insert into tasks (id, number, rule_id, source_instance_id, trigger, scope, status)
    select gen_random_uuid(), ${from}::int + n, ${ruleId}, ${source}, 'manual', '{"kind":"rule"}', 'succeeded'
    from generate_series(1, ${taskCount}::int) n`);
  await database().execute(sql`
    insert into transfers (id, task_id, rule_target_id, target_instance_id, repository, tag, target_repository, slice, status)
    select gen_random_uuid(), t.id, ${ruleId}, ${source}, 'team/app', n::text, 'team/app', 0, 'copied'
    from tasks t, generate_series(1, ${transfersEach}::int) n where t.rule_id = ${ruleId}`);
  return ruleId;
}
const tasksOf = async (ruleId: string) =>
  (await database().select({ id: tasks.id }).from(tasks).where(eq(tasks.ruleId, ruleId))).length;
const remove = (ruleId: string) => database().transaction((tx) => deleteRule(tx, ruleId));
const NEVER = new AbortController().signal;
const purge = (ruleId: string, draining = NEVER) =>
  purgeJob.run(
    { data: { ruleId }, draining } as RunningJob<{ ruleId: string }>,
    {
      db: database(),
    } as JobContext,
  );

/** Rows of a table that this connection has looked at and changed so far, by triggers too. */
async function touched(
  tx: Tx,
  table: string,
): Promise<{ scanned: number; fetched: number; changed: number }> {
  const { rows } = await tx.execute<{ scanned: number; fetched: number; changed: number }>(sql`
    select coalesce(sum(seq_tup_read), 0)::int as scanned, coalesce(sum(idx_tup_fetch), 0)::int as fetched,
           coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int as changed
      from pg_stat_xact_user_tables where relid = ${table}::regclass`);
  return rows[0] ?? { scanned: 0, fetched: 0, changed: 0 };
}

/** What a deletion touches of a table. The connection's counters hold what ran before it, too. */
async function touchedByDeletion(ruleId: string, table: string) {
  return database().transaction(async (tx) => {
    const before = await touched(tx, table);
    await deleteRule(tx, ruleId);
    const after = await touched(tx, table);
    return {
      scanned: after.scanned - before.scanned,
      fetched: after.fetched - before.fetched,
      changed: after.changed - before.changed,
    };
  });
}

test("deleting a rule touches its open tasks only; the purge takes the others and leaves those of other rules", async () => {
  const kept = await ruleWith({ taskCount: 3, transfersEach: 2 });
  const doomed = await ruleWith({ taskCount: 5_000, transfersEach: 1 });
  const open = await insertTask(
    database(),
    { ruleId: doomed, source },
    { number: ++number, status: "pending" },
  );
  await database().execute(sql`analyze tasks`);
  const { scanned, fetched, changed } = await touchedByDeletion(doomed, "tasks");
  measured(`of 5,001 tasks a deletion looks at ${fetched + scanned} and changes ${changed}`);
  expect([scanned, changed]).toEqual([0, 1]);
  expect(fetched).toBeLessThanOrEqual(10);
  expect(await database().select().from(rules).where(eq(rules.id, doomed))).toEqual([]);
  const [stopped] = await database().select().from(tasks).where(eq(tasks.id, open));
  expect(stopped?.status).toBe("stopped");
  expect(await tasksOf(doomed)).toBe(5_001);

  await purge(doomed);
  expect(await tasksOf(doomed)).toBe(0);
  expect(await tasksOf(kept)).toBe(3);
  expect(await database().select().from(transfers)).toHaveLength(6);
});

test("one task with more transfers than a piece holds goes piece by piece", async () => {
  const doomed = await ruleWith({ taskCount: 1, transfersEach: 12_000 });
  await remove(doomed);
  await purge(doomed);
  expect(await tasksOf(doomed)).toBe(0);
});

test("the tasks of a rule that is still there are not touched, whatever the job says", async () => {
  const kept = await ruleWith({ taskCount: 2, transfersEach: 1 });
  await purge(kept);
  expect(await tasksOf(kept)).toBe(2);
});

test("a worker that is told to end hands the purge back; housekeeping finds what nobody purged", async () => {
  const doomed = await ruleWith({ taskCount: 1200, transfersEach: 1 });
  await remove(doomed);
  await expect(purge(doomed, AbortSignal.abort())).rejects.toMatchObject({ reason: "draining" });
  expect(await tasksOf(doomed)).toBe(1200 - FIRST_TASKS);
  await purgeLeftovers(database(), NEVER);
  expect(await tasksOf(doomed)).toBe(0);
});
