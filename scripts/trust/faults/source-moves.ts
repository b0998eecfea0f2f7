import { rm } from "node:fs/promises";
import { join } from "node:path";
import { meets, type TrustCase } from "../trust-case.ts";
import { REPOSITORY, TAG } from "./copy.ts";
import { manifestPuts, standingDigest } from "./oracle.ts";
import { fault, imageOf, layerOf, openScene } from "./scene.ts";
import { failsClean, heals, isWhole } from "./verdicts.ts";

export const SOURCE_MOVES: readonly TrustCase[] = [
  fault("FS22", "the tag is deleted in the middle of its copy: skipped, no failure", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("fs22");
    await scene.push(artifact);
    const remove = async () => {
      const url = `${scene.source.registry.origin}/v2/${REPOSITORY}/manifests/${artifact.manifest.digest}`;
      const { status } = await fetch(url, { method: "DELETE" });
      meets(status === 202, `the source answered ${status} to the deletion`);
    };
    scene.source.proxy.add({ method: "GET", digest: layerOf(artifact).digest, nth: 1, before: remove });
    const outcome = await scene.copy();
    meets(
      outcome.status === "skipped" && outcome.reason === "source-deleted",
      `ended ${JSON.stringify(outcome)}`,
    );
    const standing = await standingDigest(scene, REPOSITORY, TAG);
    meets(standing === null, `the target has ${standing}`);
    return "skipped, source-deleted; nothing under the tag at the target";
  }),

  fault("FS23", "the tag moves in the middle of its copy: the scan's digest lands whole", async (trust) => {
    const scene = await openScene(trust);
    const [scanned, newer] = [imageOf("fs23-a"), imageOf("fs23-b")];
    await scene.push(scanned);
    const { digest } = layerOf(scanned);
    scene.source.proxy.add({ method: "GET", digest, nth: 1, before: () => scene.push(newer) });
    const outcome = await scene.copy();
    meets(outcome.status === "copied" && outcome.moved, `ended ${JSON.stringify(outcome)}`);
    await isWhole(scene, scanned);
    const writes = manifestPuts(scene, TAG);
    meets(writes.length === 1, `the tag was written ${writes.length} times`);
    await heals(scene, newer);
    return "the first digest, whole, in one write, told as moved; the follow-up brings the second";
  }),

  fault("FS24", "a blob that the source lost", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("fs24");
    await scene.push(artifact);
    const hex = layerOf(artifact).digest.slice("sha256:".length);
    const blobs = join(scene.source.registry.dataDir, "docker/registry/v2/blobs/sha256");
    await rm(join(blobs, hex.slice(0, 2), hex), { recursive: true });
    return failsClean(scene, {
      ...{ code: "BLOB_UNKNOWN", side: "source", status: 404, key: "blob-missing", withinMs: 5_000 },
    });
  }),
];
