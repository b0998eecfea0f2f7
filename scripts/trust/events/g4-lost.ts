import { setTimeout as sleep } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { events } from "../../../lib/db/schema/events.ts";
import { rules } from "../../../lib/db/schema/rules.ts";
import { clientOf, skopeoPull } from "../../../lib/testing/clients.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { smallImage } from "../../../lib/testing/sync-world.ts";
import { seconds } from "../queue/figures.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { digestAt, NAMESPACE, openEventWorld, type Place } from "./event-world.ts";

/** The shortest interval there is, in the time of this case: from here on the rule is compared so often. */
const INTERVAL_MS = 20_000;

export const g4: TrustCase = {
  id: "G4",
  title: "every event is lost and the registry is killed: the target has it all within one interval",
  async run(trust) {
    const world = await openEventWorld(trust);
    const [source, target] = [await world.place({ tells: false }), await world.place({ tells: false })];
    const ruleId = await world.rule(source, [target]);
    await world.worker();
    const count = trust.full ? 40 : 4;
    const wanted = new Map<string, string>();
    const push = async (tag: string) => {
      wanted.set(
        tag,
        await pushContent(source.registry.origin, `${NAMESPACE}/app`, tag, smallImage(`lost ${tag}`)),
      );
    };
    for (let n = 0; n < count; n++) {
      await push(`${n}`);
    }
    let tookMs = 0;
    for (const round of trust.full
      ? ["first", "with the registry killed", "again"]
      : ["with the registry killed"]) {
      if (trust.full && round !== "first") {
        await push(`later ${round}`.replaceAll(" ", "-"));
        await push("0");
      }
      const pushedAt = performance.now();
      // At a random moment of the interval.
      const dueMs = trust.random() * INTERVAL_MS * (trust.full ? 1 : 0.1);
      await database()
        .update(rules)
        .set({ reconcileDueAt: sql`now() + make_interval(secs => ${dueMs / 1000})` })
        .where(eq(rules.id, ruleId));
      if (round === "with the registry killed") {
        await sleep(dueMs);
        await source.registry.kill();
        await sleep(2_000);
        await source.registry.restart();
      }
      await converged(target, wanted, INTERVAL_MS + 40_000);
      const ms = performance.now() - pushedAt;
      tookMs = Math.max(tookMs, ms);
      trust.step(
        `${round}: ${wanted.size} tags are there after ${seconds(ms)}, ${seconds(dueMs)} of which it was not due`,
      );
    }
    meets((await database().$count(events)) === 0, "an event was heard");
    const client = clientOf(target.registry, { plainHttp: true });
    for (const tag of wanted.keys()) {
      await skopeoPull(client, `${NAMESPACE}/app`, tag);
    }
    return `${wanted.size}/${wanted.size} tags pulled from the target, no event heard; longest ${seconds(tookMs)} with an interval of ${seconds(INTERVAL_MS)}`;
  },
};

async function converged(
  target: Place,
  wanted: ReadonlyMap<string, string>,
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const missing: string[] = [];
    for (const [tag, digest] of wanted) {
      if ((await digestAt(target, `${NAMESPACE}/app`, tag)) !== digest) {
        missing.push(tag);
        break;
      }
    }
    if (missing.length === 0) {
      return;
    }
    meets(performance.now() < deadline, `not there within ${seconds(withinMs)}: ${missing.join(", ")} …`);
    await sleep(100);
  }
}
