import { describe, expect, test } from "vitest";
import { deleteTag } from "./delete-tag.ts";
import {
  digestOnly,
  how,
  INDEX,
  MANIFEST,
  put,
  ready,
  refused,
  repository,
  signal,
} from "./held-tags.testing.ts";
import { prepareDeletion } from "./prepare-deletion.ts";
import { putRight, restoreTag } from "./put-back.ts";
import { SHARING_LIMIT } from "./sharing.ts";
import { sightingsOf } from "./source-sighting.ts";

describe("deleting one tag", () => {
  test("by tag: another tag of the same manifest stays", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0", "latest");
    expect(await deleteTag(held, placed, await ready(held, placed), how(held))).toEqual({ kind: "deleted" });
    expect([...held.tagged.keys()]).toEqual(["latest"]);
  });

  test("by digest where the registry knows no other way, and nothing else needs it", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0");
    put(held, "b", "2.0");
    expect(await deleteTag(held, placed, await ready(held, placed), how(held))).toEqual({ kind: "deleted" });
    expect([...held.tagged.keys()]).toEqual(["2.0"]);
  });

  test("refused by digest: another tag shares it", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0", "latest");
    const answer = await deleteTag(held, placed, await ready(held, placed), how(held));
    expect(answer).toEqual({ kind: "refused", reason: "shared-digest" });
    expect([...held.tagged.keys()]).toEqual(["1.0", "latest"]);
  });

  test("refused by digest: it is one platform of an index, however deep that lies", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0-amd64");
    const child = { mediaType: MANIFEST, digest: placed.digest, size: 1 };
    const inner = held.putManifest({ schemaVersion: 2, mediaType: INDEX, manifests: [child] });
    held.putManifest({ schemaVersion: 2, mediaType: INDEX, manifests: [inner] }, "1.0");
    const answer = await deleteTag(held, placed, await ready(held, placed), how(held));
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
    expect(await deleteTag(held, placed, prepared, how(held))).toEqual({ kind: "refused", reason });
  });

  test("refused: too many tags to ask each of them", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0");
    for (let n = 0; n <= SHARING_LIMIT; n += 1) {
      held.tagged.set(`build-${n}`, "sha256:".padEnd(71, "b"));
    }
    const answer = await deleteTag(held, placed, await ready(held, placed), how(held));
    expect(answer).toEqual({ kind: "refused", reason: "too-many-tags" });
  });

  test("what a registry takes along that deletes the whole manifest is put back", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0", "latest");
    const prepared = await ready(held, placed);
    const remove = held.deleteManifest.bind(held);
    held.deleteManifest = (reference, options) => remove(held.tagged.get(reference) ?? reference, options);
    expect(await deleteTag(held, placed, prepared, how(held))).toEqual({ kind: "deleted" });
    expect([...held.tagged]).toEqual([["latest", placed.digest]]);
  });

  test.each([
    { name: "the tag", held: repository(), before: 1 },
    { name: "the digest, which follows", held: digestOnly(repository()), before: 2 },
  ])(
    "whoever lost the right to it deletes nothing: before the request for $name",
    async ({ held, before }) => {
      const placed = put(held, "a", "1.0");
      const lost = new Error("lease lost");
      let asked = 0;
      const beforeDelete = async () => {
        asked += 1;
        if (asked === before) {
          throw lost;
        }
      };
      const prepared = await ready(held, placed);
      await expect(deleteTag(held, placed, prepared, { ...how(held), beforeDelete })).rejects.toBe(lost);
      expect([...held.tagged.keys()]).toEqual(["1.0"]);
    },
  );

  test("a registry that accepts and does nothing is found out", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    const prepared = await ready(held, placed);
    held.deleteManifest = async () => undefined;
    expect(await deleteTag(held, placed, prepared, how(held))).toEqual({ kind: "still-there" });
  });

  test("what moved at the target, or is gone there, is not prepared for", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    put(held, "b", "1.0");
    expect(await prepareDeletion(held, placed, how(held))).toEqual({ kind: "moved" });
    held.tagged.delete("1.0");
    expect(await prepareDeletion(held, placed, how(held))).toEqual({ kind: "gone" });
  });
});

describe("putting a tag back", () => {
  test("under its name, byte for byte; but never over something newer, and not without its content", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    const prepared = await ready(held, placed);
    await deleteTag(held, placed, prepared, how(held));
    expect(await restoreTag(held, "1.0", prepared.manifest, { signal })).toBe("restored");
    expect(held.tagged.get("1.0")).toBe(placed.digest);
    expect(await restoreTag(held, "1.0", prepared.manifest, { signal })).toBe("restored");

    put(held, "newer", "1.0");
    expect(await restoreTag(held, "1.0", prepared.manifest, { signal })).toBe("taken");

    held.tagged.clear();
    held.blobs.clear();
    expect(await restoreTag(held, "1.0", prepared.manifest, { signal })).toBe("content-gone");
    expect(held.tagged.size).toBe(0);
  });

  test("nothing by whoever lost the right to it", async () => {
    const lost = new Error("lease lost");
    const beforeWrite = async () => {
      throw lost;
    };
    const held = repository();
    const placed = put(held, "a", "1.0", "latest");
    const prepared = await ready(held, placed);
    held.tagged.clear();
    await expect(restoreTag(held, "1.0", prepared.manifest, { signal, beforeWrite })).rejects.toBe(lost);
    await expect(putRight(held, prepared, { signal, beforeWrite })).rejects.toBe(lost);
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
