import { database } from "../../../lib/db/client.ts";
import { startTask } from "../../../lib/queue/start-task.ts";
import { WHOLE_RULE } from "../../../lib/schemas/task.ts";
import { startDiscardingRegistry } from "../../../lib/testing/discarding-registry.ts";
import { startGeneratedRegistry } from "../../../lib/testing/generated-registry.ts";
import { watchPeakMemory } from "../../../lib/testing/peak-memory.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { startWorkerProcess } from "../../../lib/testing/worker-process.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { ended, MIB, SECRET_KEY } from "./scene.ts";

const GIB = 1024 * MIB;
const MOST_BYTES = 160 * MIB;

export const fe11: TrustCase = {
  id: "FE11",
  title: "a blob of 5 GiB streams through a worker of at most 160 MiB",
  async run(trust) {
    const url = await trust.database();
    const layerBytes = trust.full ? 5 * GIB : GIB / 2;
    const source = await startGeneratedRegistry(layerBytes);
    trust.cleanup(source.stop);
    const target = await startDiscardingRegistry();
    trust.cleanup(target.stop);
    const ruleId = await seedRule(database(), {
      sourceInstanceId: await seedInstance(database(), source.origin),
      targetInstanceIds: [await seedInstance(database(), target.origin)],
      sourceNamespace: "generated",
    });
    const worker = await startWorkerProcess({ DATABASE_URL: url, SECRET_KEY, WORKER_CONCURRENCY: "8" });
    trust.cleanup(() => worker.end());
    const memory = watchPeakMemory(worker.pid);
    trust.cleanup(memory.stop);
    const { taskId } = await database().transaction((tx) =>
      startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
    );
    const task = await ended(taskId, 200_000);
    meets(task.status === "succeeded", `the task ended ${task.status}`);
    meets(source.sentBytes() === layerBytes, `${source.sentBytes()} bytes were read for ${layerBytes}`);
    const landed = target.tagged(source.repository, source.tag);
    meets(landed === source.digest, `the target's tag names ${landed}`);
    const peak = memory.peakBytes();
    const seconds = (Number(task.endedAt) - Number(task.claimedAt)) / 1000;
    const figure = `peak RSS ${Math.round(peak / MIB)} MiB over ${layerBytes / GIB} GiB, ${Math.round(layerBytes / MIB / seconds)} MiB/s, read once`;
    meets(peak > 20 * MIB && peak <= MOST_BYTES, figure);
    return figure;
  },
};
