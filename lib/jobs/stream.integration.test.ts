import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { startDiscardingRegistry } from "../testing/discarding-registry.ts";
import { startGeneratedRegistry } from "../testing/generated-registry.ts";
import { watchPeakMemory } from "../testing/peak-memory.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { measured, SyncWorld } from "../testing/sync-world.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const LAYER_BYTES = 5 * GIB;

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

test("5 GiB stream through trigger, queue and worker, whose memory stays flat", async () => {
  const source = await startGeneratedRegistry(LAYER_BYTES);
  const target = await startDiscardingRegistry();
  try {
    const ruleId = await seedRule(database(), {
      sourceInstanceId: await seedInstance(database(), source.origin),
      targetInstanceIds: [await seedInstance(database(), target.origin)],
      sourceNamespace: "generated",
    });
    const worker = await world.worker({ WORKER_CONCURRENCY: "8" });
    const memory = watchPeakMemory(worker.pid);
    const startedPeak = memory.peakBytes();
    const { taskId } = await database().transaction((tx) =>
      startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
    );
    const task = await world.ended(taskId, { timeoutMs: 200_000 });
    memory.stop();
    measured(
      `worker: peak RSS ${Math.round(memory.peakBytes() / MIB)} MiB, ${Math.round(startedPeak / MIB)} MiB of it before the task; ${Number(task.endedAt) - Number(task.claimedAt)} ms`,
    );
    expect(task).toMatchObject({ status: "succeeded", transfersCopied: 1 });
    expect(task.bytesCopied).toBe(task.bytesTotal);
    expect(source.sentBytes()).toBe(LAYER_BYTES);
    expect(target.tagged(source.repository, source.tag)).toBe(source.digest);
    expect(memory.peakBytes()).toBeGreaterThan(20 * MIB);
    expect(memory.peakBytes()).toBeLessThanOrEqual(160 * MIB);
  } finally {
    await source.stop();
    await target.stop();
  }
}, 240_000);
