import { expect, test } from "vitest";
import { OCI_INDEX, OCI_MANIFEST } from "./media-types.ts";
import { MemoryRegistry } from "./memory-repository.ts";
import { digestOf } from "./verify.ts";

const text = (content: string) => new TextEncoder().encode(content);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test("refuses a manifest before what it names, as a strict registry does", async () => {
  const registry = new MemoryRegistry();
  const source = registry.repository("source");
  const target = registry.repository("target");
  const layer = source.putBlob(text("layer"));
  const config = source.putBlob(text("{}"));
  const image = source.putManifest({ mediaType: OCI_MANIFEST, config, layers: [layer] }, "v1");
  const index = source.putManifest({ mediaType: OCI_INDEX, manifests: [image] }, "all");
  const manifest = await source.fetchManifest("v1");
  await expect(target.pushManifest(manifest, { tag: "v1" })).rejects.toMatchObject({
    code: "MANIFEST_BLOB_UNKNOWN",
  });
  expect(await target.resolve("v1")).toBeNull();

  expect(await target.openUpload(config, { mountFrom: "source" })).toEqual({ kind: "mounted" });
  const opened = await target.openUpload(layer);
  if (opened.kind === "upload") {
    await opened.upload.send(await source.fetchBlob(layer));
  }
  await expect(target.pushManifest(await source.fetchManifest("all"))).rejects.toMatchObject({
    code: "MANIFEST_BLOB_UNKNOWN",
  });
  await target.pushManifest(manifest);
  await target.pushManifest(await source.fetchManifest(index.digest), { tag: "all" });
  expect(target.pushed).toEqual([config.digest, layer.digest, image.digest, index.digest, "all"]);
  expect(await target.resolve("all")).toEqual(index);
});

test("takes no wrong bytes", async () => {
  const target = new MemoryRegistry().repository("target");
  const opened = await target.openUpload({ mediaType: "x", digest: digestOf(text("right")), size: 5 });
  const sending = opened.kind === "upload" ? opened.upload.send(once(text("wrong"))) : undefined;
  await expect(sending).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  expect(target.blobs.size).toBe(0);
});

test("lists in pages and counts what it is asked", async () => {
  const registry = new MemoryRegistry();
  const repository = registry.repository("a/b");
  registry.repository("empty");
  for (let n = 0; n < 250; n++) {
    repository.putManifest({ mediaType: OCI_INDEX, manifests: [] }, `t${String(n).padStart(3, "0")}`);
  }
  const sizes: number[] = [];
  for await (const page of repository.tags()) {
    sizes.push(page.length);
  }
  expect(sizes).toEqual([100, 100, 50]);
  for await (const page of registry.repositories()) {
    expect(page).toEqual(["a/b"]);
  }
  expect(registry.requests).toBe(4);
  await expect(repository.resolve("t000", { signal: AbortSignal.abort() })).rejects.toThrow();
});
