import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { instanceShares } from "../db/schema/limits.ts";
import { closeBoss, prepareQueues, tellLimits } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import type { InstanceLimits } from "../schemas/limits.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type CountingProxy, startCountingProxy } from "../testing/counting-proxy.ts";
import { pushContent } from "../testing/push-content.ts";
import { bigImage, measured, SyncWorld, smallImage } from "../testing/sync-world.ts";

const MB = 1_000_000;
/** The limit is never passed; how much of it is used on a machine that is busy with something else is printed, and bounded generously. */
const USED = 0.4;
const AT_MOST = 1.05;

let world: SyncWorld;
let proxy: CountingProxy;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues, {
    before: async (origin) => {
      proxy = await startCountingProxy(origin);
      return proxy.origin;
    },
  });
});
afterEach(async () => {
  await world.clean();
  await limit(null);
  await database().delete(instanceShares);
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
  await proxy?.stop();
});

async function limit(limits: Partial<InstanceLimits> | null): Promise<void> {
  const all = limits && {
    copies: null,
    readBytesPerSecond: null,
    writeBytesPerSecond: null,
    timeZone: "UTC",
    windows: [],
    ...limits,
  };
  await database().update(instances).set({ limits: all }).where(eq(instances.id, world.targetId));
  await tellLimits(database());
}

let serial = 0;

/** A task with so much to copy. */
async function work({ images, sizeMib }: { images: number; sizeMib: number }) {
  serial += 1;
  const pair = await world.pair();
  const names = Array.from({ length: images }, (_, index) => `image${index}`);
  for (const name of names) {
    await pushContent(pair.origin, `${pair.namespace}/${name}`, "1", bigImage(`${serial} ${name}`, sizeMib));
  }
  return pair;
}

const trigger = (ruleId: string) =>
  database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );

/** Bytes a second that arrive at the registry over so many seconds. */
async function rateOver(seconds: number): Promise<number> {
  const [bytes, since] = [proxy.bytes(), performance.now()];
  await sleep(seconds * 1_000);
  return ((proxy.bytes() - bytes) * 1_000) / (performance.now() - since);
}

/** Waits until bytes flow. */
async function flowing(): Promise<void> {
  const before = proxy.bytes();
  const deadline = Date.now() + 20_000;
  while (proxy.bytes() - before < MB) {
    if (Date.now() > deadline) {
      throw new Error("nothing flows");
    }
    await sleep(50);
  }
}

const mbs = (rate: number) => `${(rate / MB).toFixed(2)} MB/s`;

describe("bandwidth, over all workers", () => {
  test("two and three workers keep to it together; when one is killed the rest take its share", {
    timeout: 240_000,
  }, async () => {
    const cap = 8 * MB;
    await limit({ writeBytesPerSecond: cap });
    const { ruleId } = await work({ images: 64, sizeMib: 4 });
    const first = await world.worker();
    await world.worker();
    await trigger(ruleId);
    await flowing();
    await sleep(3_000);
    const two = await rateOver(5);
    const third = await world.worker();
    await sleep(3_000);
    const three = await rateOver(5);
    first.signal("SIGKILL");
    third.signal("SIGKILL");
    const atOnce = await rateOver(5);
    await sleep(3_500);
    const alone = await rateOver(5);
    measured(
      `of ${mbs(cap)}: two ${mbs(two)}, three ${mbs(three)}, two killed ${mbs(atOnce)}, then the one left ${mbs(alone)}`,
    );
    for (const rate of [two, three, alone]) {
      expect(rate).toBeLessThan(cap * AT_MOST);
      expect(rate).toBeGreaterThan(cap * USED);
    }
    expect(atOnce).toBeLessThan(cap * AT_MOST);
  });

  test("a limit counts in a running task within seconds, and so does its end", {
    timeout: 240_000,
  }, async () => {
    const { ruleId } = await work({ images: 40, sizeMib: 4 });
    await limit({ writeBytesPerSecond: 2 * MB });
    await world.worker();
    await world.worker();
    const { taskId } = await trigger(ruleId);
    await flowing();
    await sleep(2_500);
    // So long that what was held back before, by a busy machine or in shares that changed hands, is a small part of it.
    const low = await rateOver(20);
    await limit({ writeBytesPerSecond: 6 * MB });
    await sleep(2_500);
    const high = await rateOver(10);
    measured(`2 MB/s: ${mbs(low)}, then 6 MB/s: ${mbs(high)}`);
    expect(low).toBeLessThan(2 * MB * AT_MOST);
    expect(high).toBeLessThan(6 * MB * AT_MOST);
    expect(high).toBeGreaterThan(6 * MB * USED);
    await limit(null);
    expect(await world.ended(taskId, { timeoutMs: 30_000 })).toMatchObject({ status: "succeeded" });
  });

  test("a limit that comes while everything runs without one slows it down", {
    timeout: 240_000,
  }, async () => {
    const { ruleId } = await work({ images: 60, sizeMib: 4 });
    await world.worker();
    const { taskId } = await trigger(ruleId);
    await flowing();
    await limit({ writeBytesPerSecond: 3 * MB });
    await sleep(2_000);
    expect((await world.task(taskId)).endedAt).toBeNull();
    expect(await rateOver(5)).toBeLessThan(3 * MB * AT_MOST);
  });

  test("a small tag passes by a layer that takes for ever", { timeout: 240_000 }, async () => {
    await limit({ writeBytesPerSecond: 1 * MB, copies: 2 });
    const { ruleId: large } = await work({ images: 2, sizeMib: 72 });
    await world.worker();
    const first = await trigger(large);
    await flowing();
    const pair = await world.pair();
    await pushContent(pair.origin, `${pair.namespace}/app`, "1", smallImage("beside"));
    const { taskId } = await trigger(pair.ruleId);
    expect(await world.ended(taskId, { timeoutMs: 40_000 })).toMatchObject({ status: "succeeded" });
    expect((await world.task(first.taskId)).endedAt).toBeNull();
  });
});

describe("layers at once, over all workers", () => {
  test("never more than the limit, as the registry sees it, and all of it is used", {
    timeout: 240_000,
  }, async () => {
    await limit({ copies: 3, writeBytesPerSecond: 30 * MB });
    const { ruleId } = await work({ images: 60, sizeMib: 1 });
    await world.worker();
    await world.worker();
    const doomed = await world.worker();
    proxy.reset();
    const { taskId } = await trigger(ruleId);
    await flowing();
    doomed.signal("SIGKILL");
    const task = await world.ended(taskId, { timeoutMs: 90_000 });
    measured(`at most ${proxy.most()} of 3 layers at once, ${task.transfersCopied} tags`);
    expect(task).toMatchObject({ status: "succeeded", transfersCopied: 60 });
    expect(proxy.most()).toBe(3);
  });

  test("one place is passed round among the workers", { timeout: 240_000 }, async () => {
    await limit({ copies: 1 });
    const { ruleId } = await work({ images: 20, sizeMib: 1 });
    await world.worker();
    await world.worker();
    proxy.reset();
    const { taskId } = await trigger(ruleId);
    expect(await world.ended(taskId, { timeoutMs: 90_000 })).toMatchObject({ status: "succeeded" });
    expect(proxy.most()).toBe(1);
  });
});
