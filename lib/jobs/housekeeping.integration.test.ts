import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { jobLeases, workers } from "../db/schema/installation.ts";
import { sessions, signInFailures } from "../db/schema/people.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { boss, closeBoss, prepareQueues } from "../queue/boss.ts";
import { COPY, HOUSEKEEPING } from "../queue/queues.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule, seedUser } from "../testing/seed.ts";
import { faultsOfEndedTask } from "../testing/task-figures.ts";
import { followUp, MOST_FOLLOW_UPS } from "./follow-up.ts";
import { housekeepingJob } from "./housekeeping-job.ts";
import type { JobContext, RunningJob } from "./job.ts";
import { adoptOrphans } from "./orphans.ts";
import { createSweeper } from "./sweeper.ts";
import type { TransferRecord } from "./transfer-state.ts";

let testDb: TestDatabase;
let source: string;
let target: string;
let ruleId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  source = await seedInstance(database());
  target = await seedInstance(database());
});
beforeEach(async () => {
  ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
/** Long enough for an orphan. */
const QUIET = sql`now() - interval '16 seconds'`;
const taskOf = async (taskId: string) =>
  (await database().select().from(tasks).where(eq(tasks.id, taskId)))[0] as typeof tasks.$inferSelect;

/** A task at work with `copied` transfers that have ended and `open` that one copy job is to bring. */
async function taskAtWork({ copied, open }: { copied: number; open: number }): Promise<string> {
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  const [place] = await database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId));
  await database()
    .insert(transfers)
    .values(
      Array.from({ length: copied + open }, (_, n) => ({
        id: randomUUID(),
        taskId,
        ruleTargetId: place?.id ?? "",
        targetInstanceId: target,
        repository: `team/app${n}`,
        targetRepository: `team/app${n}`,
        tag: "1",
        slice: n < copied ? 0 : 1,
        digest: `sha256:${"0".repeat(64)}`,
        status: n < copied ? ("copied" as const) : n === copied ? ("running" as const) : ("pending" as const),
        sizeBytes: n <= copied ? 10 : null,
        bytesCopied: n <= copied ? 10 : 0,
        endedAt: n < copied ? new Date() : null,
      })),
    );
  await database()
    .update(tasks)
    .set({
      status: "running",
      claimedAt: sql`now()`,
      scanEndedAt: sql`now()`,
      transfersTotal: copied + open,
      transfersCopied: copied,
      transfersRunning: Math.min(1, open),
      repositories: copied + open,
      bytesTotal: 10 * (copied + Math.min(1, open)),
      bytesCopied: 10 * (copied + Math.min(1, open)),
    })
    .where(eq(tasks.id, taskId));
  await database().execute(sql`delete from pgboss.job where group_id = ${taskId}`);
  return taskId;
}

test("housekeeping removes what has expired, and nothing else", async () => {
  const userId = await seedUser(database());
  const session = (idHash: string, expiresAt: Date) => ({ idHash, userId, expiresAt });
  await database()
    .insert(sessions)
    .values([session("over", hoursAgo(0.01)), session("good", hoursAgo(-1))]);
  await database()
    .insert(signInFailures)
    .values([
      { key: "account:old", at: hoursAgo(25) },
      { key: "account:new", at: hoursAgo(23) },
    ]);
  const workerId = randomUUID();
  await database().insert(workers).values({ id: workerId, lockKey: 4711, host: "h", pid: 1, version: "0" });
  const lease = (attempt: number, takenAt: Date) => ({
    jobId: randomUUID(),
    attempt,
    queue: COPY,
    workerId,
    takenAt,
  });
  await database()
    .insert(jobLeases)
    .values([lease(1, hoursAgo(8 * 24)), lease(2, hoursAgo(6 * 24))]);

  const job: RunningJob = {
    lease: { queue: HOUSEKEEPING, jobId: randomUUID(), attempt: 0 },
    data: {},
    lastAttempt: true,
    failures: 0,
    signal: new AbortController().signal,
    draining: new AbortController().signal,
    abort: () => undefined,
  };
  const instanceId = await seedInstance(database());
  const event = (eventId: string, receivedAt: Date, state: "accepted" | "processed") => ({
    id: randomUUID(),
    instanceId,
    dialect: "generic" as const,
    eventId,
    receivedAt,
    state,
  });
  await database()
    .insert(events)
    .values([
      event("old", hoursAgo(24 * 15), "processed"),
      event("new", hoursAgo(24 * 13), "processed"),
      // Nobody has taken it: an outage of ours is no reason to forget it.
      event("waiting", hoursAgo(24 * 15), "accepted"),
    ]);
  await housekeepingJob.run(job, { db: database() } as JobContext);
  const left = await database().select({ eventId: events.eventId }).from(events).orderBy(events.eventId);
  expect(left.map(({ eventId }) => eventId)).toEqual(["new", "waiting"]);

  expect((await database().select().from(sessions)).map(({ idHash }) => idHash)).toEqual(["good"]);
  expect((await database().select().from(signInFailures)).map(({ key }) => key)).toEqual(["account:new"]);
  expect((await database().select().from(jobLeases)).map(({ attempt }) => attempt)).toEqual([2]);
  await database().delete(workers);
});

test("a job that brought down a hundred workers is given up: its transfers fail, the task ends with what was done", async () => {
  const taskId = await taskAtWork({ copied: 2, open: 3 });
  const queue = await boss();
  await queue.insert(COPY, [{ data: { taskId, slice: 1 }, group: { id: taskId } }]);
  const [job] = await queue.fetch(COPY, { batchSize: 1 });
  await database().execute(sql`
    update pgboss.job set retry_count = 99, retry_limit = 105, heartbeat_on = now() - interval '1 hour'
    where id = ${job?.id}`);
  const sweeper = createSweeper(database());
  await sweeper.close();
  const stateOf = async () =>
    (
      await database().execute<{ state: string; count: number }>(
        sql`select state, retry_count as count from pgboss.job where id = ${job?.id}`,
      )
    ).rows[0];

  // Right after a start of Postgres heartbeats are not held against anybody: the sweep that comes later takes the job.
  await expect
    .poll(() => sweeper.sweep().then(stateOf), { timeout: 60_000, interval: 500 })
    .toEqual({ state: "retry", count: 99 });
  const [again] = await queue.fetch(COPY, { batchSize: 1 });
  expect(again?.id).toBe(job?.id);
  await database().execute(
    sql`update pgboss.job set heartbeat_on = now() - interval '1 hour' where id = ${job?.id}`,
  );
  await sweeper.sweep();
  expect(await stateOf()).toEqual({ state: "failed", count: 100 });
  expect(await queue.fetch(COPY, { batchSize: 1 })).toEqual([]);

  // Young tasks are left alone: their next job may be on its way.
  await adoptOrphans(database());
  expect((await taskOf(taskId)).status).toBe("running");
  await database().update(tasks).set({ updatedAt: QUIET }).where(eq(tasks.id, taskId));
  await adoptOrphans(database());
  expect(await taskOf(taskId)).toMatchObject({
    status: "partial",
    transfersCopied: 2,
    transfersFailed: 3,
    transfersRunning: 0,
    bytesTotal: 20,
    bytesCopied: 20,
  });
  expect(await faultsOfEndedTask(database(), taskId)).toEqual([]);
  const rows = await database().select().from(transfers).where(eq(transfers.taskId, taskId));
  expect(rows.filter(({ reason }) => reason === "UNKNOWN")).toHaveLength(3);
});

test("an open task without any job gets the jobs it lacks, one for each open slice", async () => {
  const taskId = await taskAtWork({ copied: 1, open: 2 });
  await database().update(tasks).set({ updatedAt: QUIET }).where(eq(tasks.id, taskId));
  await adoptOrphans(database());
  await adoptOrphans(database());
  const { rows } = await database().execute<{ slice: number }>(
    sql`select (data ->> 'slice')::int as slice from pgboss.job where group_id = ${taskId} and name = ${COPY}`,
  );
  expect(rows).toEqual([{ slice: 1 }]);
});

test("transfers that vanished with their instance: the counters tell of what is left, and the task ends", async () => {
  const taskId = await taskAtWork({ copied: 2, open: 2 });
  await database()
    .delete(transfers)
    .where(sql`task_id = ${taskId} and (slice = 1 or repository = 'team/app0')`);
  await database().update(tasks).set({ updatedAt: QUIET }).where(eq(tasks.id, taskId));
  await adoptOrphans(database());
  expect(await taskOf(taskId)).toMatchObject({ status: "succeeded", transfersTotal: 1, bytesCopied: 10 });
  expect(await faultsOfEndedTask(database(), taskId)).toEqual([]);
});

describe("a tag that moved while it was copied", () => {
  const follow = async (taskId: string) => {
    const [transfer] = await database().select().from(transfers).where(eq(transfers.taskId, taskId)).limit(1);
    await database().transaction((tx) => followUp(tx, transfer as TransferRecord));
  };
  const tasksOfRule = async () => database().select().from(tasks).where(eq(tasks.ruleId, ruleId));

  test("is followed, but not without end", async () => {
    const taskId = await taskAtWork({ copied: 1, open: 1 });
    for (let n = 0; n < MOST_FOLLOW_UPS + 3; n++) {
      await follow(taskId);
      await database().execute(
        sql`update tasks set status = 'stopped', ended_at = now() where rule_id = ${ruleId} and status = 'pending'`,
      );
    }
    expect(await tasksOfRule()).toHaveLength(1 + MOST_FOLLOW_UPS);
    await database().execute(
      sql`update tasks set created_at = now() - interval '11 minutes' where rule_id = ${ruleId}`,
    );
    await follow(taskId);
    expect(await tasksOfRule()).toHaveLength(2 + MOST_FOLLOW_UPS);
  });

  test("is not followed after a stop, nor once the rule is switched off", async () => {
    const taskId = await taskAtWork({ copied: 1, open: 1 });
    await database().update(tasks).set({ stopRequestedAt: sql`now()` }).where(eq(tasks.id, taskId));
    await follow(taskId);
    await database().update(tasks).set({ stopRequestedAt: null }).where(eq(tasks.id, taskId));
    await database().execute(sql`update rules set enabled = false where id = ${ruleId}`);
    await follow(taskId);
    expect(await tasksOfRule()).toHaveLength(1);
    await database().execute(sql`update rules set enabled = true where id = ${ruleId}`);
    await follow(taskId);
    expect(await tasksOfRule()).toHaveLength(2);
  });
});
