import type { FaultRule } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets, type Trust } from "../trust-case.ts";
import { imageOf, KIB, layerOf, openScene, type Scene, type SiteOptions } from "./scene.ts";
import { heals } from "./verdicts.ts";

/** Small ones, so that a small blob has several. */
const CHUNK_BYTES = 256 * KIB;
const LAYER_BYTES = 5 * CHUNK_BYTES;
const IN_CHUNKS: SiteOptions["client"] = {
  chunks: {
    thresholdBytes: CHUNK_BYTES,
    chunkBytes: CHUNK_BYTES,
    runsFromBytesPerS: Number.POSITIVE_INFINITY,
  },
};

/**
 * Copies an image whose layer goes in chunks, of which one is spoiled.
 * @param mostChunks so many chunks may be sent again
 * @returns what was sent again, in words
 */
export async function healsInChunks(
  trust: Trust,
  spoil: (scene: Scene) => FaultRule,
  { mostChunks, target = {} }: { mostChunks: number; target?: SiteOptions },
): Promise<string> {
  const scene = await openScene(trust, {
    target: { ...target, client: IN_CHUNKS },
    // A start takes a busy machine a second or two.
    patience: { backoffMs: 100, backoffMostMs: 2_000 },
  });
  const artifact = imageOf("chunked", LAYER_BYTES);
  await scene.push(artifact);
  scene.target.proxy.add({ method: "PATCH", ...spoil(scene) });
  await heals(scene, artifact);
  const sent = scene.target.proxy
    .matching("PATCH", /\/blobs\/uploads\//)
    .reduce((sum, { requestBytes }) => sum + requestBytes, 0);
  const again = sent - layerOf(artifact).size;
  meets(
    again <= mostChunks * CHUNK_BYTES,
    `${again} bytes of chunks were sent again, at most ${mostChunks} chunks of ${CHUNK_BYTES} were expected`,
  );
  return `${(again / CHUNK_BYTES).toFixed(1)} chunks sent again`;
}
