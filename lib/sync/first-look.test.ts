import { afterEach, describe, expect, test, vi } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import { FirstLooks } from "./first-looks.ts";

const named: Descriptor = { mediaType: "application/json", digest: `sha256:${"0".repeat(64)}`, size: 2 };

/** A repository of a target that writes down what it is asked. */
function repository(name: string, standing: string[], { lists = true } = {}) {
  const asked: string[] = [];
  return {
    name,
    asked,
    async resolve(tag: string) {
      asked.push(tag);
      return standing.includes(tag) ? named : null;
    },
    async *tags() {
      asked.push("list");
      if (!lists) {
        throw new Error("may not list");
      }
      yield standing;
    },
  };
}

/** A list that is waited for in vain. */
const never: AsyncIterable<string[]> = {
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
};

const answers = (look: ReturnType<FirstLooks["at"]>, tags: string[]) =>
  Promise.all(tags.map(async (tag) => (await look.resolve(tag, {})) !== null));

describe("what the target is asked before anything is done", () => {
  test("a tag that is not there: one list, and nobody asks for what it does not name", async () => {
    const target = repository("a", ["v3"]);
    expect(await answers(new FirstLooks().at(target), ["v1", "v2", "v3"])).toEqual([false, false, true]);
    expect(target.asked).toEqual(["v1", "list", "v3"]);
  });

  test("a tag that stands: each is asked for, and nothing is listed", async () => {
    const target = repository("a", ["v1", "v2"]);
    expect(await answers(new FirstLooks().at(target), ["v1", "v2", "v3"])).toEqual([true, true, false]);
    expect(target.asked).toEqual(["v1", "v2", "v3"]);
  });

  test("after an empty repository the next one is listed straight away, and asked for what stands there", async () => {
    const looks = new FirstLooks();
    const [empty, next, full] = [repository("a", []), repository("b", []), repository("c", ["v2"])];
    await answers(looks.at(empty), ["v1", "v2"]);
    expect(await answers(looks.at(next), ["v1", "v2"])).toEqual([false, false]);
    expect(next.asked).toEqual(["list"]);
    expect(await answers(looks.at(full), ["v1", "v2"])).toEqual([false, true]);
    expect(full.asked).toEqual(["list", "v2"]);
  });

  test("who may not list asks for each tag", async () => {
    const target = repository("a", ["v2"], { lists: false });
    expect(await answers(new FirstLooks().at(target), ["v1", "v2"])).toEqual([false, true]);
    expect(target.asked).toEqual(["v1", "list", "v2"]);
  });

  test("what was looked at ahead is not asked for again, and only once is it the answer", async () => {
    const target = repository("a", ["v1", "v2"]);
    const look = new FirstLooks().at(target);
    look.ahead(["v1", "v2"], {});
    expect(await answers(look, ["v1", "v2"])).toEqual([true, true]);
    expect(target.asked).toEqual(["v1", "v2"]);
    await answers(look, ["v1"]);
    expect(target.asked).toEqual(["v1", "v2", "v1"]);
  });

  test("a failure is told to whoever wants to know", async () => {
    const target = { ...repository("a", []), resolve: () => Promise.reject(new Error("no answer")) };
    const look = new FirstLooks().at(target);
    look.ahead(["v1", "v2"], {});
    await expect(look.resolve("v2", {})).rejects.toThrow("no answer");
  });
});

describe("what was found out by whoever planned", () => {
  afterEach(() => void vi.restoreAllMocks());

  test("what is absent is not asked for again", async () => {
    const target = repository("a", ["v3"]);
    const look = new FirstLooks().at(target);
    await look.foresee("v1", {});
    expect([await look.lacks("v1"), await look.lacks("v2"), await look.lacks("v3")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await answers(look, ["v1", "v2", "v3"])).toEqual([false, false, true]);
    expect(target.asked).toEqual(["v1", "list", "v3"]);
  });

  test("what stands is the answer for who copies at once, and asked for again by who copies later", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const target = repository("a", ["v1"]);
    const look = new FirstLooks().at(target);
    await look.foresee("v1", {});
    expect(await look.lacks("v1")).toBe(false);
    expect(await answers(look, ["v1", "v1"])).toEqual([true, true]);
    expect(target.asked).toEqual(["v1", "v1"]);

    const late = repository("b", ["v1"]);
    const lateLook = new FirstLooks().at(late);
    await lateLook.foresee("v1", {});
    now.mockReturnValue(3_000);
    expect(await answers(lateLook, ["v1"])).toEqual([true]);
    expect(late.asked).toEqual(["v1", "v1"]);
  });

  test("after a repository whose tag stood nothing is found out any more", async () => {
    const looks = new FirstLooks();
    await looks.at(repository("a", ["v1"])).foresee("v1", {});
    const next = repository("b", []);
    await looks.at(next).foresee("v1", {});
    expect(next.asked).toEqual([]);
  });

  test("what failed for him is asked for again", async () => {
    let answer: () => Promise<Descriptor | null> = () => Promise.reject(new Error("given up"));
    const target = { ...repository("a", []), resolve: () => answer() };
    const look = new FirstLooks().at(target);
    await look.foresee("v1", {});
    answer = () => Promise.resolve(named);
    expect(await look.resolve("v1", {})).toBe(named);
  });
});

describe("a target that is far away", () => {
  test("is listed at once, and each tag asked for meanwhile: what is absent needs no other last look", async () => {
    const target = repository("a", ["v2"]);
    const look = new FirstLooks().at(target);
    look.listEarly({});
    look.ahead(["v1", "v2"], {});
    expect([await look.lacks("v1"), await look.lacks("v2")]).toEqual([true, false]);
    expect(await answers(look, ["v1", "v2"])).toEqual([false, true]);
    expect(await look.last("v1", {})).toBeNull();
    expect(target.asked).toEqual(["list", "v1", "v2"]);
    // Once.
    await look.last("v1", {});
    expect(target.asked).toEqual(["list", "v1", "v2", "v1"]);
    expect([look.distant, look.empty]).toEqual([true, false]);
  });

  test("a list that does not come keeps nobody waiting", async () => {
    const target = { ...repository("a", ["v2"]), tags: () => never };
    const look = new FirstLooks().at(target);
    look.listEarly({});
    look.ahead(["v1", "v2"], {});
    expect(await look.lacks("v1")).toBe(false);
    expect(await answers(look, ["v1", "v2"])).toEqual([false, true]);
  });

  test("where it may not be listed each tag is asked for as it is, once", async () => {
    const target = repository("a", ["v2"], { lists: false });
    const look = new FirstLooks().at(target);
    look.listEarly({});
    look.ahead(["v1", "v2"], {});
    expect(await look.lacks("v1")).toBe(false);
    expect(await answers(look, ["v1", "v2"])).toEqual([false, true]);
    expect(target.asked).toEqual(["list", "v1", "v2"]);
  });
});

describe("a target that is far away, or may be, of whoever plans", () => {
  test("is listed once before any tag is known: of an empty one everything is absent", async () => {
    const looks = new FirstLooks();
    const target = repository("a", []);
    const look = looks.at(target);
    const foreseen = look.foreseeAll({});
    // Whoever wants to know meanwhile waits for the list.
    expect(await look.lacks("v1")).toBe(true);
    await foreseen;
    await look.foreseeAll({});
    await look.foresee("v1", {});
    expect(await answers(look, ["v1", "v2"])).toEqual([false, false]);
    expect([target.asked, look.empty]).toEqual([["list"], true]);

    const next = repository("b", []);
    await looks.at(next).foreseeAll({});
    // It is over when that is known.
    expect([next.asked, looks.at(next).empty]).toEqual([["list"], true]);
  });

  test("after a repository where something stood no other is listed", async () => {
    const looks = new FirstLooks();
    const target = repository("a", ["v1"]);
    const look = looks.at(target);
    await look.foreseeAll({});
    expect([await look.lacks("v1"), await look.lacks("v2"), look.empty]).toEqual([false, true, false]);
    const next = repository("b", []);
    await looks.at(next).foreseeAll({});
    expect([next.asked, await looks.at(next).lacks("v1")]).toEqual([[], false]);
  });

  test("where it may not be listed each tag is asked for", async () => {
    const target = repository("a", ["v2"], { lists: false });
    const look = new FirstLooks().at(target);
    await look.foreseeAll({});
    expect([await look.lacks("v1"), look.empty]).toEqual([false, false]);
    expect(await answers(look, ["v1", "v2"])).toEqual([false, true]);
    expect(target.asked).toEqual(["list", "v1", "v2"]);
  });

  test("a list that does not come keeps nobody waiting for what it would say", async () => {
    const look = new FirstLooks().at({ ...repository("a", []), tags: () => never });
    look.foreseeAll({});
    expect(await look.lacks("v1")).toBe(false);
  });
});

describe("what another process has just listed and found empty", () => {
  test("is not asked again", async () => {
    const target = repository("a", []);
    const look = new FirstLooks().at(target);
    look.hearEmpty();
    expect([look.empty, await look.lacks("v1")]).toEqual([true, true]);
    expect(await answers(look, ["v1", "v2"])).toEqual([false, false]);
    await look.foreseeAll({});
    expect(target.asked).toEqual([]);
  });

  test("changes nothing where something is known", async () => {
    const target = repository("a", ["v1"]);
    const asked = new FirstLooks().at(target);
    await answers(asked, ["v1"]);
    asked.hearEmpty();
    expect([asked.empty, await asked.lacks("v1"), await answers(asked, ["v1"])]).toEqual([
      ...[false, false, [true]],
    ]);

    const listed = new FirstLooks().at(target);
    const listing = listed.foreseeAll({});
    listed.hearEmpty();
    await listing;
    expect([listed.empty, await listed.lacks("v1"), await listed.lacks("v2")]).toEqual([false, false, true]);
  });
});
