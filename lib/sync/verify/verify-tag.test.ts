import { expect, test } from "vitest";
import { cosignTags } from "../../registry/digest-tag.ts";
import { MemoryRegistry, type MemoryRepository } from "../../registry/memory-repository.ts";
import { copyTag } from "../copy-tag.ts";
import { CopyError } from "../errors.ts";
import { memoryPlacements } from "../placements.ts";
import { PlaceLost, type Throttle } from "../throttle.ts";
import { proveTag } from "./prove-tag.ts";
import { VerifyMemory } from "./verify-memory.ts";
import { type VerifyJob, verifyTag } from "./verify-tag.ts";

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

function putImage(at: MemoryRepository, seed: string, tag?: string) {
  const layers = [at.putBlob(Buffer.from(`layer ${seed}`)), at.putBlob(Buffer.from("shared"))];
  const config = at.putBlob(Buffer.from(JSON.stringify({ seed })), CONFIG);
  const manifest = at.putManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }, tag);
  return { manifest, config, layers };
}

function ends(options: { referrersApi?: boolean; sparseIndexes?: boolean } = {}) {
  const registry = new MemoryRegistry("memory://target", options);
  const source = new MemoryRegistry("memory://source", { referrersApi: true }).repository("team/app");
  return { source, target: registry.repository("team/app"), registry };
}

async function copied(job: VerifyJob): Promise<void> {
  await copyTag(job, {
    placements: memoryPlacements(),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

const context = (deep = false, reading?: Throttle) => ({
  deep,
  reading,
  memory: new VerifyMemory(),
  signal: new AbortController().signal,
  onProgress: () => undefined,
});

const told = async (job: VerifyJob, deep = false) =>
  (await verifyTag(job, context(deep))).findings.map(({ kind, reason, digest }) => [kind, reason, digest]);

test("a tag that is whole costs a HEAD, a GET a manifest and a HEAD a blob, each once a run", async () => {
  const { source, target, registry } = ends();
  const parts = [putImage(source, "a"), putImage(source, "b")];
  const manifests = parts.map(({ manifest }) => manifest);
  const { digest } = source.putManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, "v1");
  const job = { source, target, tag: "v1", digest, override: false };
  await copied(job);
  const before = registry.requests;
  const once = context();
  expect(await verifyTag(job, once)).toEqual({
    checked: { manifests: 3, blobs: 5, bytesRead: 0 },
    findings: [],
  });
  expect(registry.requests - before).toBe(1 + 3 + 5);
  expect((await verifyTag(job, once)).checked).toEqual({ manifests: 0, blobs: 0, bytesRead: 0 });
  expect(registry.requests - before).toBe(1 + 3 + 5 + 1);
});

test("what lacks is named, parts first, and comes back", async () => {
  const { source, target } = ends();
  const parts = [putImage(source, "a"), putImage(source, "b")];
  const manifests = parts.map(({ manifest }) => manifest);
  const { digest } = source.putManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, "v1");
  const job = { source, target, tag: "v1", digest, override: false };
  await copied(job);
  const child = manifests[0]?.digest ?? "";
  const layer = parts[0]?.layers[0]?.digest ?? "";
  target.manifests.delete(child);
  target.blobs.delete(layer);
  const { findings } = await verifyTag(job, context());
  expect(findings.map(({ kind, digest: named, reason }) => [kind, named, reason])).toEqual([
    ["blob", layer, "missing"],
    ["manifest", child, "missing"],
  ]);
  const proof = await proveTag(job, context());
  expect(proof).toMatchObject({ repaired: 2, failure: null });
  const pushed = target.pushed.length;
  expect(await proveTag(job, context())).toMatchObject({ found: [], repaired: 0, failure: null });
  expect(target.pushed).toHaveLength(pushed);
});

test("of an index only the platforms are owed that are copied; the same index whole owes the others", async () => {
  const { source, target } = ends({ sparseIndexes: true });
  const parts = ["amd64", "arm64"].map((architecture) => ({
    ...putImage(source, architecture).manifest,
    platform: { os: "linux", architecture },
  }));
  const { digest } = source.putManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: parts }, "v1");
  const job = { source, target, tag: "v1", digest, mediaType: OCI_INDEX, override: false };
  const sparse = { ...job, platforms: { mode: "sparse" as const, names: ["linux/arm64"] } };
  await copied(sparse);
  expect(await told(sparse)).toEqual([]);
  expect((await told(job)).at(-1)).toEqual(["manifest", "missing", parts[0]?.digest]);
  expect(await proveTag(job, context())).toMatchObject({ repaired: 3, failure: null });
  expect(await told(job)).toEqual([]);
});

test("one image in the place of its index is what the tag has to name", async () => {
  const { source, target } = ends();
  const { manifest } = putImage(source, "a");
  const entry = { ...manifest, platform: { os: "linux", architecture: "amd64" } };
  const { digest } = source.putManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] }, "v1");
  const platforms = { mode: "single" as const, names: ["linux/amd64"] };
  const job = { source, target, tag: "v1", digest, mediaType: OCI_INDEX, override: false, platforms };
  await copied(job);
  expect(await told(job)).toEqual([]);
  // Also where nothing but the digest is known any more.
  source.manifests.clear();
  expect(await told({ ...job, targetDigest: manifest.digest })).toEqual([]);
});

test("a foreign layer is owed where the source holds it", async () => {
  const { source, target } = ends();
  const held = source.putBlob(Buffer.from("held"), FOREIGN);
  const elsewhere = { ...held, digest: `sha256:${"e".repeat(64)}` };
  const config = source.putBlob(Buffer.from("{}"), CONFIG);
  const body = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [held, elsewhere] };
  const { digest } = source.putManifest(body, "v1");
  const job = { source, target, tag: "v1", digest, override: false };
  await copied(job);
  expect(await told(job)).toEqual([]);
  target.blobs.delete(held.digest);
  expect(await told(job)).toEqual([["blob", "missing", held.digest]]);
});

test("what the source lacks as well is its failure, and names the source", async () => {
  const { source, target } = ends();
  const { manifest, layers } = putImage(source, "a", "v1");
  const job = { source, target, tag: "v1", digest: manifest.digest, override: false };
  await copied(job);
  const lost = layers[0]?.digest ?? "";
  for (const { blobs } of [source, target]) {
    blobs.delete(lost);
  }
  const { failure, left } = await proveTag(job, context());
  expect(left).toMatchObject([{ kind: "blob", reason: "missing", digest: lost }]);
  expect(failure).toBeInstanceOf(CopyError);
  expect(failure).toMatchObject({ side: "source", code: "BLOB_UNKNOWN", digest: lost });
});

test("a tag that somebody moved at the target is written where that is allowed, and named where it is not", async () => {
  const { source, target } = ends();
  const { manifest } = putImage(source, "a", "v1");
  const job = { source, target, tag: "v1", digest: manifest.digest, override: false };
  await copied(job);
  putImage(target, "theirs", "v1");
  const { failure } = await proveTag(job, context());
  expect(failure).toMatchObject({ code: "TAG_DIFFERS", digest: manifest.digest });
  expect(await proveTag({ ...job, override: true }, context())).toMatchObject({ repaired: 1, failure: null });
  expect(target.tagged.get("v1")).toBe(manifest.digest);
});

test.each([true, false])(
  "referrers are owed as their own subject says, with the API (%s)",
  async (referrersApi) => {
    const { source, target } = ends({ referrersApi });
    const { manifest, config } = putImage(source, "a", "v1");
    const referring = (subject: object) =>
      source.putManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [], subject });
    const { digest } = referring(manifest);
    const job = {
      ...{ source, target, tag: "v1", digest: manifest.digest, mediaType: OCI_MANIFEST, override: false },
      referrers: { digestTags: null },
    };
    await copied(job);
    expect(await told(job)).toEqual([]);
    const ofReferrer = referring({ ...manifest, digest }).digest;
    expect(await told(job)).toEqual([["referrer", "missing", ofReferrer]]);
    expect(await proveTag(job, context())).toMatchObject({ repaired: 1, failure: null });
    target.manifests.delete(digest);
    const lacking = (await told(job)).map(([, , what]) => what);
    expect(lacking).toContain(digest);
    expect(await proveTag(job, context())).toMatchObject({ failure: null });
    // What the source has lost by now is nobody's to bring.
    for (const { manifests } of [source, target]) {
      manifests.delete(ofReferrer);
    }
    expect(await told(job)).toEqual([]);
  },
);

test("what somebody signed at the target stays theirs and is no finding", async () => {
  const { source, target } = ends();
  const { manifest, config } = putImage(source, "a", "v1");
  const [tag = ""] = cosignTags(manifest.digest);
  const signed = (at: MemoryRepository, layers: object[]) =>
    at.putManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }, tag);
  signed(source, []);
  const job = {
    ...{ source, target, tag: "v1", digest: manifest.digest, mediaType: OCI_MANIFEST, override: false },
    referrers: { digestTags: null },
  };
  await copied(job);
  const theirs = signed(target, [config]);
  expect(await told(job)).toEqual([]);
  expect(await told({ ...job, override: true })).toMatchObject([["tag", "other-digest", expect.any(String)]]);
  expect(target.tagged.get(tag)).toBe(theirs.digest);
});

test("deep reads every byte through the throttle, and begins again where its place was lost", async () => {
  const { source, target } = ends();
  const { manifest, config, layers } = putImage(source, "a", "v1");
  const job = { source, target, tag: "v1", digest: manifest.digest, override: false };
  await copied(job);
  const sizes = [config, ...layers].map(({ size }) => size);
  let taken = 0;
  let places = 0;
  let lost = 0;
  const reading: Throttle = {
    pass: () => undefined,
    tryEnter: () => undefined,
    enter: async () => {
      places += 1;
      return {
        waitedMs: 0,
        take(bytes) {
          if (lost === 0) {
            lost += 1;
            throw new PlaceLost();
          }
          taken += bytes;
          return undefined;
        },
        leave: () => {
          places -= 1;
        },
      };
    },
  };
  const { checked, findings } = await verifyTag(job, context(true, reading));
  expect(findings).toEqual([]);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect([checked.bytesRead, taken, places, lost]).toEqual([total, total, 0, 1]);
});

test("whoever gives up is told so, and nothing is kept of it", async () => {
  const { source, target } = ends();
  const { manifest } = putImage(source, "a", "v1");
  const job = { source, target, tag: "v1", digest: manifest.digest, override: false };
  await copied(job);
  const stop = new AbortController();
  const stopped = { ...context(), signal: stop.signal, onChecked: () => stop.abort(new Error("stopped")) };
  await expect(verifyTag(job, stopped)).rejects.toThrow("stopped");
  const { signal } = new AbortController();
  expect((await verifyTag(job, { ...stopped, onChecked: undefined, signal })).findings).toEqual([]);
});
