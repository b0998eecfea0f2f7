import { describe, expect, test } from "vitest";
import { cosignTags, referrersTag } from "../../registry/digest-tag.ts";
import { OCI_INDEX, OCI_MANIFEST } from "../../registry/media-types.ts";
import { MemoryRegistry, MemoryRepository } from "../../registry/memory-repository.ts";
import { deleteAttached, readAttached, restoreAttached } from "./attached.ts";
import { SharedDigests } from "./sharing.ts";

const { signal } = new AbortController();
const EMPTY = "application/vnd.oci.empty.v1+json";

function manifest(at: MemoryRepository, more: object, tag?: string) {
  const config = at.putBlob(Buffer.from("{}"), EMPTY);
  return at.putManifest({ mediaType: OCI_MANIFEST, config, layers: [], ...more }, tag);
}

/** An image with an SBOM that is signed, and one of cosign's tags. */
async function place(api: boolean) {
  const at = new MemoryRepository("app", new MemoryRegistry("memory://here", { referrersApi: api }));
  const image = manifest(at, { annotations: { image: "1" } }, "v1");
  const sbom = manifest(at, { subject: image, artifactType: "sbom" });
  const signature = manifest(at, { subject: sbom, artifactType: "signature" });
  if (!api) {
    await at.addReferrers(image.digest, [sbom]);
    await at.addReferrers(sbom.digest, [signature]);
  }
  const [cosign = ""] = cosignTags(image.digest);
  manifest(at, { annotations: { cosign: "1" } }, cosign);
  const stays = manifest(at, { annotations: { image: "2" } }, "v2");
  return { at, image, sbom, signature, cosign, stays };
}

const how = (at: MemoryRepository) => ({ shared: new SharedDigests(at), signal });

describe.each([
  ["by the API", true],
  ["by the tag schema", false],
])("what belongs to a deleted manifest, listed %s", (_how, api) => {
  test("goes with it and comes back with it", async () => {
    const { at, image, sbom, signature, stays } = await place(api);
    const before = [...at.tagged.keys()].toSorted();
    const attached = await readAttached(at, image.digest, signal);
    const image1 = await at.fetchManifest(image.digest);
    await at.deleteManifest(image.digest);
    await deleteAttached(at, attached ?? [], how(at));
    expect([...at.tagged]).toEqual([["v2", stays.digest]]);
    expect([sbom, signature].filter(({ digest }) => at.manifests.has(digest))).toEqual([]);

    await at.pushManifest(image1, { tag: "v1" });
    await restoreAttached(at, attached ?? [], { signal });
    expect([...at.tagged.keys()].toSorted()).toEqual(before);
    expect([image, sbom, signature].filter(({ digest }) => !at.manifests.has(digest))).toEqual([]);
    expect((await at.referrers(image.digest)).referrers.map(({ digest }) => digest)).toEqual([sbom.digest]);
    expect((await at.referrers(sbom.digest)).referrers).toHaveLength(1);
  });

  test("what a tag names for itself stays", async () => {
    const { at, image, sbom, signature } = await place(api);
    at.tagged.set("sbom", sbom.digest);
    const attached = await readAttached(at, image.digest, signal);
    await at.deleteManifest(image.digest);
    await deleteAttached(at, attached ?? [], how(at));
    const list = api ? [] : [referrersTag(sbom.digest)];
    expect([...at.tagged.keys()].toSorted()).toEqual(["sbom", ...list, "v2"]);
    expect([sbom, signature].filter(({ digest }) => !at.manifests.has(digest))).toEqual([]);
  });

  test.each(["a tag", "an index"])("stays where %s names the manifest again by now", async (what) => {
    const { at, image, sbom, signature, cosign } = await place(api);
    const attached = await readAttached(at, image.digest, signal);
    const image1 = await at.fetchManifest(image.digest);
    await at.deleteManifest(image.digest);
    await at.pushManifest(image1, { tag: "again" });
    if (what === "an index") {
      at.putManifest({ mediaType: OCI_INDEX, manifests: [image] }, "all");
      at.tagged.delete("again");
    }
    const before = [...at.tagged];
    await deleteAttached(at, attached ?? [], how(at));
    expect([...at.tagged]).toEqual(before);
    expect(at.tagged.has(cosign)).toBe(true);
    expect([sbom, signature].filter(({ digest }) => !at.manifests.has(digest))).toEqual([]);
  });

  test("what somebody else keeps under cosign's tag by now stays", async () => {
    const { at, image, cosign } = await place(api);
    const attached = await readAttached(at, image.digest, signal);
    await at.deleteManifest(image.digest);
    const theirs = manifest(at, { annotations: { cosign: "theirs" } }, cosign);
    await deleteAttached(at, attached ?? [], how(at));
    expect(at.tagged.get(cosign)).toBe(theirs.digest);
    await restoreAttached(at, attached ?? [], { signal });
    expect(at.tagged.get(cosign)).toBe(theirs.digest);
  });

  test("more than is kept to be put back stays at the target", async () => {
    const { at, image } = await place(api);
    for (let number = 0; number < 70; number += 1) {
      const more = manifest(at, { subject: image, annotations: { number: String(number) } });
      if (!api) {
        await at.addReferrers(image.digest, [more]);
      }
    }
    expect(await readAttached(at, image.digest, signal)).toBeNull();
  });
});

test("an image that the list of another names wrongly keeps its signatures", async () => {
  const { at, image, stays } = await place(false);
  const [own = ""] = cosignTags(stays.digest);
  const signed = manifest(at, { annotations: { cosign: "of v2" } }, own);
  const untagged = manifest(at, { annotations: { image: "3" } });
  await at.addReferrers(image.digest, [stays, untagged]);
  const attached = await readAttached(at, image.digest, signal);
  await at.deleteManifest(image.digest);
  await deleteAttached(at, attached ?? [], how(at));
  expect([...at.tagged]).toEqual([
    ["v2", stays.digest],
    [own, signed.digest],
  ]);
  expect(at.manifests.has(untagged.digest)).toBe(true);
});

test("a manifest with nothing has nothing", async () => {
  const { at, stays } = await place(true);
  expect(await readAttached(at, stays.digest, signal)).toEqual([]);
  expect(referrersTag(stays.digest)).toMatch(/^sha256-/);
});

test("the lists and cosign's tags are changed while no other worker changes them, one at a time", async () => {
  const { at, image, sbom, cosign } = await place(false);
  const held = new Set<string>();
  const changed: string[] = [];
  const aloneAtTag = async <T>(tag: string, change: () => Promise<T>): Promise<T> => {
    expect([...held]).toEqual([]);
    held.add(tag);
    changed.push(tag);
    return change().finally(() => held.delete(tag));
  };
  const change = (tag: string) => expect([...held]).toEqual([tag]);
  const [deleteManifest, addReferrers] = [at.deleteManifest.bind(at), at.addReferrers.bind(at)];
  at.deleteManifest = async (reference, options) => {
    if (!reference.includes(":")) {
      change(reference);
    }
    return deleteManifest(reference, options);
  };
  at.addReferrers = async (subject, ...rest) => {
    change(referrersTag(subject));
    return addReferrers(subject, ...rest);
  };

  const attached = (await readAttached(at, image.digest, signal)) ?? [];
  const image1 = await at.fetchManifest(image.digest);
  await at.deleteManifest(image.digest);
  const tags = [cosign, referrersTag(image.digest), referrersTag(sbom.digest)].toSorted();
  await deleteAttached(at, attached, { ...how(at), aloneAtTag });
  expect(changed.splice(0).toSorted()).toEqual(tags);
  await at.pushManifest(image1, { tag: "v1" });
  await restoreAttached(at, attached, { signal, aloneAtTag });
  expect(changed.toSorted()).toEqual(tags);
});
