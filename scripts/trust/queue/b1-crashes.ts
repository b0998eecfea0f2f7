import { setTimeout as sleep } from "node:timers/promises";
import { database } from "../../../lib/db/client.ts";
import { type Artifact, image, layer } from "../../../lib/testing/content.ts";
import type { Pace, ProxiedRequest } from "../../../lib/testing/logging-proxy.ts";
import { pullAndHash } from "../../../lib/testing/pull-and-hash.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { faultsOfEndedTask } from "../../../lib/testing/task-figures.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { Crew } from "./crew.ts";
import { seconds, underLoad } from "./figures.ts";
import { openSource, openWorld, type QueueWorld, rowsWithoutLease, trigger } from "./world.ts";

const TAG_PUT = /^\/v2\/(.+)\/manifests\/([^/:?]+)$/;
const isTagPut = ({ method, path }: ProxiedRequest) => method === "PUT" && TAG_PUT.test(path);

export const b1: TrustCase = {
  id: "B1",
  title: "workers are killed at random: nothing is lost, nothing is done twice",
  withinMs: 720_000,
  async run(trust) {
    const size = trust.full
      ? { kills: 100, repositories: 30, tags: 10 }
      : { kills: 5, repositories: 4, tags: 5 };
    const planned = size.repositories * size.tags;
    let kills = 0;
    // The work lasts as long as the killing does.
    const mayBeDone = () =>
      kills >= size.kills ? Number.POSITIVE_INFINITY : (planned * (kills + 1)) / size.kills;
    let tagsPut = 0;
    const pace: Pace = {
      async before(request) {
        if (isTagPut(request)) {
          tagsPut++;
          await sleep(tagsPut > mayBeDone() ? 1_500 : trust.random() * 300);
        }
      },
      after: () => sleep(trust.random() * 60),
    };
    const world = await openWorld(trust, pace);
    const source = await openSource(trust, {
      after: () => sleep(kills >= size.kills ? 0 : trust.random() * 60),
    });
    const { ruleId, namespace } = await world.sync.pair({ source: source.proxy.origin });
    const artifacts = await fill(source.origin, namespace, size);
    const crew = new Crew(world.sync, { WORKER_CONCURRENCY: "3" });
    await crew.start(trust.full ? 3 : 2);
    const { taskId } = await trigger(ruleId);
    const killedAt: number[] = [];
    await crew.killOften(size.kills, trust.random, (count, atMs) => {
      kills = count;
      killedAt.push(atMs);
      if (count % 10 === 0) {
        trust.step(`${count} killed, ${tagsPut} tags written`);
      }
    });
    const lastKillAt = performance.now();
    await world.sync.ended(taskId, { timeoutMs: 180_000 });
    const tookMs = performance.now() - lastKillAt;
    await crew.settled();
    const faults = await faultsOf(taskId, artifacts, world, killedAt);
    const figure = `${faults.lost.length} lost, ${faults.twice.length} twice of ${artifacts.size} in ${kills} kills`;
    meets(
      faults.lost.length + faults.twice.length === 0,
      [figure, ...faults.lost.slice(0, 5), ...faults.twice.slice(0, 5)].join("; "),
    );
    return `${figure}; ${faults.repeated} tags written again after a kill; ended ${seconds(tookMs)} after the last kill, ${underLoad()}`;
  },
};

async function fill(
  origin: string,
  namespace: string,
  { repositories, tags }: { repositories: number; tags: number },
): Promise<Map<string, Artifact>> {
  const artifacts = new Map<string, Artifact>();
  for (let r = 0; r < repositories; r++) {
    for (let t = 0; t < tags; t++) {
      const repository = `${namespace}/app${r}`;
      // Most of it is the same everywhere, so that workers wait for each other's placements.
      const artifact = image({ layers: [layer("crash base", 20_000), layer(`crash ${r}/${t}`, 10_000)] });
      artifacts.set(`${repository}:v${t}`, artifact);
      await pushContent(origin, repository, `v${t}`, artifact);
    }
  }
  return artifacts;
}

/** What the rows, the target and the proxy say, each on its own. */
async function faultsOf(
  taskId: string,
  artifacts: ReadonlyMap<string, Artifact>,
  { sync, target }: QueueWorld,
  killedAt: readonly number[],
) {
  const lost: string[] = await faultsOfEndedTask(database(), taskId);
  const twice: string[] = [];
  const rows = await sync.transfers(taskId);
  const places = new Map(rows.map((row) => [`${row.repository}:${row.tag}`, row]));
  for (const [place, artifact] of artifacts) {
    const row = places.get(place);
    const [repository = "", tag = ""] = place.split(":");
    if (row?.status !== "copied" && row?.status !== "up-to-date") {
      lost.push(`${place} is ${row?.status ?? "not planned"}`);
    }
    const { digest } = await pullAndHash(sync.target.origin, repository, tag);
    if (digest !== artifact.manifest.digest) {
      lost.push(`${place} names ${digest}`);
    }
  }
  if (rows.length !== artifacts.size) {
    twice.push(`${rows.length} rows for ${artifacts.size} tags`);
  }
  if ((await rowsWithoutLease()) > 0) {
    lost.push("a row is at work without a lease");
  }
  const puts = Map.groupBy(target.log.filter(isTagPut), ({ path }) => path);
  for (const [path, requests] of puts) {
    const kills = requests.slice(1).filter((put, index) => {
      const before = requests[index]?.atMs ?? 0;
      return killedAt.some((atMs) => atMs > before && atMs < put.atMs);
    });
    const [, repository, tag] = TAG_PUT.exec(path) ?? [];
    const attempts = places.get(`${repository}:${tag}`)?.attempts ?? 0;
    if (kills.length < requests.length - 1 || requests.length > attempts) {
      twice.push(`${path} was put ${requests.length} times, in ${attempts} attempts`);
    }
  }
  return { lost, twice, repeated: [...puts.values()].filter((requests) => requests.length > 1).length };
}
