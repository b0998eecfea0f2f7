import type { FaultLogEntry } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { fault, imageOf, openScene } from "./scene.ts";
import { isWhole } from "./verdicts.ts";

/** What the target bears at once; the client would use 32. */
const BEARS = 6;
const LANES = 24;
const STORM_MS = { full: 60_000, small: 14_000 };
const SETTLED_MS = { full: 30_000, small: 8_000 };

export const TARGET_STORM: readonly TrustCase[] = [
  fault(
    "FT14",
    "429 beyond six requests at once: concurrency backs off, and the refusals become few",
    async (trust) => {
      const scene = await openScene(trust, { patience: { backoffMs: 250, backoffMostMs: 20_000 } });
      const { proxy } = scene.target;
      const size = trust.full ? "full" : "small";
      const underWay = new Set<FaultLogEntry>();
      proxy.add({
        fault: (entry) => {
          for (const one of underWay) {
            if (one.status !== undefined) {
              underWay.delete(one);
            }
          }
          if (underWay.size >= BEARS) {
            return { kind: "answer", status: 429 };
          }
          underWay.add(entry);
          return undefined;
        },
      });
      const artifact = imageOf("ft14", 3_000);
      await scene.push(artifact);
      const { digest } = artifact.manifest;
      const since = proxy.log.at(-1)?.atMs ?? 0;
      const endsAt = performance.now() + STORM_MS[size];
      let copies = 0;
      const lane = async (nth: number): Promise<void> => {
        for (let round = 0; performance.now() < endsAt; round += 1) {
          // Another name each time, so that there is something to write.
          const tag = `t${nth}-${round}`;
          await scene.push(artifact, { tag });
          await scene.copy({ tag, digest });
          copies += 1;
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, nth) => lane(nth)));
      const startedAt = proxy.log.find(({ atMs }) => atMs > since)?.atMs ?? 0;
      const late = proxy.log.filter(({ atMs }) => atMs - startedAt > SETTLED_MS[size]);
      const refused = late.filter(({ status }) => status === 429).length;
      const share = (100 * refused) / late.length;
      const figure = `${share.toFixed(1)} % of ${late.length} requests after ${SETTLED_MS[size] / 1000} s refused, ${copies} copies, all whole`;
      meets(late.length > 50 && share < 5, figure);
      await isWhole(scene, artifact, { tag: "t0-0" });
      return figure;
    },
    { withinMs: 180_000 },
  ),
];
