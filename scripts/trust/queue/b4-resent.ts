import { image, layer } from "../../../lib/testing/content.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { slowBlobs } from "../../../lib/testing/slow-blobs.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { underLoad } from "./figures.ts";
import { openWorld, trigger } from "./world.ts";

const MIB = 1024 * 1024;
/** The largest chunk that trust asks for. */
const CHUNK_BYTES = 16 * MIB;

export const b4: TrustCase = {
  id: "B4",
  title: "a crash costs at most a chunk of each blob that was under way, and nothing of what was in place",
  async run(trust) {
    const size = trust.full ? { bigMib: 64, crashes: 3 } : { bigMib: 8, crashes: 1 };
    const { sync, target } = await openWorld(trust);
    const slow = slowBlobs(trust.full ? 16 * MIB : 4 * MIB);
    const { origin, ruleId, namespace } = await sync.pair({ intercept: slow.intercept });
    const small = Array.from({ length: 5 }, (_, n) => layer(`in place ${n}`, 2 * MIB));
    const big = layer("under way", size.bigMib * MIB);
    const artifact = image({ layers: [...small, big] });
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    slow.slow(artifact, 4 * MIB);
    let worker = await sync.worker();
    const { taskId } = await trigger(ruleId);
    for (let crash = 0; crash < size.crashes; crash++) {
      await slow.reached(size.bigMib * MIB * 0.75);
      await worker.end();
      if (crash === size.crashes - 1) {
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
      `${(perCrash / MIB).toFixed(1)} MiB sent again a crash, with a blob of ${size.bigMib} MiB three quarters sent ` +
      `and ${small.length} blobs in place, ${underLoad()}`;
    meets(
      perCrash <= CHUNK_BYTES,
      `${figure}: a blob begins again as a whole (Distribution 2.8 forgets an upload whose client dies in the middle of a chunk)`,
    );
    return figure;
  },
};
