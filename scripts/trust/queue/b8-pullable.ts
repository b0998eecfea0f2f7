import { database } from "../../../lib/db/client.ts";
import { type Artifact, image, index, layer } from "../../../lib/testing/content.ts";
import { pullAndHash } from "../../../lib/testing/pull-and-hash.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { faultsOfEndedTask } from "../../../lib/testing/task-figures.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { Crew } from "./crew.ts";
import { openSource, openWorld, trigger, until } from "./world.ts";

const AT_ONCE = 8;

export const b8: TrustCase = {
  id: "B8",
  title: "what is said to be copied can be pulled, blob by blob, also when workers died meanwhile",
  withinMs: 420_000,
  async run(trust) {
    const size = trust.full ? { repositories: 40, tags: 25 } : { repositories: 5, tags: 8 };
    const { sync } = await openWorld(trust);
    const source = await openSource(trust);
    const { ruleId, namespace } = await sync.pair({ source: source.proxy.origin });
    const places = Array.from({ length: size.repositories * size.tags }, (_, n) => ({
      repository: `${namespace}/app${n % size.repositories}`,
      tag: `v${Math.floor(n / size.repositories)}`,
      artifact: artifactOf(n),
    }));
    await each(places, ({ repository, tag, artifact }) =>
      pushContent(source.origin, repository, tag, artifact),
    );
    trust.step(`${places.length} tags at the source`);
    const crew = new Crew(sync);
    await crew.start(2);
    const { taskId } = await trigger(ruleId);
    const copied = (share: number) =>
      until(`${share * 100} % are copied`, 240_000, async () => {
        // What a killed worker had written before it could say so is up to date for the next.
        const { transfersCopied, transfersUpToDate } = await sync.task(taskId);
        return transfersCopied + transfersUpToDate >= share * places.length;
      });
    for (const share of [0.2, 0.5, 0.8]) {
      await copied(share);
      await crew.killOne(trust.random);
    }
    const task = await sync.ended(taskId, { timeoutMs: 240_000 });
    trust.step(`copied: ${task.transfersCopied}, up to date: ${task.transfersUpToDate}`);
    const faults = await faultsOfEndedTask(database(), taskId);
    let blobs = 0;
    await each(places, async ({ repository, tag, artifact }) => {
      try {
        const pulled = await pullAndHash(sync.target.origin, repository, tag);
        blobs += pulled.blobs;
        if (pulled.digest !== artifact.manifest.digest) {
          faults.push(`${repository}:${tag} names ${pulled.digest}`);
        }
      } catch (error) {
        faults.push(String(error));
      }
    });
    await crew.settled();
    const said = task.transfersCopied + task.transfersUpToDate;
    const figure = `${places.length - faults.length}/${said} pullable, ${blobs} blobs read back and hashed, 3 workers killed meanwhile`;
    meets(task.status === "succeeded" && said === places.length, `${figure}; the task ended ${task.status}`);
    meets(faults.length === 0, [figure, ...faults.slice(0, 5)].join("; "));
    return figure;
  },
};

/** Every kind there is, with layers that many share, some that few do, and some of its own. */
function artifactOf(n: number): Artifact {
  const layers = [
    layer("base of all", 30_000),
    layer(`base of some ${n % 20}`, 12_000),
    layer(`own ${n}`, 6_000),
  ];
  if (n % 5 === 0) {
    return index(
      ["amd64", "arm64"].map((architecture) =>
        image({
          layers: [...layers, layer(`${architecture} ${n}`, 2_000)],
          platform: { os: "linux", architecture },
        }),
      ),
    );
  }
  return image({ layers, docker: n % 5 === 1 });
}

/** A few at a time. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
