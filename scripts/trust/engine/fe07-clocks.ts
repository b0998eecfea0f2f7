import { globSync } from "node:fs";
import { meets, type TrustCase } from "../trust-case.ts";
import { livesOn, MIB, openScene } from "./scene.ts";

const LIBRARY = "/usr/{lib,local/lib}{/*,}/faketime/libfaketime.so.1";
const SKEWS = ["+10m", "-10m"] as const;
const SKEW_MS = 600_000;

export const fe07: TrustCase = {
  id: "FE07",
  title:
    "clocks that are ten minutes ahead and behind: no job is taken early, every lease counts by the database's clock",
  async run(trust) {
    const scene = await openScene(trust, await trust.database());
    const [library] = globSync(LIBRARY);
    meets(library !== undefined, "libfaketime is not installed: Debian package faketime");
    const skewed = SKEWS.map((skew) => ({
      LD_PRELOAD: library ?? "",
      FAKETIME: skew,
      WORKER_CONCURRENCY: "1",
    }));
    const workers = await Promise.all(
      [...skewed, { WORKER_CONCURRENCY: "1" }].map((env) => scene.worker(env)),
    );
    const shown = workers.map((worker) => Date.parse(String(worker.lines().at(-1)?.time)) - Date.now());
    const [ahead = 0, behind = 0] = shown;
    meets(ahead > SKEW_MS / 2 && behind < -SKEW_MS / 2, `the clocks are off by ${shown.join(", ")} ms`);

    const blobs = 3;
    const seconds = trust.full ? 40 : 7;
    for (let n = 0; n < blobs; n++) {
      await scene.push(`slow${n}`, 4 * MIB);
    }
    scene.source.link.limit((blobs * 4 * MIB) / seconds);
    const startedAt = performance.now();
    const task = await scene.ended(await scene.trigger(), 120_000);
    const tookS = (performance.now() - startedAt) / 1000;
    meets(task.status === "succeeded", `the task ended ${task.status}`);
    meets(
      tookS > seconds / 2,
      `the copies were over after ${tookS.toFixed(1)} s: too soon to be taken early`,
    );
    const attempts = (await scene.transfers(task.id)).map((row) => row.attempts);
    meets(
      attempts.length === blobs && attempts.every((count) => count === 1),
      `attempts of the transfers: ${attempts.join(", ")}`,
    );
    const handedBack = workers.flatMap((worker) => worker.lines()).filter(({ level }) => level === "warn");
    meets(handedBack.length === 0, `a worker logged ${JSON.stringify(handedBack[0])}`);
    livesOn(workers);
    const images = await scene.verify();
    return `0 early takeovers in ${tookS.toFixed(0)} s with clocks at ${SKEWS.join(" and ")}; ${images} images re-read`;
  },
};
