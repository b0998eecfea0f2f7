import { expect, test } from "vitest";
import { OCI_INDEX, OCI_MANIFEST } from "../../registry/media-types.ts";
import { MemoryRegistry } from "../../registry/memory-repository.ts";
import { narrow } from "./narrow.ts";
import { contentReader } from "./read-content.ts";

const { signal } = new AbortController();

test("a few small indexes that name each other many times over are each looked into once", async () => {
  const source = new MemoryRegistry().repository("app");
  const config = source.putBlob(Buffer.from("{}"));
  const platform = { os: "linux", architecture: "amd64" };
  const image = { ...source.putManifest({ mediaType: OCI_MANIFEST, config, layers: [] }), platform };
  let below = [image];
  // Two of each level name both of the level below: as a tree this would be 2^40 indexes.
  for (let level = 0; level < 40; level += 1) {
    below = ["left", "right"].map((side) => ({
      ...source.putManifest({ mediaType: OCI_INDEX, manifests: below, annotations: { side } }),
      platform,
    }));
  }
  const root = source.putManifest({ mediaType: OCI_INDEX, manifests: below }, "v1");
  let read = 0;
  const reader = contentReader(source, { signal }, async (digest) => {
    read += 1;
    if (read > 1_000) {
      throw new Error("read again and again");
    }
    return source.fetchManifest(digest);
  });
  expect(await narrow({ mode: "single", names: ["linux/amd64"] }, root, reader)).toEqual({
    kind: "image",
    image: { digest: image.digest, mediaType: OCI_MANIFEST, size: image.size },
  });
  expect(read).toBe(81);
  const parts = await narrow({ mode: "sparse", names: ["linux/amd64"] }, root, reader);
  expect(parts).toMatchObject({ kind: "parts" });
  expect(parts.kind === "parts" && parts.manifests).toHaveLength(81);
});

test("one image that is named for several platforms is for each of them", async () => {
  const source = new MemoryRegistry().repository("app");
  const config = source.putBlob(Buffer.from("{}"));
  const image = (seed: string) =>
    source.putManifest({ mediaType: OCI_MANIFEST, config, layers: [], annotations: { seed } });
  const [both, other] = [image("both"), image("other")];
  const named = [
    { ...both, platform: { os: "linux", architecture: "arm", variant: "v6" } },
    { ...other, platform: { os: "linux", architecture: "amd64" } },
    { ...both, platform: { os: "linux", architecture: "arm", variant: "v7" } },
  ];
  const root = source.putManifest({ mediaType: OCI_INDEX, manifests: named }, "v1");
  const reader = contentReader(source, { signal }, (digest) => source.fetchManifest(digest));
  for (const name of ["linux/arm/v6", "linux/arm/v7"]) {
    expect(await narrow({ mode: "single", names: [name] }, root, reader)).toMatchObject({
      kind: "image",
      image: { digest: both.digest },
    });
    const parts = await narrow({ mode: "sparse", names: [name] }, root, reader);
    expect(parts).toMatchObject({ kind: "parts", manifests: [both.digest] });
    expect(parts.kind === "parts" && parts.kept.get(root.digest)).toEqual(new Set([both.digest]));
  }
});
