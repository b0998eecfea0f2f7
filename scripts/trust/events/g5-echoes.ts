import { pushContent } from "../../../lib/testing/push-content.ts";
import { smallImage } from "../../../lib/testing/sync-world.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import {
  copiesOf,
  digestAt,
  type EventWorld,
  NAMESPACE,
  openEventWorld,
  type Place,
  settled,
} from "./event-world.ts";

const REPOSITORY = `${NAMESPACE}/app`;

export const g5: TrustCase = {
  id: "G5",
  title:
    "our own pushes come back as events: rings of two and three end, a chain goes on, a fork is not carried back",
  async run(trust) {
    const world = await openEventWorld(trust);
    await world.worker();
    const figures = [await ring(trust, world, 2), await ring(trust, world, 3), await fork(trust, world)];
    return figures.join("; ");
  },
};

async function places(world: EventWorld, count: number): Promise<Place[]> {
  return Promise.all(Array.from({ length: count }, () => world.place()));
}

/** Each place feeds the next, the last one the first. Somebody pushes at each of them in turn. */
async function ring(trust: Trust, world: EventWorld, size: number): Promise<string> {
  const all = await places(world, size);
  const edges = await Promise.all(all.map((from, n) => world.rule(from, [all[(n + 1) % size] ?? from])));
  const pushes = trust.full ? 12 : 3;
  for (let n = 0; n < pushes; n++) {
    const at = all[n % size];
    if (at) {
      await pushContent(at.registry.origin, REPOSITORY, `${n}`, smallImage(`ring ${size} ${n}`));
    }
  }
  await settled(90_000);
  const faults: string[] = [];
  for (let n = 0; n < pushes; n++) {
    const digests = await Promise.all(all.map((place) => digestAt(place, REPOSITORY, `${n}`)));
    if (new Set(digests).size !== 1 || digests[0] === null) {
      faults.push(`tag ${n} differs`);
    }
  }
  let most = 0;
  for (const [n, edge] of edges.entries()) {
    for (const [tag, copies] of await copiesOf(edge)) {
      most = Math.max(most, copies);
      // The edge that would close the ring is the one into the place of the push.
      if (copies > 1 || (n + 1) % size === Number(tag) % size) {
        faults.push(`edge ${n} moved tag ${tag} ${copies} times`);
      }
    }
  }
  meets(faults.length === 0, `ring of ${size}: ${faults.slice(0, 5).join(", ")}`);
  return `ring of ${size}: ${pushes} tags everywhere, ${most} transfer a tag and edge, none back to where it came from`;
}

/** a → b, and b → {a, c}: what comes from a goes on to c, and not back. */
async function fork(trust: Trust, world: EventWorld): Promise<string> {
  const [a, b, c] = (await places(world, 3)) as [Place, Place, Place];
  const there = await world.rule(a, [b]);
  const on = await world.rule(b, [a, c]);
  const pushes = trust.full ? 10 : 2;
  for (let n = 0; n < pushes; n++) {
    await pushContent(a.registry.origin, REPOSITORY, `fork${n}`, smallImage(`fork ${n}`));
  }
  await settled(90_000);
  const faults: string[] = [];
  for (let n = 0; n < pushes; n++) {
    const tag = `fork${n}`;
    if ((await digestAt(c, REPOSITORY, tag)) === null) {
      faults.push(`${tag} did not go on`);
    }
    for (const edge of [there, on]) {
      const copies = (await copiesOf(edge)).get(tag) ?? 0;
      if (copies !== 1) {
        faults.push(`${tag} was moved ${copies} times`);
      }
    }
  }
  meets(faults.length === 0, `fork: ${faults.slice(0, 5).join(", ")}`);
  return `fork: ${pushes} tags went on to the other target, none back`;
}
