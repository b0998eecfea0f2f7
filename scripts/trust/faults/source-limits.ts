import { setTimeout as sleep } from "node:timers/promises";
import { PATIENT_RETRIES } from "../../../lib/registry/retry.ts";
import type { Fault } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { fault, imageOf, layerOf, openScene, type SiteOptions } from "./scene.ts";
import { heals, isWhole } from "./verdicts.ts";

/** What the client said about waiting. */
interface Wait {
  untilMs: number;
  reason: string;
}

/** One 429 for a blob with this Retry-After. @returns how long until it was asked again, and what was told of the wait */
async function limitedOnce(
  trust: Trust,
  retryAfter: () => string | undefined,
  patience: { retryAfterMostMs?: number } = {},
): Promise<{ waitedMs: number; told: (Wait & { inMs: number }) | undefined }> {
  const waits: (Wait & { inMs: number })[] = [];
  const onWait = (wait: Wait | null) => wait && waits.push({ ...wait, inMs: wait.untilMs - Date.now() });
  const scene = await openScene(trust, { source: { client: { onWait } }, patience });
  const artifact = imageOf("limited", 20_000);
  await scene.push(artifact);
  const { digest } = layerOf(artifact);
  const limited = (): Fault => {
    const asked = retryAfter();
    return { kind: "answer", status: 429, headers: asked === undefined ? {} : { "retry-after": asked } };
  };
  scene.source.proxy.add({ method: "GET", digest, nth: 1, fault: limited });
  await heals(scene, artifact);
  const [first, second] = scene.source.proxy.matching("GET", new RegExp(digest));
  return { waitedMs: (second?.atMs ?? 0) - (first?.atMs ?? 0), told: waits.find(({ inMs }) => inMs > 0) };
}

/** Later than asked for by so much at most: what is promised at full size, where nothing else runs beside it. */
const LATE_MS = { full: 1_500, small: 30_000 };
const lateMs = ({ full }: Trust) => LATE_MS[full ? "full" : "small"];

const OUTAGE_MS = { full: 60_000, small: 1_200 };

export const SOURCE_LIMITS: readonly TrustCase[] = [
  fault("FS11", "429 with Retry-After in seconds", async (trust) => {
    const { waitedMs, told } = await limitedOnce(trust, () => "1");
    meets(waitedMs >= 995 && waitedMs <= 1_000 + lateMs(trust), `asked again after ${waitedMs} ms`);
    meets(told?.reason === "rate-limit", `the wait is told as ${told?.reason}`);
    return `asked again after ${waitedMs} ms, told as a rate limit`;
  }),

  fault("FS12", "429 with Retry-After as a date", async (trust) => {
    // Dates have whole seconds: two from now are more than one.
    const inTwoSeconds = () => new Date(Date.now() + 2_000).toUTCString();
    const { waitedMs, told } = await limitedOnce(trust, inTwoSeconds);
    meets(waitedMs >= 300 && waitedMs <= 2_000 + lateMs(trust), `asked again after ${waitedMs} ms`);
    meets(told?.reason === "rate-limit", `the wait is told as ${told?.reason}`);
    return `asked again after ${waitedMs} ms, told as a rate limit`;
  }),

  fault("FS13", "429 without a header", async (trust) => {
    const { waitedMs, told } = await limitedOnce(trust, () => undefined);
    meets(waitedMs < 500 + lateMs(trust), `asked again after ${waitedMs} ms`);
    meets(told?.reason === "rate-limit", `the wait is told as ${told?.reason}`);
    return `heals after ${waitedMs} ms, told as a rate limit`;
  }),

  fault("FS14", "Retry-After: 36000 is capped, and it is told until when", async (trust) => {
    const { waitedMs, told } = await limitedOnce(trust, () => "36000", { retryAfterMostMs: 700 });
    meets(waitedMs >= 690 && waitedMs <= 700 + lateMs(trust), `asked again after ${waitedMs} ms`);
    meets(told?.reason === "rate-limit" && told.inMs <= 705, `told: ${told?.reason}, ${told?.inMs} ms`);
    return `cap of 700 ms: asked again after ${waitedMs} ms, told to the millisecond`;
  }),

  fault(
    "FS15",
    "500, 502, 503 and 504 for 30 % of all requests, for a minute",
    async (trust) => {
      const source: SiteOptions = { client: { retries: 14 } };
      const scene = await openScene(trust, { source });
      const statuses = [500, 502, 503, 504];
      const troubled = (): Fault => ({
        kind: "answer",
        status: statuses[Math.floor(trust.random() * 4)] ?? 500,
      });
      let faults = 0;
      const endsAt = performance.now() + (trust.full ? 60_000 : 0);
      let images = 0;
      do {
        const repository = `team/app${images % 10}`;
        const artifact = imageOf(`fs15-${images}`, 20_000);
        await scene.push(artifact, { repository });
        scene.source.proxy.add({
          path: new RegExp(`^/v2/${repository}/`),
          probability: 0.3,
          fault: troubled,
          before: () => {
            faults += 1;
          },
        });
        await heals(scene, artifact, { repository });
        images += 1;
        scene.source.proxy.calm();
      } while (images < 12 || performance.now() < endsAt);
      return `${images}/${images} images healed from ${faults} refusals`;
    },
    { withinMs: 180_000 },
  ),

  fault(
    "FS16",
    "connections are refused for a minute",
    async (trust) => {
      const outageMs = trust.full ? OUTAGE_MS.full : OUTAGE_MS.small;
      const scene = await openScene(trust, {
        source: { client: { retries: PATIENT_RETRIES } },
        patience: trust.full
          ? { backoffMs: 500, backoffMostMs: 20_000 }
          : { backoffMs: 50, backoffMostMs: 1_000 },
      });
      const [before, artifact] = [imageOf("before", 2_000), imageOf("fs16")];
      await scene.push(before, { tag: "before" });
      await scene.push(artifact);
      await heals(scene, before, { tag: "before" });
      await scene.source.proxy.refuse(true);
      const copying = scene.copy();
      copying.catch(() => undefined);
      await sleep(outageMs);
      await scene.source.proxy.refuse(false);
      meets((await copying).status === "copied", "not copied");
      await isWhole(scene, artifact);
      return `heals after ${outageMs / 1000} s without anybody there`;
    },
    { withinMs: 240_000 },
  ),
];
