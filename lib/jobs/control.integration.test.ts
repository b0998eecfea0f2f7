import { asc, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { taskJoins, tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { deleteRule, stopTask } from "../queue/stop-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { skopeoListTags } from "../testing/clients.ts";
import { pushContent } from "../testing/push-content.ts";
import { slowBlobs } from "../testing/slow-blobs.ts";
import { bigImage, measured, SyncWorld, smallImage } from "../testing/sync-world.ts";

const MIB = 1024 * 1024;

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterEach(async () => {
  await world.clean();
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

const trigger = (ruleId: string) =>
  database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );

describe("what people do while it runs", () => {
  test("stop takes effect in mid-blob; all transfers agree; the waiting task starts", async () => {
    const slow = slowBlobs(MIB / 2);
    const { origin, ruleId, namespace } = await world.pair({ intercept: slow.intercept });
    const artifact = bigImage("stopped", 16);
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    for (let n = 0; n < 5; n++) {
      await pushContent(origin, `${namespace}/big${n}`, "1", bigImage(`stopped ${n}`, 2));
    }
    slow.slow(artifact);
    await world.worker({ WORKER_CONCURRENCY: "1" });
    const { taskId } = await trigger(ruleId);
    await slow.reached(MIB);
    const next = await trigger(ruleId);
    expect(next.joined).toBe(false);
    const askedAt = Date.now();
    await database().transaction((tx) => stopTask(tx, { taskId, userId: null }));
    const task = await world.ended(taskId);
    const stoppedMs = Date.now() - askedAt;
    measured(`stopped in ${stoppedMs} ms`);
    // The blob under way is held until below: what has ended was broken off.
    expect(task.status).toBe("stopped");
    const rows = await world.transfers(taskId);
    expect(rows.every((row) => row.endedAt !== null)).toBe(true);
    expect(rows.filter((row) => row.status === "stopped").length).toBe(task.transfersStopped);
    expect(task.transfersStopped).toBeGreaterThan(0);
    expect(task.transfersTotal).toBe(rows.length);
    slow.release();
    expect(await world.ended(next.taskId)).toMatchObject({ status: "succeeded", transfersTotal: 6 });
    expect(await world.task(taskId)).toEqual(task);
  });

  test("a running task keeps the rule as it was", async () => {
    const slow = slowBlobs(MIB);
    const { origin, ruleId, namespace } = await world.pair({ intercept: slow.intercept });
    const artifact = bigImage("snapshot", 4);
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    slow.slow(artifact);
    await world.worker();
    const { taskId } = await trigger(ruleId);
    await slow.reached(MIB);
    await database()
      .update(rules)
      .set({ name: "renamed", tagPattern: "never", repositoryPattern: "never", version: 2 })
      .where(eq(rules.id, ruleId));
    slow.release();
    expect(await world.ended(taskId)).toMatchObject({
      status: "succeeded",
      transfersCopied: 1,
      rule: { version: 1, tagPattern: "" },
    });
    expect(await world.ended((await trigger(ruleId)).taskId)).toMatchObject({
      status: "nothing-matched",
      rule: { name: "renamed", version: 2 },
    });
  });

  test("deleting a rule breaks its task off, and the worker goes on with others", async () => {
    const slow = slowBlobs(MIB / 2);
    const doomed = await world.pair({ intercept: slow.intercept });
    const artifact = bigImage("deleted", 16);
    await pushContent(doomed.origin, `${doomed.namespace}/app`, "1", artifact);
    slow.slow(artifact);
    await world.worker({ WORKER_CONCURRENCY: "1" });
    await trigger(doomed.ruleId);
    await slow.reached(MIB);
    await database().transaction((tx) => deleteRule(tx, doomed.ruleId));
    const healthy = await world.pair();
    await pushContent(healthy.origin, `${healthy.namespace}/app`, "1", smallImage("healthy"));
    expect(await world.ended((await trigger(healthy.ruleId)).taskId, { timeoutMs: 15_000 })).toMatchObject({
      status: "succeeded",
    });
    expect(await skopeoListTags(world.client, `${doomed.namespace}/app`).catch(() => [])).toEqual([]);
  });

  test("a tag that moves while it is copied: the scanned digest lands, and a follow-up brings the new one", async () => {
    const slow = slowBlobs(MIB);
    const { origin, ruleId, namespace } = await world.pair({ intercept: slow.intercept, override: true });
    const before = bigImage("before", 3);
    const after = smallImage("after");
    await pushContent(origin, `${namespace}/app`, "latest", before);
    slow.slow(before);
    await world.worker();
    const { taskId } = await trigger(ruleId);
    await slow.reached(MIB);
    await pushContent(origin, `${namespace}/app`, "latest", after);
    slow.release();
    expect(await world.ended(taskId)).toMatchObject({ status: "succeeded", transfersCopied: 1 });
    const all = await database()
      .select()
      .from(tasks)
      .where(eq(tasks.ruleId, ruleId))
      .orderBy(asc(tasks.number));
    expect(all).toHaveLength(2);
    expect(all[1]?.scope).toEqual({
      kind: "tags",
      tags: [{ repository: `${namespace}/app`, tag: "latest", since: expect.any(String) }],
    });
    expect(await world.ended(all[1]?.id ?? "")).toMatchObject({ status: "succeeded", transfersCopied: 1 });
    expect((await world.transfers(all[1]?.id ?? ""))[0]).toMatchObject({
      replacedDigest: before.manifest.digest,
    });
    await world.expectPullable(`${namespace}/app`, "latest", after);
    expect(await database().select().from(taskJoins).where(eq(taskJoins.taskId, taskId))).toEqual([]);
  });
});
