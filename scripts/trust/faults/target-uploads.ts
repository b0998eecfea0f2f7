import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../../../lib/testing/fault-proxy/fault.ts";
import { startFaultProxy } from "../../../lib/testing/fault-proxy/fault-proxy.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { healsInChunks } from "./chunked.ts";
import { openingsOf, uploadsOf } from "./oracle.ts";
import { fault, imageOf, layerOf, MIB, openScene, type Scene, type SiteOptions } from "./scene.ts";
import { failsClean, heals } from "./verdicts.ts";

const refusal = (status: number, code: string): Fault => ({
  kind: "answer",
  status,
  body: JSON.stringify({ errors: [{ code, message: "refused by the test" }] }),
});

/** The first PUT of the layer is spoiled. @returns how often the layer was sent until it stood */
async function sendsUntilWhole(
  trust: Trust,
  spoil: Fault,
  options: { target?: SiteOptions; before?: (kill: () => Promise<void>) => Promise<void> } = {},
): Promise<number> {
  const scene = await openScene(trust, { target: options.target ?? {} });
  const artifact = imageOf("upload", trust.full ? 8 * MIB : MIB);
  await scene.push(artifact);
  const { digest } = layerOf(artifact);
  scene.target.proxy.add({ method: "PUT", digest, nth: 1, fault: spoil });
  await heals(scene, artifact);
  return uploadsOf(scene, digest).length;
}

/** The registry is killed when the layer's bytes are about to come, or are coming. */
async function killed(trust: Trust, secret: boolean, inMidBody: boolean): Promise<string> {
  // A start takes a busy machine a second or two: the pauses are to outlast it, as those of the product do.
  const patience = { backoffMs: 100, backoffMostMs: 2_000 };
  const scene = await openScene(trust, { target: { registry: { secret } }, patience });
  const artifact = imageOf("killed", 2 * MIB);
  await scene.push(artifact);
  const { digest } = layerOf(artifact);
  const { registry, proxy } = scene.target;
  const crash = async () => {
    await registry.kill();
    await registry.restart();
  };
  const broken: Fault = { kind: "break-request", afterBytes: MIB };
  proxy.add({ ...{ method: "PUT", digest, nth: 1, before: crash }, ...(inMidBody ? { fault: broken } : {}) });
  await heals(scene, artifact);
  return `${uploadsOf(scene, digest).length}`;
}

export const TARGET_UPLOADS: readonly TrustCase[] = [
  fault("FT01", "the upload is unknown all of a sudden: the blob begins again", async (trust) => {
    const codes = ["BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID"];
    for (const code of codes) {
      const sent = await sendsUntilWhole(trust, refusal(404, code));
      meets(sent === 2, `${code}: sent ${sent} times`);
    }
    const scene = await openScene(trust);
    const artifact = imageOf("ft01");
    await scene.push(artifact);
    const { digest } = layerOf(artifact);
    scene.target.proxy.add({ method: "PUT", digest, fault: refusal(404, "BLOB_UPLOAD_UNKNOWN") });
    const told = await failsClean(scene, {
      ...{ code: "BLOB_UPLOAD_UNKNOWN", side: "target", status: 404, key: "interrupted", withinMs: 10_000 },
    });
    const again = await healsInChunks(
      trust,
      () => ({ nth: 3, fault: refusal(404, "BLOB_UPLOAD_UNKNOWN") }),
      // What was sent before is gone with the upload.
      { mostChunks: 3 },
    );
    return `both codes, once: heal with the second upload; between chunks: ${again}; each time: ${told}`;
  }),

  fault("FT02", "the registry is killed and starts again, with and without http.secret", async (trust) => {
    const before = [await killed(trust, true, false), await killed(trust, false, false)];
    const during = [await killed(trust, true, true), await killed(trust, false, true)];
    const between = ({ target: { registry } }: Scene) => ({
      nth: 3,
      before: async () => {
        await registry.kill();
        await registry.restart();
      },
    });
    const kept = await healsInChunks(trust, between, {
      mostChunks: 1,
      target: { registry: { secret: true } },
    });
    return `uploads until whole: killed before the bytes ${before.join(" and ")}, amid them ${during.join(" and ")}; between chunks, with the secret: ${kept}`;
  }),

  fault("FT03", "less is acknowledged than was sent", async (trust) => {
    const short: Fault = { kind: "answer", status: 202, headers: { range: "0-1023" } };
    const sent = await sendsUntilWhole(trust, short);
    meets(sent === 2, `sent ${sent} times`);
    const again = await healsInChunks(
      trust,
      () => ({ nth: 2, fault: { kind: "rewrite", headers: () => ({ range: "0-300000" }) } }),
      // The registry has all of it; what it is sent twice is found by the digest, and the blob goes as one PUT.
      { mostChunks: 1 },
    );
    return `202 with a short Range instead of 201: begins again, whole; of a chunk: ${again}`;
  }),

  fault("FT04", "416", async (trust) => {
    const sent = await sendsUntilWhole(trust, refusal(416, "RANGE_INVALID"));
    meets(sent === 2, `sent ${sent} times`);
    const again = await healsInChunks(trust, () => ({ nth: 2, fault: refusal(416, "RANGE_INVALID") }), {
      mostChunks: 1,
    });
    return `one PUT: begins again, whole; a chunk: the registry is asked where to go on, ${again}`;
  }),

  fault("FT06", "a blob is committed, its acknowledgement lost: asked for, not sent again", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("ft06", MIB);
    await scene.push(artifact);
    scene.target.proxy.add({ method: "PUT", path: /\/blobs\/uploads\//, fault: { kind: "drop-ack" } });
    await heals(scene, artifact);
    for (const { digest } of artifact.blobs) {
      const sent = uploadsOf(scene, digest).length;
      meets(sent === 1, `${digest} was sent ${sent} times`);
    }
    return `${artifact.blobs.length} acknowledgements lost, each blob sent once`;
  }),

  fault("FT10", "a mount is answered with an upload session: that session is used", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("ft10");
    const { digest } = layerOf(artifact);
    const [one, two] = ["team/one", "team/two"];
    await scene.push(artifact, { repository: one });
    await scene.push(artifact, { repository: two });
    await heals(scene, artifact, { repository: one });
    // Garbage collection at the target: what was there a moment ago cannot be mounted any more.
    const links = join(
      scene.target.registry.dataDir,
      "docker/registry/v2/repositories",
      one,
      "_layers/sha256",
    );
    await rm(join(links, digest.slice("sha256:".length)), { recursive: true });
    await heals(scene, artifact, { repository: two });
    const opened = openingsOf(scene, two, digest);
    meets(
      opened.length >= 1 && opened[0]?.status === 202 && /from=team%2Fone/.test(opened[0]?.path ?? ""),
      `opened: ${JSON.stringify(opened)}`,
    );
    const sent = uploadsOf(scene, digest).filter(({ path }) => path.includes(two)).length;
    meets(sent === 1, `sent ${sent} times`);
    return "202 to the mount, its Location used, one upload";
  }),

  fault(
    "FT13",
    "Location absolute, relative and with a query; on another host it is refused",
    async (trust) => {
      const elsewhere = await startFaultProxy("http://127.0.0.1:9");
      trust.cleanup(elsewhere.stop);
      const located = (spell: (location: URL) => string): Fault => ({
        kind: "rewrite",
        headers: ({ location }) => ({ location: location && spell(new URL(String(location))) }),
      });
      const spellings = [
        (url: URL) => url.href,
        (url: URL) => `${url.pathname}${url.search}`,
        (url: URL) => `${url.href}&more=a%20b%2B`,
      ];
      for (const spell of spellings) {
        const scene = await openScene(trust);
        const artifact = imageOf("ft13");
        await scene.push(artifact);
        scene.target.proxy.add({ method: "POST", fault: located(spell) });
        await heals(scene, artifact);
      }
      const scene = await openScene(trust);
      await scene.push(imageOf("ft13"));
      const away = located(({ pathname, search }) => `${elsewhere.origin}${pathname}${search}`);
      scene.target.proxy.add({ method: "POST", path: /\/team\/app\//, fault: away });
      const told = await failsClean(scene, {
        ...{ code: "REDIRECT_REFUSED", side: "target", status: null, key: "redirect", withinMs: 5_000 },
      });
      meets(elsewhere.connections() === 0, `${elsewhere.connections()} connections to the other host`);
      return `three spellings heal; another host: ${told}, 0 connections there`;
    },
  ),

  fault("FT16", "OCI-Chunk-Min-Length", async (trust) => {
    const minimum: Fault = {
      kind: "rewrite",
      headers: () => ({ "oci-chunk-min-length": String(16 * MIB) }),
    };
    const scene = await openScene(trust);
    const artifact = imageOf("ft16", MIB);
    await scene.push(artifact);
    scene.target.proxy.add({ method: "POST", fault: minimum });
    await heals(scene, artifact);
    const chunks = scene.target.proxy.matching("PATCH", /^/).length;
    meets(chunks === 0, `${chunks} chunks below the minimum`);
    return "no chunk below the minimum: one PUT a blob";
  }),
];
