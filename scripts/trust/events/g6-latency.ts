import { asc, eq, gt } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { clientOf, skopeoPull } from "../../../lib/testing/clients.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { bigImage } from "../../../lib/testing/sync-world.ts";
import { percentile, underLoad } from "../queue/figures.ts";
import { until } from "../queue/world.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { digestAt, NAMESPACE, openEventWorld, settled } from "./event-world.ts";

const SIZE_MIB = 10;
const REPOSITORY = `${NAMESPACE}/app`;

export const g6: TrustCase = {
  id: "G6",
  title:
    "a push of 10 MiB into a real registry: its task starts within 1 s, its copy can be pulled within 3 s",
  async run(trust) {
    const bounds = trust.full ? { start: 1_000, pullable: 3_000 } : { start: 10_000, pullable: 20_000 };
    const pushes = trust.full ? 30 : 3;
    const world = await openEventWorld(trust);
    const [source, target] = [await world.place(), await world.place({ tells: false })];
    const ruleId = await world.rule(source, [target]);
    await world.worker();
    await pushContent(source.registry.origin, REPOSITORY, "warm", bigImage("warm", 1));
    await until("the first copy", 30_000, async () => (await digestAt(target, REPOSITORY, "warm")) !== null);
    await settled(30_000);
    const toStart: number[] = [];
    const toPullable: number[] = [];
    for (let n = 0; n < pushes; n++) {
      const artifact = bigImage(`latency ${trust.seed} ${n}`, SIZE_MIB);
      const tag = `push${n}`;
      const lastTask = (await newest(ruleId))?.id ?? "";
      await pushContent(source.registry.origin, REPOSITORY, tag, artifact);
      const pushedAtMs = Date.now();
      await until(
        `${tag} can be pulled`,
        30_000,
        async () => (await digestAt(target, REPOSITORY, tag)) !== null,
      );
      toPullable.push(Date.now() - pushedAtMs);
      const task = await until("its task", 5_000, async () => {
        const [after] = await database()
          .select()
          .from(tasks)
          .where(gt(tasks.id, lastTask))
          .orderBy(asc(tasks.id))
          .limit(1);
        return after?.claimedAt ? after : undefined;
      });
      toStart.push(Math.max(0, (task.claimedAt?.getTime() ?? 0) - pushedAtMs));
      await settled(30_000, 100);
    }
    await skopeoPull(clientOf(target.registry, { plainHttp: true }), REPOSITORY, "push0");
    const of = (all: readonly number[]) =>
      `p95 ${percentile(all, 0.95).toFixed(0)} ms, median ${percentile(all, 0.5).toFixed(0)}`;
    const figure = `${pushes} pushes of ${SIZE_MIB} MiB: to start ${of(toStart)}; to pullable ${of(toPullable)}; ${underLoad()}`;
    meets(
      percentile(toStart, 0.95) <= bounds.start && percentile(toPullable, 0.95) <= bounds.pullable,
      figure,
    );
    return figure;
  },
};

async function newest(ruleId: string) {
  return database().query.tasks.findFirst({
    where: eq(tasks.ruleId, ruleId),
    orderBy: (row, { desc }) => [desc(row.id)],
  });
}
