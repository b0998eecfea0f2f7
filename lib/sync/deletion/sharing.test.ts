import { describe, expect, test } from "vitest";
import type { MemoryRepository } from "../../registry/memory-repository.ts";
import { deleteTag } from "./delete-tag.ts";
import { digestOnly, how, INDEX, MANIFEST, put, readyWith, repository, signal } from "./held-tags.testing.ts";
import type { PlacedTag } from "./prepare-deletion.ts";
import { SharedDigests } from "./sharing.ts";

/** More than are asked again each time. */
const MANY = Array.from({ length: 65 }, (_, n) => `build-${n}`);

describe("what else needs a digest", () => {
  test("each other tag is named once, and signatures that are tags too", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0", "latest", "stable");
    expect(await new SharedDigests(held).of(placed, signal)).toEqual({
      tags: ["latest", "stable"],
      byDigest: false,
    });
  });

  /** Counts what is asked of a repository. */
  function counted(held: MemoryRepository): { resolved: string[]; fetched: string[] } {
    const asked = { resolved: [] as string[], fetched: [] as string[] };
    const [resolve, fetchManifest] = [held.resolve.bind(held), held.fetchManifest.bind(held)];
    held.resolve = (reference, options) => {
      asked.resolved.push(reference);
      return resolve(reference, options);
    };
    held.fetchManifest = (reference, options) => {
      asked.fetched.push(reference);
      return fetchManifest(reference, options);
    };
    return asked;
  }

  test("each tag is asked once a while and not once a deletion; an index is looked into once", async () => {
    const held = repository();
    const placed = ["1.0", "1.1", "1.2"].map((tag) => put(held, tag, tag));
    const child = { mediaType: MANIFEST, digest: put(held, "amd64", "amd64").digest, size: 1 };
    held.putManifest({ schemaVersion: 2, mediaType: INDEX, manifests: [child] }, "multi");
    const asked = counted(held);
    let nowMs = 0;
    const shared = new SharedDigests(held, () => nowMs);
    for (const tag of placed) {
      expect(await shared.of(tag, signal)).toEqual({ tags: [], byDigest: false });
    }
    // 1.0 by the second deletion: the first is about itself.
    expect(asked.resolved.toSorted()).toEqual(["1.0", "1.1", "1.2", "amd64", "multi"]);
    expect(asked.fetched).toHaveLength(1);

    nowMs += 20_000;
    await shared.of(placed[0] as PlacedTag, signal);
    expect(asked.resolved.slice(5).toSorted()).toEqual(["1.1", "1.2", "amd64", "multi"]);
    expect(asked.fetched).toHaveLength(1);
  });

  test("a tag that came since is asked at once", async () => {
    const held = repository();
    const placed = put(held, "a", "1.0");
    const shared = new SharedDigests(held);
    expect(await shared.of(placed, signal)).toMatchObject({ tags: [] });
    held.tagged.set("new", placed.digest);
    expect(await shared.of(placed, signal)).toMatchObject({ tags: ["new"] });
  });

  test.each(["moved", "new"])(
    "a tag that names it since, %s, is seen before the digest goes",
    async (tag) => {
      const held = digestOnly(repository());
      const placed = put(held, "a", "1.0");
      put(held, "b", "moved");
      const steps = how(held);
      const prepared = await readyWith(held, placed, steps);
      held.tagged.set(tag, placed.digest);
      const refused = { kind: "refused", reason: "shared-digest" };
      expect(await deleteTag(held, placed, prepared, steps)).toEqual(refused);
      expect(held.tagged.get("1.0")).toBe(placed.digest);
    },
  );

  test("where there are too many tags to ask all of them again, what came since is seen all the same", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0");
    put(held, "b", ...MANY);
    const steps = how(held);
    const prepared = await readyWith(held, placed, steps);
    held.tagged.set("new", placed.digest);
    const asked = counted(held);
    expect(await deleteTag(held, placed, prepared, steps)).toMatchObject({ reason: "shared-digest" });
    expect(asked.resolved).toEqual(["new"]);
  });

  test("a tag that was moved to it unseen and is taken along by digest is put back; one that somebody deleted is not", async () => {
    const held = digestOnly(repository());
    const placed = put(held, "a", "1.0");
    put(held, "b", "latest", ...MANY);
    const theirs = put(held, "c", "old");
    const steps = how(held);
    const prepared = await readyWith(held, placed, steps);
    held.tagged.set("latest", placed.digest);
    await held.deleteManifest(theirs.digest);
    expect(await deleteTag(held, placed, prepared, steps)).toEqual({ kind: "deleted" });
    expect([...held.tagged].filter(([name]) => !MANY.includes(name))).toEqual([["latest", placed.digest]]);
  });
});
