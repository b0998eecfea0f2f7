import { expect, test } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import type { ResolveOptions } from "../registry/repository.ts";
import { MEDIA } from "../testing/content.ts";
import { RememberedNames } from "./remembered-names.ts";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const named = (letter: string, mediaType: string = MEDIA.manifest): Descriptor => ({
  mediaType,
  digest: digestOf(letter),
  size: 7,
});

/** What the next run is given. */
const textOf = (names: RememberedNames) => Buffer.concat([...names.pieces()]).toString();

/** A run that kept these; what the next one is given. */
function after(tags: Record<string, Descriptor>, before = ""): RememberedNames {
  const names = new RememberedNames(before);
  for (const [place, descriptor] of Object.entries(tags)) {
    const [repository = "", tag = ""] = place.split(":");
    names.keep(repository, tag, descriptor);
  }
  return names;
}

test("what a run kept is known to the next one, beside what was known before", () => {
  const first = after({ "team/app:v1": named("a"), "team/app:v2": named("b", MEDIA.index) });
  const second = after({ "team/app:v1": named("c"), "team/web:v1": named("d") }, textOf(first));
  const third = new RememberedNames(textOf(second));
  expect(third.of("team/app", "v1")).toEqual(named("c"));
  expect(third.of("team/app", "v2")).toEqual(named("b", MEDIA.index));
  expect(third.of("team/web", "v1")).toEqual(named("d"));
  expect([third.of("team/web", "v2"), third.of("team/api", "v1")]).toEqual([undefined, undefined]);
});

test("it is to be written when something is new, and not otherwise", () => {
  const first = after({ "team/app:v1": named("a") });
  expect([first.changed, new RememberedNames().changed]).toEqual([true, false]);
  expect(after({ "team/app:v1": named("a") }, textOf(first)).changed).toBe(false);
  expect(after({ "team/app:v1": named("b") }, textOf(first)).changed).toBe(true);
});

test("names that objects have anyway are names like others", () => {
  const kept = { "team/app:__proto__": named("a"), "constructor:toString": named("b") };
  const names = new RememberedNames(textOf(after(kept)));
  expect(names.of("team/app", "__proto__")).toEqual(named("a"));
  expect(names.of("constructor", "toString")).toEqual(named("b"));
  expect(names.of("team/app", "constructor")).toBeUndefined();
  expect(names.of("__proto__", "toString")).toBeUndefined();
  names.keep("constructor", "keys", named("c"));
  expect(typeof Object.keys).toBe("function");
});

test("a list is no record of tags, whatever they are called", () => {
  const names = new RememberedNames(JSON.stringify({ types: [], repositories: { "team/app": [null] } }));
  expect(names.of("team/app", "length")).toBeUndefined();
  names.keep("team/app", "length", named("a"));
  expect(new RememberedNames(textOf(names)).of("team/app", "length")).toEqual(named("a"));
});

test("what was asked for is said as it was, and written as it was", () => {
  const text = textOf(after({ "team/app:v1": named("a"), "team/app:__proto__": named("b", MEDIA.index) }));
  const names = new RememberedNames(text);
  expect(names.of("team/app", "v1")).toBe(names.of("team/app", "v1"));
  expect(names.of("team/app", "__proto__")).toBe(names.of("team/app", "__proto__"));
  expect(textOf(names)).toBe(text);
});

const written = (line: unknown, types: unknown = [MEDIA.manifest]) =>
  JSON.stringify({ types, repositories: { "team/app": { v1: line } } });

test.each([
  ["no text", ""],
  ["half of it", written([digestOf("a"), 7, 0]).slice(0, 40)],
  ["a list", "[]"],
  ["null", "null"],
  ["no types", written([digestOf("a"), 7, 0], {})],
  ["no line", written(null)],
  ["no digest", written(["sha256:a\\r\\nhost: elsewhere", 7, 0])],
  ["no size", written([digestOf("a"), "7", 0])],
  ["no type", written([digestOf("a"), 7, 1])],
  ["a type that no manifest has", written([digestOf("a"), 7, 0], ["text/html"])],
  ["a repository that is null", JSON.stringify({ types: [], repositories: { "team/web": null } })],
  ["repositories that are none", JSON.stringify({ types: [], repositories: { "team/app": "v1" } })],
])("what is no such text is as if nothing were remembered: %s", (_what, text) => {
  const names = new RememberedNames(text);
  expect(names.of("team/app", "v1")).toBeUndefined();
  names.keep("team/app", "v1", named("a"));
  expect(new RememberedNames(textOf(names)).of("team/app", "v1")).toEqual(named("a"));
});

test("what is kept until the end is kept by itself", () => {
  const names = new RememberedNames();
  for (let place = 0; place < 640; place++) {
    names.keep("team/app", `v${place}`, named("a"));
  }
  const held = [...names.pieces()].filter(({ byteLength }) => byteLength > 4_000);
  expect(held.length).toBe(10);
  expect(held.every(({ byteLength, buffer }) => buffer.byteLength === byteLength)).toBe(true);
});

test("there is an end to what is remembered: what was kept last stays", () => {
  const many = new RememberedNames();
  for (let place = 0; place < 50_000; place++) {
    many.keep("team/old", `v${place}`, named("a"));
  }
  const next = new RememberedNames(textOf(after({ "team/app:v1": named("b") }, textOf(many))));
  expect(next.of("team/app", "v1")).toEqual(named("b"));
  expect(next.of("team/old", "v49998")).toEqual(named("a"));
  expect(next.of("team/old", "v49999")).toBeUndefined();
});

/** A source; one that does not compare agrees to anything. */
function source(tags: Record<string, Descriptor>, compares: boolean) {
  const asked: (string | undefined)[] = [];
  const resolve = async (tag: string, { known }: ResolveOptions = {}) => {
    asked.push(known?.digest);
    const found = tags[tag] ?? null;
    return known && (!compares || known.digest === found?.digest) ? known : found;
  };
  return { asked, repository: { name: "team/app", resolve } };
}

test.each([true, false])(
  "the source is asked about it and has the last word; it compares: %s",
  async (compares) => {
    const before = { v1: named("a"), v2: named("b"), v3: named("c"), v4: named("d") };
    const kept = Object.entries(before).map(([tag, descriptor]) => [`team/app:${tag}`, descriptor]);
    const names = new RememberedNames(textOf(after(Object.fromEntries(kept))));
    const { v4: _gone, ...rest } = before;
    const now = { ...rest, v3: named("e"), v5: named("f") };
    const { asked, repository } = source(now, compares);
    const signal = new AbortController().signal;
    const tags = ["v1", "v2", "v3", "v4", "v5"];
    const found = await Promise.all(tags.map((tag) => names.ask(repository, tag, { signal })));
    expect(found).toEqual([now.v1, now.v2, now.v3, null, now.v5]);
    expect(asked.slice(0, 5)).toEqual([digestOf("0"), ...["b", "c", "d"].map(digestOf), undefined]);
    // Once each where it compares.
    expect(asked.length).toBe(compares ? 5 : 9);
  },
);
