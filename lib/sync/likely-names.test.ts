import { describe, expect, test } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError } from "../registry/errors.ts";
import { MemoryRegistry, type MemoryRepository } from "../registry/memory-repository.ts";
import type { ResolveOptions } from "../registry/repository.ts";
import { MEDIA } from "../testing/content.ts";
import { copyTag } from "./copy-tag.ts";
import { LikelyNames } from "./likely-names.ts";
import { memoryPlacements } from "./placements.ts";
import { targetMemory } from "./target-memory.ts";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const named = (letter: string): Descriptor => ({
  mediaType: MEDIA.manifest,
  digest: digestOf(letter),
  size: 7,
});
const likely = (letter: string) => ({ mediaType: MEDIA.manifest, digest: digestOf(letter) });

/** What each request asked about, and what a registry that compares says to it; one that does not agrees to anything. */
function target(tags: Record<string, string>, { compares = true } = {}) {
  const asked: (string | undefined)[] = [];
  return {
    asked,
    async resolve(tag: string, { known }: ResolveOptions = {}): Promise<Descriptor | null> {
      asked.push(known?.digest);
      const letter = tags[tag];
      if (letter === undefined) {
        return null;
      }
      return known && (!compares || known.digest === digestOf(letter)) ? known : named(letter);
    },
  };
}

const NOBODY = digestOf("0");

describe("a tag is asked for by what it likely names", () => {
  test("once its registry has said no to what no tag names", async () => {
    const repository = target({ one: "a", two: "b", three: "c" });
    const names = new LikelyNames();
    expect(await names.ask(repository, "one", { likely: likely("a") })).toMatchObject(likely("a"));
    expect(await names.ask(repository, "two", { likely: likely("b") })).toMatchObject(likely("b"));
    // It names something else by now.
    expect(await names.ask(repository, "three", { likely: likely("d") })).toMatchObject(likely("c"));
    expect(repository.asked).toEqual([NOBODY, digestOf("b"), digestOf("d")]);
  });

  test("a tag that is not there proves nothing", async () => {
    const repository = target({ one: "a" });
    const names = new LikelyNames();
    expect(await names.ask(repository, "gone", { likely: likely("a") })).toBeNull();
    await names.ask(repository, "one", { likely: likely("a") });
    expect(repository.asked).toEqual([NOBODY, NOBODY]);
  });

  test("questions beside the first one are believed when that is answered, and not before", async () => {
    const asked: (Descriptor | undefined)[] = [];
    const waiting: ((answer: Descriptor) => void)[] = [];
    const repository = {
      resolve: (_tag: string, { known }: ResolveOptions = {}) => {
        asked.push(known);
        return new Promise<Descriptor>((resolve) => waiting.push(resolve));
      },
    };
    const names = new LikelyNames();
    const first = names.ask(repository, "one", { likely: likely("a") });
    const second = likely("b");
    let believed: unknown;
    const beside = names.ask(repository, "two", { likely: second }).then((answer) => {
      believed = answer;
    });
    expect(asked.map((known) => known?.digest)).toEqual([NOBODY, digestOf("b")]);
    waiting[1]?.(asked[1] as Descriptor);
    await new Promise(setImmediate);
    expect(believed).toBeUndefined();
    waiting[0]?.(named("a"));
    await Promise.all([first, beside]);
    expect(believed).toBe(second);
    expect(asked).toHaveLength(2);
  });

  test.each([
    ["agrees to anything", false, { one: "a", two: "b" }, [named("a"), named("b")]],
    ["has not the first tag", true, { two: "b" }, [null, named("b")]],
  ])(
    "what was said beside a first answer that proves nothing is asked again: %s",
    async (_what, compares, tags, found) => {
      const repository = target(tags, { compares });
      const names = new LikelyNames();
      const answers = await Promise.all([
        names.ask(repository, "one", { likely: likely("f") }),
        names.ask(repository, "two", { likely: likely("b") }),
      ]);
      expect(answers).toEqual(found);
      expect(repository.asked.slice(0, 2)).toEqual([NOBODY, digestOf("b")]);
      expect(repository.asked.slice(2)).toContain(undefined);
    },
  );

  test("a registry that refuses such questions is asked plainly, and never so any more", async () => {
    const repository = target({ one: "a", two: "b", three: "c" });
    const resolve = repository.resolve.bind(repository);
    const refused = new RegistryError({
      ...{ code: "UNSUPPORTED", status: 400, method: "HEAD" },
      url: "",
      detail: "",
    });
    repository.resolve = (tag, options) => (options?.known ? Promise.reject(refused) : resolve(tag, options));
    const names = new LikelyNames();
    const ask = (tag: string, letter: string) => names.ask(repository, tag, { likely: likely(letter) });
    expect(await Promise.all([ask("one", "a"), ask("two", "b")])).toEqual([named("a"), named("b")]);
    expect(await ask("three", "c")).toEqual(named("c"));
    expect(repository.asked).toEqual([undefined, undefined, undefined]);
  });

  test("what is refused once it has said no to one of them is an error", async () => {
    const repository = target({ one: "a" });
    const resolve = repository.resolve.bind(repository);
    const denied = new RegistryError({
      ...{ code: "DENIED", status: 403, method: "HEAD" },
      url: "",
      detail: "",
    });
    repository.resolve = (tag, options) => (tag === "two" ? Promise.reject(denied) : resolve(tag, options));
    const names = new LikelyNames();
    await names.ask(repository, "one", { likely: likely("a") });
    await expect(names.ask(repository, "two", { likely: likely("b") })).rejects.toBe(denied);
    expect(repository.asked).toEqual([NOBODY]);
  });

  test("a first question that fails proves nothing, and fails for whoever asked it alone", async () => {
    const repository = target({ two: "b" });
    const resolve = repository.resolve.bind(repository);
    repository.resolve = (tag, options) =>
      tag === "one" ? Promise.reject(new Error("gone")) : resolve(tag, options);
    const names = new LikelyNames();
    const both = await Promise.allSettled([
      names.ask(repository, "one", { likely: likely("a") }),
      names.ask(repository, "two", { likely: likely("b") }),
    ]);
    expect(both).toEqual([
      { status: "rejected", reason: new Error("gone") },
      { status: "fulfilled", value: named("b") },
    ]);
    expect(repository.asked).toEqual([digestOf("b"), undefined]);
  });

  test("where nothing is likely it is asked what it names", async () => {
    const repository = target({ one: "a", two: "b" });
    const names = new LikelyNames();
    await names.ask(repository, "one", {});
    expect(await names.ask(repository, "two", {})).toEqual(named("b"));
    expect(repository.asked).toEqual([undefined, undefined]);
  });

  test("a registry that agrees to anything is asked again, and never so any more", async () => {
    const repository = target({ one: "a", two: "b" }, { compares: false });
    const names = new LikelyNames();
    expect(await names.ask(repository, "one", { likely: likely("f") })).toEqual(named("a"));
    expect(await names.ask(repository, "two", { likely: likely("f") })).toEqual(named("b"));
    expect(repository.asked).toEqual([NOBODY, undefined, undefined]);
  });
});

test.each([true, false])("a copy asks so where names alone are compared: %s", async (comparesNames) => {
  const tags = ["one", "two"];
  const ends = ["source", "target"].map((end) => new MemoryRegistry(`memory://${end}`).repository("app"));
  const [source, target] = ends as [MemoryRepository, MemoryRepository];
  const [first] = ends.map((end) => {
    const config = end.putBlob(Buffer.from("{}"), MEDIA.config);
    return tags.map((tag) =>
      end.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [] }, tag),
    )[0];
  });
  const asked: (string | undefined)[] = [];
  const resolve = target.resolve.bind(target);
  target.resolve = (tag, options) => {
    asked.push(options?.known?.digest);
    return resolve(tag, options);
  };
  const placements = memoryPlacements();
  targetMemory(placements).comparesNames = comparesNames;
  const { digest, mediaType } = first as Descriptor;
  for (const tag of tags) {
    const outcome = await copyTag(
      { source, target, tag, digest, mediaType, override: false },
      { placements, signal: new AbortController().signal, onProgress: () => undefined },
    );
    expect(outcome.status).toBe("up-to-date");
  }
  expect(asked).toEqual(comparesNames ? [NOBODY, digest] : [undefined, undefined]);
});
