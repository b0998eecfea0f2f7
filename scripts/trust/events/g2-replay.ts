import { database } from "../../../lib/db/client.ts";
import { events } from "../../../lib/db/schema/events.ts";
import { taskJoins, tasks } from "../../../lib/db/schema/tasks.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { smallImage } from "../../../lib/testing/sync-world.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { NAMESPACE, openEventWorld, type Place, pushOf, settled, tell } from "./event-world.ts";

const TAGS = 20;

export const g2: TrustCase = {
  id: "G2",
  title: "recorded events are sent again: no task comes of it",
  async run(trust) {
    const count = trust.full ? 1_000 : 100;
    const world = await openEventWorld(trust);
    const [source, target] = [await world.place({ tells: false }), await world.place({ tells: false })];
    await world.rule(source, [target]);
    for (let tag = 0; tag < TAGS; tag++) {
      await pushContent(
        source.registry.origin,
        `${NAMESPACE}/app`,
        `${tag}`,
        smallImage(`replay ${tag % 4}`),
      );
    }
    await world.worker();
    const recorded = Array.from({ length: count }, (_, n) => pushOf(`${n % TAGS}`));
    await sendAll(source, recorded);
    await settled(60_000);
    const before = await counted();
    trust.step(`${before.tasks} tasks of ${count} events; all of them again, in another order`);
    await sendAll(
      source,
      recorded.toSorted(() => trust.random() - 0.5),
    );
    await settled(60_000);
    const after = await counted();
    const extra = { tasks: after.tasks - before.tasks, events: after.events - before.events };
    meets(
      before.tasks > 0 && extra.tasks === 0 && extra.events === 0 && after.joins === before.joins,
      `${extra.tasks} extra tasks, ${extra.events} extra events of ${count}`,
    );
    return `${count} replayed: 0 extra tasks, 0 extra events (${before.tasks} tasks the first time)`;
  },
};

async function sendAll(sender: Place, bodies: readonly object[]): Promise<void> {
  const waiting = [...bodies];
  const lane = async () => {
    for (let body = waiting.shift(); body; body = waiting.shift()) {
      const { status } = await tell(sender, body);
      meets(status === 202, `an event was answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

async function counted() {
  return {
    tasks: await database().$count(tasks),
    joins: await database().$count(taskJoins),
    events: await database().$count(events),
  };
}
