import { setTimeout as sleep } from "node:timers/promises";
import { meets, type TrustCase } from "../trust-case.ts";
import { faultsOf, MIB, openScene, until } from "./scene.ts";

const DRAINED_WITHIN_MS = 25_000;

export const fe03: TrustCase = {
  id: "FE03",
  title: "SIGTERM drains within 25 s and fails nothing",
  async run(trust) {
    const scene = await openScene(trust, await trust.database());
    for (let n = 0; n < (trust.full ? 40 : 4); n++) {
      await scene.push(`small${n}`, 50_000);
    }
    await scene.push("big", (trust.full ? 24 : 12) * MIB);
    scene.source.link.limit(MIB);
    const rounds = trust.full ? 3 : 1;
    const drains: number[] = [];
    let worker = await scene.worker();
    const taskId = await scene.trigger();
    await until("something is under way", 30_000, () => scene.source.link.carriedBytes() > 100_000);
    for (let round = 0; round < rounds; round++) {
      await sleep(trust.random() * 2_000);
      const askedAt = performance.now();
      worker.signal("SIGTERM");
      const how = await worker.ended;
      drains.push(performance.now() - askedAt);
      meets(how.code === 0, `the worker ended with ${how.code ?? how.signal}`);
      meets(faultsOf(worker).length === 0, `the worker logged ${faultsOf(worker)[0]}`);
      const rows = await scene.transfers(taskId);
      const wrong = rows.filter(({ status }) => status === "failed" || status === "running");
      meets(wrong.length === 0, `${wrong.length} transfers are failed or still running`);
      worker = await scene.worker();
    }
    scene.source.link.limit(null);
    const task = await scene.ended(taskId, 60_000);
    meets(task.status === "succeeded" && task.transfersFailed === 0, `the task ended ${task.status}`);
    const longest = Math.max(...drains);
    meets(longest <= DRAINED_WITHIN_MS, `one drain took ${longest.toFixed(0)} ms`);
    const images = await scene.verify();
    return `${rounds} drains, the longest ${(longest / 1000).toFixed(1)} s; 0 failed transfers; ${images} images re-read`;
  },
};
