import { describe, expect, test } from "vitest";
import { RegistryError } from "../../registry/errors.ts";
import { MemoryRegistry, type MemoryRepository } from "../../registry/memory-repository.ts";
import { deleteTag, type PlacedTag, prepareDeletion, type ReadyDeletion, restoreTag } from "./delete-tag.ts";
import { sharingOf } from "./sharing.ts";
import { sightingsOf } from "./source-sighting.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const signal = new AbortController().signal;

function repository(): MemoryRepository {
  return new MemoryRegistry().repository("team/app");
}

/** A manifest that nothing else is like, under these tags. */
function put(held: MemoryRepository, name: string, ...tags: string[]): PlacedTag {
  const config = held.putBlob(new TextEncoder().encode(name));
  let digest = "";
  for (const tag of tags) {
    digest = held.putManifest({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [] }, tag).digest;
  }
  return { tag: tags[0] ?? "", digest };
}

async function ready(held: MemoryRepository, placed: PlacedTag): Promise<ReadyDeletion> {
  const prepared = await prepareDeletion(held, placed, signal);
  if (prepared.kind !== "ready") {
    throw new Error(prepared.kind);
  }
  return prepared;
}

/** Deletes by digest only, as 2.8.3 does. */
function digestOnly(held: MemoryRepository): MemoryRepository {
  const remove = held.deleteManifest.bind(held);
  held.deleteManifest = async (reference, options) => {
    if (!reference.startsWith("sha256:")) {
      throw refused(400, "DIGEST_INVALID");
    }
    await remove(reference, options);
  };
  return held;
}

const refused = (status: number, code: "DIGEST_INVALID" | "UNSUPPORTED" | "DENIED") =>
  new RegistryError({ code, status, method: "DELETE", url: "memory://registry", detail: "" });

describe("deleting one tag", () => {
  test("by tag: another tag of the same manifest stays", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0", "latest");
    expect(await deleteTag(held, placed, await ready(held, placed), signal)).toEqual({ kind: "deleted" });
    expect([...held.tagged.keys()]).toEqual(["latest"]);
  });

  test("by digest where the registry knows no other way, and nothing else needs it", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0");
    put(held, "b", "2.0");
    expect(await deleteTag(held, placed, await ready(held, placed), signal)).toEqual({ kind: "deleted" });
    expect([...held.tagged.keys()]).toEqual(["2.0"]);
  });

  test("refused by digest: another tag shares it", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0", "latest");
    const answer = await deleteTag(held, placed, await ready(held, placed), signal);
    expect(answer).toEqual({ kind: "refused", reason: "shared-digest" });
    expect([...held.tagged.keys()]).toEqual(["1.0", "latest"]);
  });

  test("refused by digest: it is one platform of an index, however deep that lies", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0-amd64");
    const child = { mediaType: MANIFEST, digest: placed.digest, size: 1 };
    const inner = held.putManifest({ schemaVersion: 2, mediaType: INDEX, manifests: [child] });
    held.putManifest({ schemaVersion: 2, mediaType: INDEX, manifests: [inner] }, "1.0");
    const answer = await deleteTag(held, placed, await ready(held, placed), signal);
    expect(answer).toEqual({ kind: "refused", reason: "part-of-index" });
    expect(held.manifests.has(placed.digest)).toBe(true);
  });

  test.each([
    [405, "UNSUPPORTED", "unsupported"],
    [403, "DENIED", "denied"],
    [401, "DENIED", "denied"],
  ] as const)("refused: the registry answers %i", async (status, code, reason) => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    const prepared = await ready(held, placed);
    held.deleteManifest = async () => {
      throw refused(status, code);
    };
    expect(await deleteTag(held, placed, prepared, signal)).toEqual({ kind: "refused", reason });
  });

  test("refused: too many tags to ask each of them", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0");
    for (let n = 0; n < 1_001; n += 1) {
      held.tagged.set(`build-${n}`, "sha256:".padEnd(71, "b"));
    }
    const answer = await deleteTag(held, placed, await ready(held, placed), signal);
    expect(answer).toEqual({ kind: "refused", reason: "too-many-tags" });
  });

  test("what a registry takes along that deletes the whole manifest is put back", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0", "latest");
    const prepared = await ready(held, placed);
    const remove = held.deleteManifest.bind(held);
    held.deleteManifest = (reference, options) => remove(held.tagged.get(reference) ?? reference, options);
    expect(await deleteTag(held, placed, prepared, signal)).toEqual({ kind: "deleted" });
    expect([...held.tagged]).toEqual([["latest", placed.digest]]);
  });

  test("a registry that accepts and does nothing is found out", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    const prepared = await ready(held, placed);
    held.deleteManifest = async () => undefined;
    expect(await deleteTag(held, placed, prepared, signal)).toEqual({ kind: "still-there" });
  });

  test("what moved at the target, or is gone there, is not prepared for", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    put(held, "b", "1.0");
    expect(await prepareDeletion(held, placed, signal)).toEqual({ kind: "moved" });
    held.tagged.delete("1.0");
    expect(await prepareDeletion(held, placed, signal)).toEqual({ kind: "gone" });
  });
});

describe("putting a tag back", () => {
  test("under its name, byte for byte; but never over something newer, and not without its content", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    const prepared = await ready(held, placed);
    await deleteTag(held, placed, prepared, signal);
    expect(await restoreTag(held, "1.0", prepared.manifest, signal)).toBe("restored");
    expect(held.tagged.get("1.0")).toBe(placed.digest);
    expect(await restoreTag(held, "1.0", prepared.manifest, signal)).toBe("restored");

    put(held, "newer", "1.0");
    expect(await restoreTag(held, "1.0", prepared.manifest, signal)).toBe("taken");

    held.tagged.clear();
    held.blobs.clear();
    expect(await restoreTag(held, "1.0", prepared.manifest, signal)).toBe("content-gone");
    expect(held.tagged.size).toBe(0);
  });
});

describe("what the source says", () => {
  test("gone only where a neighbour is there and the list agrees", async () => {
    const held = repository();
    put(held, "a", "1.0", "2.0");
    const look = () => sightingsOf(held, signal);
    expect(await look()("1.0")).toMatchObject({ kind: "there" });
    expect(await look()("3.0")).toEqual({ kind: "gone" });

    held.tagged.set("ghost", "sha256:".padEnd(71, "0"));
    expect(await look()("ghost")).toEqual({ kind: "unsure" });

    held.manifests.clear();
    expect(await look()("3.0")).toEqual({ kind: "unsure" });

    held.tagged.clear();
    expect(await look()("3.0")).toEqual({ kind: "empty" });
    held.tagged.set("sha256-".padEnd(71, "a"), "sha256:".padEnd(71, "0"));
    expect(await look()("3.0")).toEqual({ kind: "empty" });
  });
});

test("sharing names each other tag once, and signatures that are tags too", async () => {
  const held = repository();
  const placed = put(held, "a", "1.0", "latest", "stable");
  expect(await sharingOf(held, placed, signal)).toEqual({ tags: ["latest", "stable"], byDigest: false });
});
