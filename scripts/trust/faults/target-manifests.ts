import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { REPOSITORY, TAG } from "./copy.ts";
import { manifestPuts, openingsOf, uploadsOf } from "./oracle.ts";
import { fault, imageOf, layerOf, openScene } from "./scene.ts";
import { raceForTags } from "./tag-races.ts";
import { failsClean, heals, isWhole } from "./verdicts.ts";

const OTHER = `sha256:${"1".repeat(64)}`;
const lying: Fault = { kind: "rewrite", headers: () => ({ "docker-content-digest": OTHER }) };
const IMMUTABLE: Fault = {
  kind: "answer",
  status: 412,
  body: JSON.stringify({
    errors: [
      { code: "PRECONDITION", message: "Failed to process request due to 'v1' configured as immutable." },
    ],
  }),
};

export const TARGET_MANIFESTS: readonly TrustCase[] = [
  fault("FT07", "a tag is written, its acknowledgement lost: asked for, not written again", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("ft07");
    await scene.push(artifact);
    scene.target.proxy.add(
      { method: "PUT", path: /\/manifests\//, nth: 1, fault: { kind: "drop-ack" } },
      // As a registry with immutable tags would have it.
      { method: "PUT", path: /\/manifests\//, fault: IMMUTABLE },
    );
    await heals(scene, artifact);
    const writes = manifestPuts(scene, TAG).length;
    meets(writes === 1, `the tag was written ${writes} times`);
    return "one PUT of the manifest, then HEAD";
  }),

  fault("FT08", "MANIFEST_BLOB_UNKNOWN: what is missing is sent again, once", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("ft08");
    await scene.push(artifact);
    const { digest } = layerOf(artifact);
    const { dataDir } = scene.target.registry;
    const hex = digest.slice("sha256:".length);
    const lose = () =>
      rm(join(dataDir, "docker/registry/v2/repositories", REPOSITORY, "_layers/sha256", hex), {
        recursive: true,
      });
    scene.target.proxy.add({ method: "PUT", path: /\/manifests\//, nth: 1, before: lose });
    await heals(scene, artifact);
    const [first, second, ...more] = manifestPuts(scene, TAG);
    meets(
      first?.status === 400 && second?.status === 201 && more.length === 0,
      `answers to the manifest: ${first?.status}, ${second?.status}, ${more.length} more`,
    );
    const again = openingsOf(scene, REPOSITORY, "").length;
    meets(uploadsOf(scene, digest).length <= 2, `${again} uploads`);
    return `lost between its upload and the manifest: sent again, manifest ${first?.status}, then ${second?.status}`;
  }),

  fault("FT12", "201 with another digest", async (trust) => {
    const once = await openScene(trust);
    const artifact = imageOf("ft12");
    await once.push(artifact);
    once.target.proxy.add({ method: "PUT", fault: lying });
    await heals(once, artifact);
    const { digest } = layerOf(artifact);
    meets(uploadsOf(once, digest).length === 1, "the blob was sent again although it stands");
    const scene = await openScene(trust);
    await scene.push(artifact);
    // It took something else, and stands by it.
    scene.target.proxy.add({
      ...{ method: "PUT", path: /\/team\/app\/manifests\// },
      fault: {
        kind: "answer",
        status: 201,
        headers: { "docker-content-digest": OTHER },
      },
    });
    const told = await failsClean(scene, {
      ...{ code: "DIGEST_MISMATCH", side: "target", status: null, key: "digest-mismatch-target" },
      withinMs: 5_000,
    });
    return `only the answers lie: asked again, whole, one upload; something else was stored: ${told}`;
  }),

  fault(
    "FT15",
    "an immutable tag: an equal one is not written, another digest is a named conflict",
    async (trust) => {
      const scene = await openScene(trust);
      const artifact = imageOf("ft15");
      await scene.push(artifact);
      await heals(scene, artifact);
      scene.target.proxy.add({ method: "PUT", path: /\/team\/app\/manifests\/v1/, fault: IMMUTABLE });
      const again = await scene.copy();
      meets(again.status === "up-to-date", `again: ${again.status}`);
      meets(manifestPuts(scene, TAG).length === 1, "an equal tag was written again");
      await scene.push(imageOf("ft15-newer"));
      const told = await failsClean(scene, {
        ...{ code: "UNKNOWN", side: "target", status: 412, key: "immutable", reason: "immutable-tag" },
        ...{ says: /configured as immutable/, withinMs: 5_000 },
      });
      return `equal: up-to-date without a write; another digest: immutable-tag, ${told}`;
    },
  ),

  fault(
    "FT09",
    "overwriting is off, and somebody else writes the tag during the copy",
    async (trust) => {
      const scene = await openScene(trust);
      const [artifact, foreign] = [imageOf("ft09"), imageOf("ft09-foreign", 2_000)];
      await scene.push(artifact);
      const { digest } = layerOf(artifact);
      const intrude = () => scene.push(foreign, { side: "target" });
      scene.target.proxy.add({ method: "PUT", digest, nth: 1, before: intrude });
      const outcome = await scene.copy({ override: false });
      meets(outcome.status === "skipped" && outcome.reason === "exists", `ended ${JSON.stringify(outcome)}`);
      await isWhole(scene, foreign);
      meets(manifestPuts(scene, TAG).length === 0, "the tag was written");
      // The small size of it is lib/jobs/tag-claims.integration.test.ts.
      const races = trust.full ? `; ${await raceForTags(trust, 1_000)}` : "";
      return `skipped, exists; the other's tag as it was${races}`;
    },
    { withinMs: 15 * 60_000 },
  ),
];
