import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { targetMisses } from "../db/schema/lag.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { endScan } from "../jobs/scan-job.ts";
import { writePage } from "../jobs/scan-page.ts";
import { stopSlice } from "../jobs/stop.ts";
import { takeEvents } from "../jobs/take-events.ts";
import { claimTask } from "../jobs/task-claim.ts";
import type { TransferResult } from "../jobs/transfer-result.ts";
import { beginTransfer, endTransfer, markRunning } from "../jobs/transfer-state.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { stopTask } from "../queue/stop-task.ts";
import type { RuleRow, TargetState } from "../schemas/rule.ts";
import { type TaskScope, WHOLE_RULE } from "../schemas/task.ts";
import { failureFact } from "../sync/failure.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { WHOLE_SELECTION } from "../testing/rule-input.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { forgetUnselected } from "./rule-misses.ts";
import { targetStates } from "./target-lag.ts";

let testDb: TestDatabase;
let source: string;
let ruleId: string;
let targets: { id: string; instanceId: string }[];

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
});
beforeEach(async () => {
  source = await seedInstance(database());
  const ends = [await seedInstance(database()), await seedInstance(database())];
  ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: ends });
  const rows = await database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId));
  targets = ends.map((id) => rows.find(({ instanceId }) => instanceId === id) ?? { id, instanceId: id });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

const FAILED: TransferResult = {
  kind: "failed",
  reason: "DENIED",
  failure: { ...failureFact(null), code: "DENIED" },
};
const done = (status: "copied" | "up-to-date"): TransferResult => ({
  kind: "outcome",
  outcome:
    status === "copied" ? { status, replacedDigest: undefined, moved: false } : { status, moved: false },
});

/** A task of the rule that has planned these tags to both targets, and ended its scan unless it goes on. */
async function planned(tags: string[], scope: TaskScope = WHOLE_RULE, ended = true): Promise<string> {
  return database().transaction(async (tx) => {
    const { taskId } = await startTask(tx, { ruleId, trigger: "event", scope, userId: null });
    await claimTask(tx, taskId);
    const since = new Map((scope.kind === "tags" ? scope.tags : []).map((tag) => [tag.tag, tag.since]));
    await writePage(tx, taskId, {
      rows: tags.flatMap((tag) =>
        targets.map(({ id, instanceId }) => ({
          ruleTargetId: id,
          targetInstanceId: instanceId,
          repository: "team/app",
          tag,
          targetRepository: "team/app",
          digest: `sha256:${"1".repeat(64)}`,
          mediaType: "m",
          knownAt: since.get(tag) ? new Date(since.get(tag) ?? "") : null,
        })),
      ),
      repositoriesScanned: 1,
      tagsScanned: tags.length,
      repositories: 1,
      cursor: "team/app",
      failure: null,
      closestName: null,
    });
    if (ended) {
      await endScan(tx, taskId, null);
    }
    return taskId;
  });
}

/** Ends the transfer of a tag to one of the targets. */
async function end(taskId: string, tag: string, target: number, result: TransferResult): Promise<void> {
  const rows = await database().select().from(transfers).where(eq(transfers.taskId, taskId));
  const transfer = rows.find((row) => row.tag === tag && row.ruleTargetId === targets[target]?.id);
  if (!transfer) {
    throw new Error("no such transfer");
  }
  await database().transaction(async (tx) => {
    await markRunning(tx, taskId);
    await beginTransfer(tx, taskId, transfer.id);
    await endTransfer(tx, transfer, result);
  });
}

const endBoth = async (taskId: string, tag: string, result: TransferResult) => {
  await end(taskId, tag, 0, result);
  await end(taskId, tag, 1, result);
};

async function states(): Promise<[TargetState, TargetState]> {
  const shown = { id: ruleId, enabled: true, onEvent: true, sourceInstance: { id: source, name: "" } };
  const rule = {
    ...shown,
    ...{ sourceNamespace: "team", repositoryPattern: "", tagPattern: "", ...WHOLE_SELECTION },
    targets: targets.map((target) => ({ ...target, paused: null })),
  } as unknown as RuleRow;
  return (await targetStates(rule)) as [TargetState, TargetState];
}

const stored = () => database().$count(targetMisses);
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();
const told = (...tags: string[]): TaskScope => ({
  kind: "tags",
  tags: tags.map((tag) => ({ repository: "team/app", tag, since: AN_HOUR_AGO })),
});
/** Both targets have had everything. */
const complete = async () => endBoth(await planned(["0"]), "0", done("copied"));

test("a tag that failed at one target is missing there since its event came, until it arrives", async () => {
  await complete();
  const first = await planned(["1", "2"], told("1", "2"));
  await end(first, "1", 0, done("copied"));
  await end(first, "1", 1, FAILED);
  await endBoth(first, "2", done("copied"));
  const [fine, behind] = await states();
  expect(fine).toMatchObject({ result: { taskId: first, status: "succeeded", failed: 0 }, missing: null });
  expect(behind).toMatchObject({ result: { taskId: first, status: "partial", failed: 1 } });
  expect(behind.missing).toMatchObject({
    repository: "team/app",
    tag: "1",
    since: AN_HOUR_AGO,
    taskId: first,
    more: 0,
  });
  expect(behind.missing?.transferId).not.toBeNull();
  expect(behind.succeededAt).not.toBeNull();
  await endBoth(await planned(["0", "1", "2"]), "0", done("up-to-date"));
  expect((await states())[1].missing?.since).toBe(AN_HOUR_AGO);
  const [open] = await database()
    .select()
    .from(tasks)
    .where(sql`${tasks.ruleId} = ${ruleId} and ended_at is null`);
  await endBoth(open?.id ?? "", "1", done("up-to-date"));
  expect((await states())[1].missing).toBeNull();
  await endBoth(open?.id ?? "", "2", done("up-to-date"));
  expect((await states()).map(({ result }) => result?.status)).toEqual(["succeeded", "succeeded"]);
});

test("while all is well not one row is written, and a comparison of a complete target is no lag", async () => {
  await complete();
  const before = await stored();
  const taskId = await planned(["1", "2", "3"]);
  expect((await states()).map(({ missing }) => missing)).toEqual([null, null]);
  for (const tag of ["1", "2", "3"]) {
    await endBoth(taskId, tag, done("up-to-date"));
  }
  expect(await stored()).toBe(before);
});

test("what was told and is on its way counts: as an event, as a waiting task, and as an open transfer", async () => {
  await complete();
  await database()
    .insert(events)
    .values({
      ...{ id: uuidv7(), instanceId: source, dialect: "generic", eventId: randomUUID(), action: "push" },
      ...{ repository: "team/app", tag: "9", receivedAt: new Date(AN_HOUR_AGO) },
    });
  const missing = { repository: "team/app", tag: "9", since: AN_HOUR_AGO };
  expect((await states())[0].missing).toMatchObject({ ...missing, taskId: null });
  await takeEvents(database());
  const [waiting] = await database()
    .select()
    .from(tasks)
    .where(sql`${tasks.ruleId} = ${ruleId} and ended_at is null`);
  expect((await states())[0].missing).toMatchObject({ ...missing, taskId: waiting?.id });
  await database().transaction((tx) => stopTask(tx, { taskId: waiting?.id ?? "", userId: null }));
  expect((await states())[1].missing).toMatchObject({ ...missing, taskId: waiting?.id });
  const taskId = await planned(["9"], told("9"));
  await end(taskId, "9", 0, done("copied"));
  const [fine, behind] = await states();
  expect(fine.missing).toBeNull();
  expect(behind.missing).toMatchObject({ ...missing, taskId });
});

test("a target that was never complete misses what its first task still has before it", async () => {
  await endBoth(await planned(["1", "2"]), "1", done("copied"));
  const [state] = await states();
  expect(state).toMatchObject({ result: null, missing: { tag: "2" } });
  expect(Date.now() - Date.parse(state.missing?.since ?? "")).toBeLessThan(60_000);
});

test("stopping leaves what was known to be missing, not what was only to be compared", async () => {
  await complete();
  const sweep = await planned(["1", "2"]);
  await database().transaction((tx) => stopTask(tx, { taskId: sweep, userId: null }));
  const slices = await database().select().from(transfers).where(eq(transfers.taskId, sweep));
  for (const slice of new Set(slices.map((row) => row.slice))) {
    await database().transaction((tx) => stopSlice(tx, sweep, slice));
  }
  expect((await states())[0]).toMatchObject({ result: { status: "stopped", stopped: 2 }, missing: null });
  const taskId = await planned(["1"], told("1"));
  await database().transaction((tx) => stopTask(tx, { taskId, userId: null }));
  for (const slice of [0, 1]) {
    await database().transaction((tx) => stopSlice(tx, taskId, slice));
  }
  expect((await states())[0].missing).toMatchObject({ tag: "1", since: AN_HOUR_AGO });
});

test("a scan that fails leaves what it was told of; one that no longer finds it clears it away", async () => {
  await complete();
  const failed = await planned([], told("1"), false);
  await database().transaction((tx) => endScan(tx, failed, failureFact(null)));
  expect((await states())[0]).toMatchObject({
    result: { status: "failed" },
    missing: { tag: "1", transferId: null },
  });
  await endBoth(await planned(["0"]), "0", done("up-to-date"));
  expect((await states()).map(({ missing }) => missing)).toEqual([null, null]);
});

test("an edit that no longer selects a tag clears it away", async () => {
  await complete();
  await endBoth(await planned(["1", "2"], told("1", "2")), "1", FAILED);
  const rule = { sourceNamespace: "team", repositoryPattern: "", tagPattern: "2", ...WHOLE_SELECTION };
  await database().transaction((tx) => forgetUnselected(tx, ruleId, rule));
  expect((await states())[0].missing).toMatchObject({ tag: "2" });
});
