import { pushContent } from "../../../lib/testing/push-content.ts";
import { type SlowBlobs, slowBlobs } from "../../../lib/testing/slow-blobs.ts";
import { bigImage, type SyncWorld } from "../../../lib/testing/sync-world.ts";
import { type TcpProxy, tcpProxy } from "../../../lib/testing/tcp-proxy.ts";
import type { WorkerProcess } from "../../../lib/testing/worker-process.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { percentile, seconds, underLoad } from "./figures.ts";
import { liveLeases, openWorld, trigger, until } from "./world.ts";

const KILLED_P95_MS = 5_000;
const KILLED_MOST_MS = 15_000;
const FROZEN_MOST_MS = 30_000;
const BYTES_PER_SECOND = 100_000;

export const b2: TrustCase = {
  id: "B2",
  title: "the work of a worker that was killed, frozen or cut off is taken over",
  async run(trust) {
    const { sync } = await openWorld(trust);
    const killed = await takeoversAfterKills(trust, sync, trust.full ? 20 : 4);
    await sync.clean();
    const p95 = percentile(killed, 0.95);
    const most = Math.max(...killed);
    let figure = `after kill -9 p95 ${seconds(p95)}, most ${seconds(most)} of ${killed.length}`;
    meets(p95 <= KILLED_P95_MS && most <= KILLED_MOST_MS, `${figure}, ${underLoad()}`);
    if (trust.full) {
      const frozen = await takeoversAfterSilence(trust, sync, 3);
      figure += `; after SIGSTOP most ${seconds(Math.max(...frozen.stopped))} of 3; half-open most ${seconds(Math.max(...frozen.cutOff))} of 3`;
      meets(Math.max(...frozen.stopped, ...frozen.cutOff) <= FROZEN_MOST_MS, `${figure}, ${underLoad()}`);
    }
    return `${figure}; ${underLoad()}`;
  },
};

/** A rule whose only image takes minutes to copy. */
async function slowRule(sync: SyncWorld, seed: string): Promise<{ ruleId: string; slow: SlowBlobs }> {
  const slow = slowBlobs(BYTES_PER_SECOND);
  const { origin, ruleId, namespace } = await sync.pair({ intercept: slow.intercept });
  const artifact = bigImage(seed, 16);
  await pushContent(origin, `${namespace}/app`, "1", artifact);
  slow.slow(artifact);
  return { ruleId, slow };
}

/** Kills whoever holds the job, again and again. @returns milliseconds until somebody else held it */
async function takeoversAfterKills(trust: Trust, sync: SyncWorld, count: number): Promise<number[]> {
  const { ruleId, slow } = await slowRule(sync, "killed in turn");
  const workers = new Map<string, WorkerProcess>();
  const hire = async () => {
    const worker = await sync.worker();
    workers.set(worker.workerId, worker);
  };
  await Promise.all([hire(), hire()]);
  const { taskId } = await trigger(ruleId);
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const held = await until("a worker copies", 20_000, async () => (await liveLeases())[0]);
    const victim = workers.get(held.workerId);
    victim?.signal("SIGKILL");
    const killedAt = performance.now();
    await until("another worker copies", 60_000, async () =>
      (await liveLeases()).find(({ attempt }) => attempt > held.attempt),
    );
    times.push(performance.now() - killedAt);
    trust.step(`taken over after ${seconds(times.at(-1) ?? 0)}`);
    await hire();
  }
  slow.release();
  await sync.ended(taskId, { timeoutMs: 60_000 });
  return times;
}

/** Workers that live and say nothing: stopped, or with a database connection on which nothing passes. */
async function takeoversAfterSilence(trust: Trust, sync: SyncWorld, each: number) {
  const proxies: TcpProxy[] = [];
  const through = async () => {
    const url = new URL(sync.databaseUrl);
    const proxy = await tcpProxy(Number(url.port || 5432));
    trust.cleanup(proxy.close);
    proxies.push(proxy);
    url.host = `127.0.0.1:${proxy.port}`;
    return url.href;
  };
  const one = { WORKER_CONCURRENCY: "1" };
  const rules = await Promise.all(Array.from({ length: 2 * each }, (_, n) => slowRule(sync, `silent ${n}`)));
  const stopped = await Promise.all(Array.from({ length: each }, () => sync.worker(one)));
  const cutOff = await Promise.all(
    Array.from({ length: each }, async () => sync.worker({ ...one, DATABASE_URL: await through() })),
  );
  const tasks = await Promise.all(rules.map(({ ruleId }) => trigger(ruleId)));
  const held = await until("every worker copies", 30_000, async () => {
    const leases = await liveLeases();
    return leases.length === 2 * each && leases;
  });
  await Promise.all([sync.worker(), sync.worker()]);
  for (const worker of stopped) {
    worker.signal("SIGSTOP");
  }
  for (const proxy of proxies) {
    proxy.stall();
  }
  const silentAt = performance.now();
  const timeOf = async (worker: WorkerProcess) => {
    const before = held.find(({ workerId }) => workerId === worker.workerId);
    await until("another worker copies", 90_000, async () =>
      (await liveLeases()).find(({ jobId, attempt }) => jobId === before?.jobId && attempt > before.attempt),
    );
    return performance.now() - silentAt;
  };
  const [afterStop, afterCut] = await Promise.all([
    Promise.all(stopped.map(timeOf)),
    Promise.all(cutOff.map(timeOf)),
  ]);
  for (const { slow } of rules) {
    slow.release();
  }
  for (const { taskId } of tasks) {
    await sync.ended(taskId, { timeoutMs: 60_000 });
  }
  return { stopped: afterStop, cutOff: afterCut };
}
