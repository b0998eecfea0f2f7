import { setTimeout as sleep } from "node:timers/promises";
import { database } from "../../../lib/db/client.ts";
import { image, layer } from "../../../lib/testing/content.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { openSource, openWorld, trigger } from "../queue/world.ts";
import { meets, type Trust } from "../trust-case.ts";

/** How long each write of a tag is held up, so that others come to the same tag meanwhile. */
const HELD_MS = 100;

/**
 * Two rules that overwrite nothing bring the same tags into the same repository, each with content of its own and in the hands of two
 * workers. @returns what became of it, in words. @throws {TargetMissed} when a tag was written twice
 */
export async function raceForTags(trust: Trust, tags: number): Promise<string> {
  const slowly = {
    before: ({ method }: { method: string }) => (method === "PUT" ? sleep(HELD_MS) : undefined),
  };
  const { sync, target } = await openWorld(trust, slowly);
  const { origin } = await openSource(trust);
  const sourceId = await seedInstance(database(), origin);
  const ruleIds: string[] = [];
  for (const side of ["left", "right"]) {
    const artifact = image({ layers: [layer(side, 2_000)] });
    for (let tag = 0; tag < tags; tag++) {
      await pushContent(origin, `${side}/app`, `${tag}`, artifact);
    }
    const rule = { sourceInstanceId: sourceId, sourceNamespace: side, targetNamespace: "both" };
    ruleIds.push(await seedRule(database(), { ...rule, targetInstanceIds: [sync.targetId] }));
  }
  await Promise.all([sync.worker(), sync.worker()]);
  const started = await Promise.all(ruleIds.map((ruleId) => trigger(ruleId)));
  const tasks = await Promise.all(
    started.map(({ taskId }) => sync.ended(taskId, { timeoutMs: 30_000 + tags * 200 })),
  );
  const writes = Map.groupBy(target.matching("PUT", /\/v2\/both\/app\/manifests\/\d+$/), ({ path }) => path);
  const overwritten = [...writes.values()].filter(({ length }) => length > 1).length;
  const copied = tasks.map(({ transfersCopied }) => transfersCopied);
  const skipped = tasks.reduce((sum, { transfersSkipped }) => sum + transfersSkipped, 0);
  meets(overwritten === 0, `${overwritten} of ${tags} tags were overwritten by our own`);
  meets(
    writes.size === tags && copied.reduce((sum, count) => sum + count, 0) === tags && skipped === tags,
    `${writes.size} tags written, ${copied.join(" + ")} copied, ${skipped} skipped, of ${tags}`,
  );
  return `0 of ${tags} tags overwritten by two workers of our own (${copied.join(" and ")} won)`;
}
