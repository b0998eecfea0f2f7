import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { tagClaims, transfers } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { type Lease, LeaseLost } from "../queue/fence.ts";
import { releaseJob } from "../queue/job-attempt.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { plansOf } from "../testing/statement-plans.ts";
import { faultsOfEndedTask } from "../testing/task-figures.ts";
import { copyLease } from "./copy-lease.testing.ts";
import { claimTag } from "./tag-claims.ts";
import { noTotals } from "./totals.ts";
import { transferDesk } from "./transfer-desk.ts";
import type { TransferRecord } from "./transfer-move-statement.ts";
import type { TransferResult } from "./transfer-result.ts";

const signal = new AbortController().signal;
let testDb: TestDatabase;
let target: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  target = await seedInstance(database());
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

/** A task at work whose scan has ended, with so many transfers that wait. */
async function taskOf(count: number): Promise<{ taskId: string; planned: TransferRecord[] }> {
  const source = await seedInstance(database());
  const ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  const rows = Array.from({ length: count }, (_, n) => ({
    ...{ id: randomUUID(), taskId, ruleTargetId: randomUUID(), targetInstanceId: target, slice: n },
    ...{
      repository: `${ruleId}/app${n}`,
      targetRepository: `${ruleId}/app${n}`,
      tag: "1",
      digest: "sha256:a",
    },
  }));
  const planned = await database().insert(transfers).values(rows).returning();
  await database()
    .update(tasks)
    .set({ status: "running", transfersTotal: count, repositories: count, scanEndedAt: new Date() })
    .where(eq(tasks.id, taskId));
  return { taskId, planned };
}

const COPIED: TransferResult = {
  kind: "outcome",
  outcome: { status: "copied", replacedDigest: undefined, moved: false },
};
const FAILURE = {
  ...{ code: "DENIED", side: "target", operation: null, httpStatus: 403, retryAfterMs: null },
  ...{ registryMessage: "no", requestId: null, requestUrl: null, digest: null },
} as never;
const bytes = { ...noTotals(), found: 10, copied: 7, skipped: 3 };

const statusesOf = async (taskId: string) =>
  (await database().select().from(transfers).where(eq(transfers.taskId, taskId)))
    .map(({ status }) => status)
    .sort();
const taskNow = async (taskId: string) =>
  (await database().select().from(tasks).where(eq(tasks.id, taskId)))[0];

/** What is written of transfers, and how often it is asked who holds what. */
const written = (plans: { text: string }[]) => ({
  moves: plans.filter(({ text }) => text.includes("update tasks k")).length,
  fences: plans.filter(({ text }) => text.includes("jsonb_object_agg(id, retry_count)")).length,
  claims: plans.filter(({ text }) => text.includes("tag_claims") && !text.includes("update tasks k")).length,
});

test("what twelve jobs tell at the same time is one statement under one fence, and the last end settles the task", async () => {
  const { taskId, planned } = await taskOf(12);
  const desk = transferDesk(database(), taskId);
  const leases = await Promise.all(planned.map(() => copyLease(taskId)));
  const tellAll = (told: (transfer: TransferRecord) => object) =>
    plansOf(() =>
      Promise.all(planned.map((transfer, n) => desk.tell({ lease: leases[n] as Lease, ...told(transfer) }))),
    );
  expect(written(await tellAll(({ id }) => ({ begin: id })))).toEqual({ moves: 1, fences: 1, claims: 0 });
  expect(await taskNow(taskId)).toMatchObject({ transfersRunning: 12, status: "running" });
  const ended = await tellAll((transfer) => ({ end: { transfer, result: COPIED, bytes } }));
  expect(written(ended)).toEqual({ moves: 1, fences: 1, claims: 0 });
  desk.close();
  expect(await taskNow(taskId)).toMatchObject({ status: "succeeded", transfersCopied: 12, bytesTotal: 120 });
  expect((await faultsOfEndedTask(database(), taskId)).filter((fault) => !fault.startsWith("jobs"))).toEqual(
    [],
  );
});

test("of one lost lease only that transfer is not written; a transfer's end gives its tag back", async () => {
  const { taskId, planned } = await taskOf(3);
  const desk = transferDesk(database(), taskId);
  const leases = await Promise.all(planned.map(() => copyLease(taskId)));
  const each = <T>(tell: (transfer: TransferRecord, lease: Lease) => Promise<T>) =>
    Promise.allSettled(planned.map((transfer, n) => tell(transfer, leases[n] as Lease)));
  await each(({ id }, lease) => desk.tell({ lease, begin: id }));
  await each(({ targetRepository: repository, tag }, lease) =>
    claimTag({ db: database(), lease, signal }, { targetInstanceId: target, repository, tag }),
  );
  await releaseJob(database(), leases[1] as Lease, { delayMs: 60_000, counts: false });
  const told = await each((transfer, lease) =>
    desk.tell({ lease, end: { transfer, result: COPIED, bytes } }),
  );
  desk.close();
  expect(told.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((told[1] as PromiseRejectedResult).reason).toBeInstanceOf(LeaseLost);
  expect(await statusesOf(taskId)).toEqual(["copied", "copied", "running"]);
  const left = await database().select().from(tagClaims);
  expect(left.map(({ repository }) => repository)).toEqual([planned[1]?.targetRepository]);
});

test("what cannot be written of one transfer does not keep the others from being written", async () => {
  const { taskId, planned } = await taskOf(3);
  const desk = transferDesk(database(), taskId);
  const lease = await copyLease(taskId);
  await Promise.all(planned.map(({ id }) => desk.tell({ lease, begin: id })));
  const results: TransferResult[] = [
    COPIED,
    // Postgres keeps no such character.
    { kind: "failed", reason: "denied\u0000", failure: FAILURE },
    { kind: "failed", reason: "denied", failure: FAILURE },
  ];
  const told = await Promise.allSettled(
    planned.map((transfer, n) =>
      desk.tell({ lease, end: { transfer, result: results[n] as TransferResult, bytes } }),
    ),
  );
  desk.close();
  expect(told.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await statusesOf(taskId)).toEqual(["copied", "failed", "running"]);
  expect(await taskNow(taskId)).toMatchObject({
    transfersRunning: 1,
    transfersCopied: 1,
    transfersFailed: 1,
  });
});
