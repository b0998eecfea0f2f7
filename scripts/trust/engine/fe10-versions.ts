import { join } from "node:path";
import { database } from "../../../lib/db/client.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { checkOutBefore } from "./earlier-version.ts";
import { faultsOf, holders, livesOn, openScene, until } from "./scene.ts";

export const fe10: TrustCase = {
  id: "FE10",
  title: "workers of an earlier version and of this one share the work on today's tables",
  async run(trust) {
    const scene = await openScene(trust, await trust.database());
    const earlier = checkOutBefore(trust, 3);
    const script = join(earlier.folder, "lib/jobs/worker.ts");
    const [before, now] = await Promise.all([
      scene.worker({ WORKER_CONCURRENCY: "2" }, script),
      scene.worker({ WORKER_CONCURRENCY: "2" }),
    ]);
    const images = trust.full ? 80 : 12;
    const push = async (prefix: string) => {
      for (let n = 0; n < images; n++) {
        await scene.push(`${prefix}${n}`, 30_000);
      }
    };
    await push("shared");
    scene.source.link.limit(images * 10_000);
    const leases = watchLeases();
    const shared = await scene.ended(await scene.trigger(), 90_000);
    const seen = await leases();
    meets(shared.status === "succeeded", `the task ended ${shared.status}`);
    const [earlierJobs, jobs] = [before, now].map(({ workerId }) => seen.get(workerId)?.size ?? 0);
    meets(Boolean(earlierJobs && jobs), `jobs seen: ${earlierJobs} earlier, ${jobs} now`);

    // An upgrade: the earlier one drains in the middle of a task, and this one goes on with what it leaves.
    await push("upgrade");
    const taskId = await scene.trigger();
    await until("the earlier version is at work", 30_000, async () =>
      (await holders()).includes(before.workerId),
    );
    before.signal("SIGTERM");
    const { code } = await before.ended;
    meets(code === 0, `the earlier version ended with ${code}`);
    scene.source.link.limit(null);
    const upgraded = await scene.ended(taskId, 60_000);
    meets(upgraded.status === "succeeded", `the task of the upgrade ended ${upgraded.status}`);
    meets(faultsOf(before).length === 0, `the earlier version logged ${faultsOf(before)[0]}`);
    livesOn([now]);
    const verified = await scene.verify();
    return `version ${earlier.commit}, ${earlier.migrationsSince} migrations ago, and this one: ${earlierJobs} and ${jobs} jobs of one task, then an upgrade in mid-task; ${verified} images re-read`;
  },
};

/** Which worker held which jobs, looked at again and again. */
function watchLeases(): () => Promise<Map<string, Set<string>>> {
  const seen = new Map<string, Set<string>>();
  let asking = Promise.resolve();
  const timer = setInterval(() => {
    asking = database()
      .execute<{ worker_id: string; job_id: string }>(
        "select worker_id, job_id from job_leases where queue = 'copy'",
      )
      .then(({ rows }) => {
        for (const { worker_id: worker, job_id: job } of rows) {
          seen.set(worker, (seen.get(worker) ?? new Set()).add(job));
        }
      });
  }, 25);
  return async () => {
    clearInterval(timer);
    await asking;
    return seen;
  };
}
