import { expect, test } from "vitest";
import { ContentError, RegistryError } from "../registry/errors.ts";
import { OCI_MANIFEST } from "../registry/media-types.ts";
import { MemoryRepository } from "../registry/memory-repository.ts";
import type { Manifest } from "../registry/repository.ts";
import { type Lookahead, nameOf } from "./lookahead.ts";

const signal = new AbortController().signal;
const refused = new RegistryError({
  code: "MANIFEST_UNKNOWN",
  status: 404,
  method: "GET",
  url: "",
  detail: "",
});
const busy = new RegistryError({ code: "UNKNOWN", status: 503, method: "GET", url: "", detail: "" });

/** A tag that is read by GET fails with what is given, or not at all. */
async function named({ lacks = true, failure }: { lacks?: boolean; failure?: Error } = {}) {
  const asked: string[] = [];
  const read: Manifest[] = [];
  const source = new MemoryRepository();
  const descriptor = source.putManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST }, "v1");
  const ahead: Lookahead = {
    coming: () => undefined,
    wanted: () => undefined,
    lacks: async () => lacks,
    read: (manifest) => read.push(manifest),
  };
  const repository = {
    name: source.name,
    resolve: (tag: string) => {
      asked.push("HEAD");
      return source.resolve(tag);
    },
    fetchManifest: async (tag: string) => {
      asked.push("GET");
      if (failure) {
        throw failure;
      }
      return source.fetchManifest(tag);
    },
  };
  const found = await nameOf(repository, "v1", { ahead, signal });
  expect(found?.descriptor).toEqual(descriptor);
  return { asked, read: read.map((manifest) => manifest.descriptor) };
}

test("what is to be copied is read at once, everything else asked for", async () => {
  const { asked, read } = await named();
  expect([asked, read.length]).toEqual([["GET"], 1]);
  expect(await named({ lacks: false })).toEqual({ asked: ["HEAD"], read: [] });
});

test.each([
  ["the source refuses it", refused],
  ["it is damaged", new ContentError("DIGEST_MISMATCH", "one", "another")],
])("%s: what the tag names is asked for, and the copy says what is wrong", async (_what, failure) => {
  expect(await named({ failure })).toEqual({ asked: ["GET", "HEAD"], read: [] });
});

test("a source that cannot answer is not asked in another way", async () => {
  await expect(named({ failure: busy })).rejects.toBe(busy);
});
