import { setTimeout as sleep } from "node:timers/promises";
import { meets, type TrustCase } from "../trust-case.ts";
import { holders, livesOn, MIB, openScene, until } from "./scene.ts";

const TAKEOVER_WITHIN_MS = 30_000;
const FROZEN_MS = { full: 90_000, small: 1_000 };

export const fe02: TrustCase = {
  id: "FE02",
  title:
    "a worker is frozen for 90 s and wakes as a zombie: it has lost its job, writes nothing, and works again",
  async run(trust) {
    const scene = await openScene(trust, await trust.database());
    const [zombie, other] = [await scene.worker(), await scene.worker()];
    await scene.push("frozen", 8 * MIB);
    scene.source.link.limit(MIB);
    const first = await frozenTask();
    zombie.signal("SIGSTOP");
    const frozenAt = performance.now();
    const tookMs = await until("another worker has taken over", TAKEOVER_WITHIN_MS, async () =>
      (await holders()).includes(other.workerId),
    );
    scene.source.link.limit(null);
    const task = await scene.ended(first, 60_000);
    meets(task.status === "succeeded", `the task ended ${task.status}`);
    await sleep(Math.max(0, FROZEN_MS[trust.full ? "full" : "small"] - (performance.now() - frozenAt)));
    zombie.signal("SIGCONT");
    await sleep(trust.full ? 5_000 : 2_000);
    const after = await scene.ended(first, 1_000);
    meets(JSON.stringify(after) === JSON.stringify(task), "the zombie changed a task that had ended");

    // Alone, it has to do what comes next.
    await other.end();
    await scene.push("after", 1_000);
    const next = await scene.ended(await scene.trigger(), 30_000);
    meets(next.status === "succeeded", `the task after it ended ${next.status}`);
    livesOn([zombie]);
    const images = await scene.verify();
    return `taken over after ${(tookMs / 1000).toFixed(1)} s, 0 writes of the zombie, which then synced the next task; ${images} images re-read`;

    /** A task whose copy is in the hands of the worker that will freeze. */
    async function frozenTask(): Promise<string> {
      other.signal("SIGSTOP");
      const taskId = await scene.trigger();
      await until("the blob is under way", 30_000, () => scene.source.link.carriedBytes() > MIB);
      other.signal("SIGCONT");
      const held = await holders();
      meets(held.includes(zombie.workerId), `the job is held by ${held.join()}`);
      return taskId;
    }
  },
};
