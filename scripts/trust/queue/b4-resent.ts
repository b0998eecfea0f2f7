import { image, layer } from "../../../lib/testing/content.ts";
import type { LoggingProxy } from "../../../lib/testing/logging-proxy.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { slowBlobs } from "../../../lib/testing/slow-blobs.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { underLoad } from "./figures.ts";
import { openWorld, trigger, until } from "./world.ts";

const MIB = 1024 * 1024;
/** The largest chunk that trust asks for. */
const CHUNK_BYTES = 16 * MIB;
/** How much of the large blob was read when its worker is killed, each time. */
const KILLED_AT = [0.45, 0.65, 0.85];

export const b4: TrustCase = {
  id: "B4",
  title: "a crash costs at most a chunk of each blob that was under way, and nothing of what was in place",
  async run(trust) {
    const size = trust.full ? { bigMib: 128, crashes: 3 } : { bigMib: 48, crashes: 1 };
    const { sync, target } = await openWorld(trust);
    const slow = slowBlobs(4 * MIB);
    const { origin, ruleId, namespace } = await sync.pair({ intercept: slow.intercept });
    const small = Array.from({ length: 5 }, (_, n) => layer(`in place ${n}`, 2 * MIB));
    const big = layer("under way", size.bigMib * MIB);
    const artifact = image({ layers: [...small, big] });
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    slow.slow(artifact, 4 * MIB);
    let worker = await sync.worker();
    const { taskId } = await trigger(ruleId);
    const killedAt = KILLED_AT.slice(-size.crashes);
    for (const [crash, share] of killedAt.entries()) {
      await slow.reached(size.bigMib * MIB * share);
      await betweenChunks(target);
      await worker.end();
      if (crash === killedAt.length - 1) {
        slow.release();
      }
      worker = await sync.worker();
    }
    await sync.ended(taskId, { timeoutMs: 120_000 });
    await sync.expectPullable(`${namespace}/app`, "1", artifact);
    const sent = target.log
      .filter(({ path }) => path.includes("/blobs/uploads/"))
      .reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    const content = artifact.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const perCrash = (sent - content) / size.crashes;
    const figure =
      `${(perCrash / MIB).toFixed(1)} MiB sent again a crash, with a blob of ${size.bigMib} MiB ` +
      `${killedAt.map((share) => `${share * 100} %`).join(", ")} on its way and ${small.length} blobs in place, ${underLoad()}`;
    meets(perCrash <= CHUNK_BYTES, figure);
    return figure;
  },
};

const QUIET_MS = 300;

/**
 * CNCF Distribution 2.8.3 forgets an upload whose sender dies within a chunk (R4). The next chunk is gathered for two seconds and
 * sent in a moment: most crashes fall between two, and so do these.
 */
async function betweenChunks(target: LoggingProxy): Promise<void> {
  let quietSinceMs = performance.now();
  let seen = 0;
  await until("no chunk is on its way", 60_000, () => {
    const open = target.log.some(({ status }) => status === undefined);
    if (open || target.log.length > seen) {
      seen = target.log.length;
      quietSinceMs = performance.now();
    }
    return performance.now() - quietSinceMs >= QUIET_MS;
  });
}
