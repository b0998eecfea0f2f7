import type { Fault } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { REPOSITORY } from "./copy.ts";
import { fault, imageOf, KIB, layerOf, MIB, openScene, type Scene } from "./scene.ts";
import { failsClean, heals } from "./verdicts.ts";

/** Reads of one blob that came through, and what was read twice. */
function readsOf({ source }: Scene, blob: { digest: string; size: number }) {
  const reads = source.proxy.matching("GET", new RegExp(blob.digest));
  const bytes = reads.reduce((sum, { answerBytes }) => sum + answerBytes, 0);
  return { count: reads.length, ranges: reads.map(({ range }) => range), again: bytes - blob.size };
}

/** A blob that breaks once in the middle heals, read on from there. @returns what it cost, in words */
async function readsOn(scene: Scene, spoil: (half: number) => Fault, seed: string): Promise<string> {
  const artifact = imageOf(seed, scene.trust.full ? 24 * MIB : 2 * MIB);
  const blob = layerOf(artifact);
  await scene.push(artifact);
  scene.source.proxy.add({
    ...{ method: "GET", digest: blob.digest, nth: 1 },
    fault: spoil(Math.floor(blob.size / 2)),
  });
  await heals(scene, artifact);
  const { count, ranges, again } = readsOf(scene, blob);
  meets(count === 2 && /^bytes=\d+-$/.test(ranges[1] ?? ""), `${count} reads, ranges ${ranges.join()}`);
  meets(again <= 8 * MIB, `${again} bytes were read twice`);
  const puts = scene.target.proxy.matching("PUT", new RegExp(encodeURIComponent(blob.digest)));
  meets(puts.length === 1, `the blob was sent ${puts.length} times`);
  return `read on at ${ranges[1]}, ${again} bytes twice, one upload`;
}

const REPEATED_READS = 4;

async function endsReading(
  scene: Scene,
  spoil: Fault,
  code: "CONNECTION" | "TIMEOUT",
  withinMs: number,
): Promise<string> {
  const artifact = imageOf(`never-${spoil.kind}`, 600 * KIB);
  const blob = layerOf(artifact);
  await scene.push(artifact);
  scene.source.proxy.add({ method: "GET", digest: blob.digest, fault: spoil });
  const key = code === "TIMEOUT" ? ("timeout" as const) : ("connection" as const);
  const told = await failsClean(scene, { code, side: "source", status: null, key, withinMs });
  const { count } = readsOf(scene, blob);
  meets(count <= REPEATED_READS, `${count} reads before it gave up`);
  return `${told}, ${count} reads`;
}

/** Every kind of request that a copy needs, at either end, as method and path. */
const ENDPOINTS: readonly (readonly ["source" | "target", string, RegExp])[] = [
  ["source", "GET", /_catalog/],
  ["source", "GET", /tags\/list/],
  ["source", "HEAD", /\/manifests\//],
  ["source", "GET", /\/manifests\//],
  ["source", "GET", /\/blobs\//],
  ["target", "HEAD", /\/manifests\//],
  ["target", "POST", /\/blobs\/uploads\//],
  ["target", "PUT", /\/blobs\/uploads\//],
  ["target", "HEAD", /\/blobs\//],
  ["target", "PUT", /\/manifests\//],
];

/** Nobody waits for ever (B10): each kind of request meets silence once, and the copy comes through all of them. */
async function silentOnce(trust: Trust): Promise<string> {
  const scene = await openScene(trust, { patience: { headersMs: 500, commitMs: 600 } });
  const artifact = imageOf("silent", MIB);
  await scene.push(artifact);
  for (const [side, method, path] of ENDPOINTS) {
    scene[side].proxy.add({ method, path, nth: 1, fault: { kind: "silence", afterBytes: 100_000 } });
  }
  const since = performance.now();
  const { client } = scene.source;
  for (const names of [client.repositories(), client.repository(REPOSITORY).tags()]) {
    for await (const page of names) {
      meets(page.length === 1, `listed ${page.join()}`);
    }
  }
  await heals(scene, artifact);
  const silent = [...scene.source.proxy.log, ...scene.target.proxy.log].filter(
    ({ fault: what }) => what === "silence",
  );
  const seconds = (performance.now() - since) / 1000;
  meets(silent.length === ENDPOINTS.length, `${silent.length} of ${ENDPOINTS.length} endpoints were asked`);
  return `${silent.length} endpoints silent once each: heals in ${seconds.toFixed(0)} s`;
}

export const SOURCE_CONNECTION: readonly TrustCase[] = [
  fault("FS01", "a reset in mid-blob, once: read on by Range", async (trust) =>
    readsOn(await openScene(trust), (afterBytes) => ({ kind: "rst", afterBytes }), "fs01"),
  ),

  fault("FS02", "a reset in mid-blob, each time: a clean failure when the budget is used up", async (trust) =>
    endsReading(await openScene(trust), { kind: "rst", afterBytes: 10_000 }, "CONNECTION", 10_000),
  ),

  fault("FS03", "a polite end before the whole Content-Length has come", async (trust) =>
    readsOn(await openScene(trust), (afterBytes) => ({ kind: "fin", afterBytes }), "fs03"),
  ),

  fault("FS04", "silence in mid-blob: the idle bound ends the read", async (trust) => {
    const once = await readsOn(
      await openScene(trust),
      (afterBytes) => ({ kind: "stall", afterBytes }),
      "fs04",
    );
    const scene = await openScene(trust);
    const always = await endsReading(scene, { kind: "stall", afterBytes: 10_000 }, "TIMEOUT", 15_000);
    const everywhere = await silentOnce(trust);
    return `once: ${once}; each time: ${always}; ${everywhere}`;
  }),

  fault("FS05", "one byte now and then: the minimum rate ends the read", async (trust) => {
    const slow = (afterBytes: number): Fault => ({ kind: "trickle", bytesPerSecond: 20, afterBytes });
    const once = await readsOn(await openScene(trust), slow, "fs05");
    const always = await endsReading(await openScene(trust), slow(10_000), "TIMEOUT", 20_000);
    return `once: ${once}; each time: ${always}`;
  }),
];
