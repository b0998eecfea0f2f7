import { expect, test } from "vitest";
import { MemoryRegistry, type MemoryRepository } from "../../registry/memory-repository.ts";
import { copyTag } from "../copy-tag.ts";
import { memoryPlacements } from "../placements.ts";
import { proveTag } from "./prove-tag.ts";
import { VerifyMemory } from "./verify-memory.ts";
import { type VerifyJob, verifyTag } from "./verify-tag.ts";

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

function putImage(at: MemoryRepository, seed: string, tag?: string) {
  const layers = [at.putBlob(Buffer.from(`layer ${seed}`)), at.putBlob(Buffer.from("shared"))];
  const config = at.putBlob(
    Buffer.from(JSON.stringify({ seed })),
    "application/vnd.oci.image.config.v1+json",
  );
  const manifest = at.putManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }, tag);
  return { manifest, config, layers };
}

function ends() {
  const registry = new MemoryRegistry("memory://target");
  const source = new MemoryRegistry().repository("team/app");
  return { source, target: registry.repository("team/app"), registry };
}

async function copied(job: VerifyJob): Promise<void> {
  await copyTag(job, {
    placements: memoryPlacements(),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

const context = (deep = false) => ({
  deep,
  memory: new VerifyMemory(),
  signal: new AbortController().signal,
  onProgress: () => undefined,
});

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
