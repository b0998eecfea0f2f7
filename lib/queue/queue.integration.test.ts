import { and, eq, inArray, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, database, type OpenDatabase, openDatabase } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { taskJoins, tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { type TaskScope, type TaskStatus, WHOLE_RULE } from "../schemas/task.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule, seedUser } from "../testing/seed.ts";
import { boss, closeBoss, prepareQueues } from "./boss.ts";
import { fenced, LeaseLost, requireLease, TaskGone } from "./fence.ts";
import { completeJob, releaseJob } from "./job-attempt.ts";
import { COPY, PURGE, SCAN } from "./queues.ts";
import { retryFailed } from "./retry-failed.ts";
import { settleTask } from "./settle-task.ts";
import { startTask } from "./start-task.ts";
import { deleteRule, stopTask } from "./stop-task.ts";

let testDb: TestDatabase;
let wide: OpenDatabase;
let source: string;
let target: string;
let userId: string;
let ruleId: string;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  wide = openDatabase(testDb.url, { max: 25 });
  source = await seedInstance(database());
  target = await seedInstance(database());
  userId = await seedUser(database());
});

beforeEach(async () => {
  ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
});

afterAll(async () => {
  await closeBoss();
  await wide?.close();
  await closeDatabase();
  await testDb?.drop();
});

const trigger = (scope: TaskScope = WHOLE_RULE, rule = ruleId) =>
  wide.db.transaction((tx) => startTask(tx, { ruleId: rule, trigger: "manual", scope, userId }));
const settle = (taskId: string) => wide.db.transaction((tx) => settleTask(tx, taskId));
const scansOf = async (taskId: string) =>
  (await database().execute(sql`select id from pgboss.job where name = ${SCAN} and group_id = ${taskId}`))
    .rows;
const taskOf = async (taskId: string) => {
  const [task] = await database().select().from(tasks).where(eq(tasks.id, taskId));
  if (!task) {
    throw new Error("no such task");
  }
  return task;
};
const tags = (...names: string[]): TaskScope => ({
  kind: "tags",
  tags: names.map((tag) => ({ repository: "team/app", tag })),
});
const setTask = (taskId: string, values: Partial<typeof tasks.$inferInsert>) =>
  database().update(tasks).set(values).where(eq(tasks.id, taskId));

describe("startTask", () => {
  test("allocates the next number of the source instance and sends one scan", async () => {
    const [before] = await database().select().from(instances).where(eq(instances.id, source));
    const started = await trigger();
    expect(started.joined).toBe(false);
    expect(started.number).toBe((before?.taskCounter ?? 0) + 1);
    expect(await scansOf(started.taskId)).toHaveLength(1);
    expect(await taskOf(started.taskId)).toMatchObject({
      status: "pending",
      rule: null,
      triggeredBy: userId,
    });
  });

  test("joins the pending task, notes who and when, and sends no second scan", async () => {
    const first = await trigger(tags("1"));
    const second = await trigger(tags("1", "2"));
    expect(second).toEqual({ ...first, joined: true });
    expect((await taskOf(first.taskId)).scope).toEqual(tags("1", "2"));
    expect(await database().select().from(taskJoins).where(eq(taskJoins.taskId, first.taskId))).toMatchObject(
      [{ trigger: "manual", userId }],
    );
    expect(await scansOf(first.taskId)).toHaveLength(1);
    await trigger();
    await trigger(tags("3"));
    expect((await taskOf(first.taskId)).scope).toEqual(WHOLE_RULE);
  });

  test("waits without a scan while a task of the rule is at work; the end of that one sends it", async () => {
    const first = await trigger();
    await setTask(first.taskId, { status: "scanning", claimedAt: new Date() });
    const second = await trigger();
    expect(second.joined).toBe(false);
    expect(await scansOf(second.taskId)).toHaveLength(0);
    await setTask(first.taskId, { scanEndedAt: new Date() });
    expect(await settle(first.taskId)).toBe("nothing-matched");
    expect(await scansOf(second.taskId)).toHaveLength(1);
  });

  test("a rolled back trigger leaves neither task nor job nor number", async () => {
    const jobs = async () =>
      (await database().execute(sql`select count(*)::int as n from pgboss.job`)).rows[0];
    const before = await jobs();
    const [counter] = await database().select().from(instances).where(eq(instances.id, source));
    await expect(
      wide.db.transaction(async (tx) => {
        await startTask(tx, { ruleId, trigger: "event", scope: WHOLE_RULE, userId: null });
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await jobs()).toEqual(before);
    const [after] = await database().select().from(instances).where(eq(instances.id, source));
    expect(after?.taskCounter).toBe(counter?.taskCounter);
  });

  test("an unknown rule is not found", async () => {
    await expect(trigger(WHOLE_RULE, crypto.randomUUID())).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("200 concurrent triggers while tasks begin and end: never two at work, never two pending, one scan each", async () => {
    let running = true;
    const overlaps: number[] = [];
    const work = async () => {
      while (running) {
        const open = await wide.db
          .select()
          .from(tasks)
          .where(and(eq(tasks.ruleId, ruleId), inArray(tasks.status, ["pending", "scanning", "running"])));
        overlaps.push(open.filter((task) => task.status !== "pending").length);
        const scanned = new Set(
          (
            await wide.db.execute<{ group_id: string }>(
              sql`select group_id from pgboss.job where name = ${SCAN}`,
            )
          ).rows.map((row) => row.group_id),
        );
        for (const task of open) {
          if (task.status === "pending" && scanned.has(task.id)) {
            await setTask(task.id, { status: "scanning" });
          } else if (task.status === "scanning") {
            await setTask(task.id, { scanEndedAt: new Date() });
            await settle(task.id);
          }
        }
      }
    };
    const worker = work();
    const started = await Promise.all(Array.from({ length: 200 }, (_, n) => trigger(tags(`${n}`))));
    await expect
      .poll(
        async () => {
          const rows = await database().select().from(tasks).where(eq(tasks.ruleId, ruleId));
          return rows.filter((task) => task.endedAt === null).length;
        },
        { timeout: 60_000 },
      )
      .toBe(0);
    running = false;
    await worker;

    const rows = await database().select().from(tasks).where(eq(tasks.ruleId, ruleId));
    expect(new Set(started.map((each) => each.taskId))).toEqual(new Set(rows.map((row) => row.id)));
    expect(new Set(rows.map((row) => row.number)).size).toBe(rows.length);
    expect(Math.max(...overlaps)).toBeLessThanOrEqual(1);
    for (const row of rows) {
      expect(await scansOf(row.id)).toHaveLength(1);
    }
    // Every trigger's tag is in exactly one task.
    const asked = rows.flatMap((row) =>
      row.scope.kind === "tags" ? row.scope.tags.map(({ tag }) => Number(tag)) : [],
    );
    expect(asked.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    const joins = await database()
      .select()
      .from(taskJoins)
      .where(
        inArray(
          taskJoins.taskId,
          rows.map((row) => row.id),
        ),
      );
    expect(joins.length + rows.length).toBe(200);
  });
});

describe("stopTask, deleteRule, retryFailed", () => {
  test("a pending task has stopped at once, and the next trigger makes a new one", async () => {
    const { taskId } = await trigger();
    const stopped = await wide.db.transaction((tx) => stopTask(tx, { taskId, userId }));
    expect(stopped.status).toBe("stopped");
    expect(await taskOf(taskId)).toMatchObject({
      status: "stopped",
      stoppedBy: userId,
      endedAt: expect.any(Date),
    });
    expect((await trigger()).taskId).not.toBe(taskId);
  });

  test("an active task is marked; an ended one never changes", async () => {
    const { taskId } = await trigger();
    await setTask(taskId, { status: "running" });
    await wide.db.transaction((tx) => stopTask(tx, { taskId, userId }));
    const marked = await taskOf(taskId);
    expect(marked).toMatchObject({ status: "running", stopRequestedAt: expect.any(Date) });
    await setTask(taskId, { scanEndedAt: new Date() });
    expect(await settle(taskId)).toBe("stopped");
    const ended = await taskOf(taskId);
    await wide.db.transaction((tx) => stopTask(tx, { taskId, userId: null }));
    expect(await taskOf(taskId)).toEqual(ended);
  });

  test("deleting a rule ends what is open, and leaves its tasks to the purge", async () => {
    const { taskId } = await trigger();
    await setTask(taskId, { status: "running" });
    const waiting = await trigger();
    expect(await wide.db.transaction((tx) => deleteRule(tx, ruleId))).toBe(true);
    for (const id of [taskId, waiting.taskId]) {
      expect(await taskOf(id)).toMatchObject({ status: "stopped", stopRequestedAt: expect.any(Date) });
    }
    const { rows } = await wide.db.execute(
      sql`select 1 from pgboss.job where name = ${PURGE} and data ->> 'ruleId' = ${ruleId}`,
    );
    expect(rows).toHaveLength(1);
    expect(await wide.db.transaction((tx) => deleteRule(tx, ruleId))).toBe(false);
  });

  test("a retry names its task and only what failed; it is refused while open or when nothing failed", async () => {
    const { taskId } = await trigger();
    const retry = () => wide.db.transaction((tx) => retryFailed(tx, { taskId, userId }));
    await expect(retry()).rejects.toMatchObject({ code: "CONFLICT", reason: "task-still-open" });
    const [ruleTarget] = await database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId));
    const row = (tag: string, status: "failed" | "copied") => ({
      id: crypto.randomUUID(),
      taskId,
      ruleTargetId: ruleTarget?.id ?? "",
      targetInstanceId: target,
      repository: "team/app",
      targetRepository: "team/app",
      slice: 0,
      tag,
      status,
    });
    await setTask(taskId, { status: "partial", endedAt: new Date() });
    await expect(retry()).rejects.toMatchObject({ code: "CONFLICT", reason: "nothing-failed" });
    await database()
      .insert(transfers)
      .values([row("bad", "failed"), row("good", "copied")]);
    const started = await retry();
    expect(await taskOf(started.taskId)).toMatchObject({ retryOf: taskId, scope: tags("bad") });
  });
});

describe("the fence", () => {
  const claimed = async (taskId: string) => {
    const queue = await boss();
    await queue.insert(COPY, [
      { id: crypto.randomUUID(), data: { taskId, slice: 0 }, group: { id: taskId } },
    ]);
    const jobs = await queue.fetch<{ taskId: string }>(COPY, { batchSize: 100 });
    const job = jobs.find((each) => each.data.taskId === taskId);
    if (!job) {
      throw new Error("the job was not claimed");
    }
    return { queue: COPY, jobId: job.id, attempt: job.retryCount } as const;
  };

  test("a write under a lost lease changes nothing, 500 of 500", async () => {
    const { taskId } = await trigger();
    const old = await claimed(taskId);
    expect(await releaseJob(wide.db, old, { delayMs: 0, counts: false })).toBe(true);
    const queue = await boss();
    const [again] = await queue.fetch(COPY, { batchSize: 1, includeMetadata: true });
    expect(again).toMatchObject({ id: old.jobId, retryCount: old.attempt + 1 });
    const write = (lease: typeof old) =>
      fenced(wide.db, lease, taskId, (tx) =>
        tx
          .update(tasks)
          .set({ bytesCopied: sql`${tasks.bytesCopied} + 1` })
          .where(eq(tasks.id, taskId)),
      );
    const results = await Promise.allSettled(Array.from({ length: 500 }, () => write(old)));
    expect(
      results.filter((result) => result.status === "rejected" && result.reason instanceof LeaseLost),
    ).toHaveLength(500);
    expect((await taskOf(taskId)).bytesCopied).toBe(0);
    await write({ ...old, attempt: old.attempt + 1 });
    expect((await taskOf(taskId)).bytesCopied).toBe(1);
    await expect(wide.db.transaction((tx) => completeJob(tx, old))).rejects.toBeInstanceOf(LeaseLost);
    await expect(requireLease(wide.db, old)).rejects.toBeInstanceOf(LeaseLost);
    await requireLease(wide.db, { ...old, attempt: old.attempt + 1 });
    expect(await releaseJob(wide.db, old, { delayMs: 0, counts: true })).toBe(false);
  });

  test("handing back does not use up a retry, failing does", async () => {
    const { taskId } = await trigger();
    const lease = await claimed(taskId);
    const left = async () => {
      const { rows } = await database().execute<{ left: number }>(
        sql`select retry_limit - retry_count as left from pgboss.job where id = ${lease.jobId}`,
      );
      return rows[0]?.left;
    };
    const before = (await left()) ?? 0;
    await releaseJob(wide.db, lease, { delayMs: 0, counts: false });
    const queue = await boss();
    await queue.fetch(COPY, { batchSize: 1 });
    expect(await left()).toBe(before);
    await releaseJob(wide.db, { ...lease, attempt: lease.attempt + 1 }, { delayMs: 0, counts: true });
    await queue.fetch(COPY, { batchSize: 1 });
    expect(await left()).toBe(before - 1);
  });

  test("a takeover waits for a write under way, and the rule's deletion for its turn", async () => {
    const { taskId } = await trigger();
    const lease = await claimed(taskId);
    const order: string[] = [];
    const writing = fenced(wide.db, lease, taskId, async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      order.push("write");
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.all([
      writing,
      releaseJob(wide.db, lease, { delayMs: 0, counts: false }).then(() => order.push("takeover")),
      wide.db.transaction((tx) => deleteRule(tx, ruleId)).then(() => order.push("delete")),
    ]);
    expect(order[0]).toBe("write");
    expect(order).toHaveLength(3);
    const queue = await boss();
    await queue.fetch(COPY, { batchSize: 1 });
    await expect(
      fenced(wide.db, { ...lease, attempt: lease.attempt + 1 }, taskId, async () => undefined),
    ).rejects.toBeInstanceOf(TaskGone);
  });
});

describe("settleTask", () => {
  const FACT = {
    code: "DENIED",
    side: "source",
    httpStatus: 403,
    registryMessage: null,
    request: null,
    digest: null,
  } as const;
  const cases: { name: string; task: Partial<typeof tasks.$inferInsert>; ends: TaskStatus | null }[] = [
    { name: "the scan goes on", task: { scanEndedAt: null }, ends: null },
    { name: "transfers are open", task: { transfersTotal: 2, transfersCopied: 1 }, ends: null },
    { name: "no transfer", task: {}, ends: "nothing-matched" },
    { name: "all copied", task: { transfersTotal: 2, transfersCopied: 2 }, ends: "succeeded" },
    {
      name: "copied, up to date, skipped",
      task: { transfersTotal: 3, transfersCopied: 1, transfersUpToDate: 1, transfersSkipped: 1 },
      ends: "succeeded",
    },
    { name: "all skipped", task: { transfersTotal: 2, transfersSkipped: 2 }, ends: "succeeded" },
    {
      name: "one failed, one copied",
      task: { transfersTotal: 2, transfersCopied: 1, transfersFailed: 1 },
      ends: "partial",
    },
    {
      name: "one failed, one up to date",
      task: { transfersTotal: 2, transfersUpToDate: 1, transfersFailed: 1 },
      ends: "partial",
    },
    {
      name: "one failed, the rest skipped: nothing is done",
      task: { transfersTotal: 2, transfersSkipped: 1, transfersFailed: 1 },
      ends: "failed",
    },
    { name: "all failed", task: { transfersTotal: 2, transfersFailed: 2 }, ends: "failed" },
    { name: "the scan failed at once", task: { failure: FACT }, ends: "failed" },
    {
      name: "the scan broke off after some were done",
      task: { failure: FACT, transfersTotal: 1, transfersCopied: 1 },
      ends: "partial",
    },
    {
      name: "stopped beats failed",
      task: { stopRequestedAt: new Date(), transfersTotal: 2, transfersFailed: 1, transfersStopped: 1 },
      ends: "stopped",
    },
    { name: "stopped beats no match", task: { stopRequestedAt: new Date() }, ends: "stopped" },
  ];
  test.each(cases)("$name → $ends", async ({ task, ends }) => {
    const { taskId } = await trigger();
    const moves = (task.transfersTotal ?? 0) > 0;
    await setTask(taskId, { status: moves ? "running" : "scanning", scanEndedAt: new Date(), ...task });
    expect(await settle(taskId)).toBe(ends);
    const settled = await taskOf(taskId);
    expect(settled.status).toBe(ends ?? (moves ? "running" : "scanning"));
    expect(settled.endedAt === null).toBe(ends === null);
    expect(await settle(taskId)).toBe(null);
    expect(await taskOf(taskId)).toEqual(settled);
  });
});
