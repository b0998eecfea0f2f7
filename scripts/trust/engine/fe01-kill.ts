import { setTimeout as sleep } from "node:timers/promises";
import type { WorkerProcess } from "../../../lib/testing/worker-process.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { holders, livesOn, MIB, openScene, until } from "./scene.ts";

const TAKEOVER_WITHIN_MS = 15_000;
const SUCCESS_WITHIN_MS = 60_000;

export const fe01: TrustCase = {
  id: "FE01",
  title: "a worker is killed (-9) in mid-blob: another takes over, the task succeeds",
  async run(trust) {
    const scene = await openScene(trust, await trust.database());
    const rounds = trust.full ? 5 : 1;
    let workers: WorkerProcess[] = await Promise.all([scene.worker(), scene.worker()]);
    const takeovers: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await scene.push(`big${round}`, 12 * MIB);
      scene.source.link.limit(3 * MIB);
      const before = scene.source.link.carriedBytes();
      const taskId = await scene.trigger();
      const reached = MIB + trust.random() * 6 * MIB;
      await until("the blob is under way", 30_000, () => scene.source.link.carriedBytes() - before > reached);
      const [victimId] = await holders();
      const victim = workers.find(({ workerId }) => workerId === victimId);
      meets(victim !== undefined, `no worker of ours holds the job: ${victimId}`);
      victim?.signal("SIGKILL");
      takeovers.push(
        await until("another worker has taken over", TAKEOVER_WITHIN_MS, async () =>
          (await holders()).some((id) => id !== victimId),
        ),
      );
      scene.source.link.limit(null);
      const task = await scene.ended(taskId, SUCCESS_WITHIN_MS);
      meets(task.status === "succeeded", `a task ended ${task.status}`);
      meets(task.transfersFailed === 0, `${task.transfersFailed} transfers failed`);
      workers = [...workers.filter((worker) => worker !== victim), await scene.worker()];
    }
    await sleep(100);
    livesOn(workers);
    const images = await scene.verify();
    return `${rounds}/${rounds} healed, takeover at most ${Math.max(...takeovers).toFixed(0)} ms; ${images} images re-read byte for byte`;
  },
};
