import { setTimeout as sleep } from "node:timers/promises";
import { database } from "../../../lib/db/client.ts";
import { releaseJob } from "../../../lib/queue/job-attempt.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { seedInstance } from "../../../lib/testing/seed.ts";
import { type SyncWorld, smallImage } from "../../../lib/testing/sync-world.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { stealLeases } from "./stolen-leases.ts";
import { liveLeases, openSource, openWorld, type QueueWorld, trigger, until } from "./world.ts";

export const b3: TrustCase = {
  id: "B3",
  title: "whoever lost its lease writes nothing, neither into the database nor to the target",
  withinMs: 420_000,
  async run(trust) {
    const world = await openWorld(trust);
    const woken = await wakeZombies(trust, world, trust.full ? 3 : 1);
    await world.sync.clean();
    const source = await openSource(trust, { after: () => sleep(trust.random() * 12) });
    await pushContent(source.origin, "team/app", "1", smallImage("stolen"));
    const place = {
      sourceInstanceId: await seedInstance(database(), source.proxy.origin),
      targetInstanceId: world.sync.targetId,
      sourceNamespace: "team",
    };
    const leases = await stealLeases(place, trust.full ? 500 : 24, trust.random, (stolen) =>
      trust.step(`${stolen} leases taken away`),
    );
    const figure =
      `stale writes: ${leases.changed} of ${leases.stolen} attempts that lost their lease at work; ` +
      `${woken.rows} rows and ${woken.puts} tags by ${woken.zombies} workers that woke after ${woken.frozenS} s`;
    meets(leases.changed + woken.rows + woken.puts === 0, figure);
    return figure;
  },
};

/**
 * The worst moment: the worker is frozen when all that is left to do is to write the tag. Meanwhile its job is taken over, the
 * tag moves at the source, and the newer content reaches the target. Then it wakes.
 */
async function wakeZombies(trust: Trust, { sync, target }: QueueWorld, count: number) {
  const frozenS = trust.full ? 90 : 4;
  const sleepers = await Promise.all(Array.from({ length: count }, (_, n) => sleeper(sync, n)));
  for (const { worker } of sleepers) {
    worker.signal("SIGSTOP");
  }
  const frozenAt = performance.now();
  for (const { answer } of sleepers) {
    answer();
  }
  // What the sweeper does after 15 s of silence.
  for (const { jobId, attempt } of trust.full ? [] : await liveLeases()) {
    await releaseJob(database(), { queue: "copy", jobId, attempt }, { delayMs: 0, counts: false });
  }
  await sync.worker();
  const newer = smallImage("moved meanwhile");
  for (const { origin, repository, ruleId, taskId } of sleepers) {
    await pushContent(origin, repository, "1", newer);
    await sync.ended(taskId, { timeoutMs: 60_000 });
    await sync.ended((await trigger(ruleId)).taskId, { timeoutMs: 60_000 });
    await sync.expectPullable(repository, "1", newer);
  }
  await sleep(Math.max(0, frozenS * 1_000 - (performance.now() - frozenAt)));
  const rows = await Promise.all(sleepers.map(({ taskId }) => rowsOf(sync, taskId)));
  const passed = target.log.length;
  for (const { worker } of sleepers) {
    worker.signal("SIGCONT");
  }
  trust.step(`${count} workers woke after ${frozenS} s`);
  await sleep(8_000);
  const after = await Promise.all(sleepers.map(({ taskId }) => rowsOf(sync, taskId)));
  return {
    zombies: count,
    frozenS,
    rows: rows.filter((row, n) => row !== after[n]).length,
    puts: target.log
      .slice(passed)
      .filter(({ method, path }) => method === "PUT" && path.includes("/manifests/")).length,
  };
}

/** A worker that has asked whether the tag still names what it copied, and waits for the answer. */
async function sleeper(sync: SyncWorld, n: number) {
  const asked = Promise.withResolvers<void>();
  const frozen = Promise.withResolvers<void>();
  let copied = false;
  const { origin, ruleId, namespace } = await sync.pair({
    override: true,
    intercept: async ({ method, url }) => {
      copied ||= method === "GET" && url.pathname.includes("/blobs/");
      if (copied && url.pathname.endsWith("/manifests/1") && method === "HEAD") {
        asked.resolve();
        await frozen.promise;
      }
      return undefined;
    },
  });
  const repository = `${namespace}/app`;
  await pushContent(origin, repository, "1", smallImage(`frozen ${n}`));
  const worker = await sync.worker({ WORKER_CONCURRENCY: "1" });
  const { taskId } = await trigger(ruleId);
  await until("the worker is about to write the tag", 30_000, () =>
    Promise.race([asked.promise.then(() => true), sleep(50).then(() => undefined)]),
  );
  return { ruleId, taskId, origin, repository, worker, answer: frozen.resolve };
}

async function rowsOf(sync: SyncWorld, taskId: string): Promise<string> {
  return JSON.stringify([await sync.task(taskId), await sync.transfers(taskId)]);
}
