import { eq, isNull } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { createConnections } from "../../../lib/jobs/connections.ts";
import { createSweeper } from "../../../lib/jobs/sweeper.ts";
import { egressRule } from "../../../lib/registry/egress.ts";
import { freePort } from "../../../lib/testing/free-port.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { type SyncWorld, smallImage } from "../../../lib/testing/sync-world.ts";
import { faultsOfEndedTask } from "../../../lib/testing/task-figures.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { seconds, underLoad } from "./figures.ts";
import { openWorld, rowsWithoutLease, trigger, until } from "./world.ts";
import { age, WRECKS } from "./wrecks.ts";

export const b9: TrustCase = {
  id: "B9",
  title: "no task hangs, whatever a crash, an outage or a hand in the tables left behind",
  async run(trust) {
    const { sync } = await openWorld(trust);
    const made = await makeWrecks(sync);
    const doomed = trust.full ? await refusedEverywhere(sync) : [];
    const startedAt = performance.now();
    await Promise.all([sync.worker(), sync.worker()]);
    if (!trust.full) {
      await sweepAtOnce(trust);
    }
    const open = () => database().$count(tasks, isNull(tasks.endedAt));
    const stuck = await until(
      "every task has ended",
      trust.full ? 200_000 : 40_000,
      async () => (await open()) === 0,
    )
      .then(() => 0)
      .catch(open);
    const tookMs = performance.now() - startedAt;
    const faults: string[] = [];
    for (const { what, ends, taskId } of [...made, ...doomed]) {
      const [task] = await database().select().from(tasks).where(eq(tasks.id, taskId));
      if (!task || !ends.some((end) => end === task.status)) {
        faults.push(`${what}: ${task?.status}`);
      }
      faults.push(...(await faultsOfEndedTask(database(), taskId)).map((fault) => `${what}: ${fault}`));
    }
    const without = await rowsWithoutLease();
    const figure =
      `${stuck} tasks and ${without} rows left without a living worker, ${faults.length} ended wrongly, of ` +
      `${made.length} wrecks and ${doomed.length} tasks whose registry refuses: all over after ${seconds(tookMs)}, ${underLoad()}`;
    meets(stuck + without + faults.length === 0, [figure, ...faults.slice(0, 5)].join("; "));
    return figure;
  },
};

/** Before any worker is there: nobody is to heal one while the next is made. */
async function makeWrecks(sync: SyncWorld) {
  const { origin, sourceId, namespace } = await sync.pair();
  await pushContent(origin, `${namespace}/app`, "1", smallImage("wrecked"));
  const connections = createConnections(database(), egressRule(["127.0.0.1/32"]));
  const made: { what: string; ends: readonly string[]; taskId: string }[] = [];
  for (const { what, make, ends } of WRECKS) {
    const targetId = await seedInstance(database(), sync.target.origin);
    const ruleId = await seedRule(database(), {
      ...{ sourceInstanceId: sourceId, sourceNamespace: namespace },
      ...{ targetInstanceIds: [targetId], targetNamespace: `wreck${made.length}` },
    });
    const { taskId } = await trigger(ruleId);
    await make({ taskId, ruleId, targetId, connections, trigger: () => trigger(ruleId) });
    made.push({ what, ends, taskId });
  }
  await connections.close();
  await age();
  return made;
}

/** Tasks that end because a registry refuses: within two minutes, not one by one until somebody looks. */
async function refusedEverywhere(sync: SyncWorld) {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const refusing = async (status: number) => {
    const { sourceId } = await sync.pair({
      intercept: ({ response, url }) => {
        if (url.pathname === "/v2/") {
          return undefined;
        }
        response.writeHead(status).end();
        return "answered";
      },
    });
    return sourceId;
  };
  const sources: [string, string][] = [
    ["a source that refuses connections", await seedInstance(database(), nobody)],
    ["a source that answers 500", await refusing(500)],
    ["a source that answers 401", await refusing(401)],
  ];
  return Promise.all(
    sources.map(async ([what, sourceInstanceId]) => {
      const ruleId = await seedRule(database(), { sourceInstanceId, targetInstanceIds: [sync.targetId] });
      const { taskId } = await trigger(ruleId);
      return { what, ends: ["failed"] as readonly string[], taskId };
    }),
  );
}

/** Orphans are looked for every fifteen seconds; the small size does not wait for that. */
async function sweepAtOnce(trust: Trust): Promise<void> {
  const sweeper = createSweeper(database());
  trust.cleanup(() => sweeper.close());
  await sweeper.sweep();
  await age();
  const second = createSweeper(database());
  trust.cleanup(() => second.close());
  await second.sweep();
}
