import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RegistryError } from "../registry/errors.ts";
import { MemoryRegistry } from "../registry/memory-repository.ts";
import type { Repository } from "../registry/repository.ts";
import type { Lookahead } from "./lookahead.ts";
import { type ScanOptions, scan } from "./scan.ts";
import { selection } from "./stores.testing.ts";
import { Turns } from "./turns.ts";

// How long somebody is late is told by a timer: here no time passes, unless a test lets it.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** Everything that waits for no timer has happened. */
const settled = () => new Promise(setImmediate);

describe("turns", () => {
  /** Three turns that write down who came. */
  function three() {
    const turns = new Turns();
    const came: number[] = [];
    const turn = [turns.next(), turns.next(), turns.next()] as const;
    const come = (...who: (0 | 1 | 2)[]) => {
      for (const index of who) {
        turn[index].come().then(() => came.push(index));
      }
      return settled();
    };
    return { turn, come, came };
  }

  test("come in the order in which they began, whoever is ready first", async () => {
    const { come, came } = three();
    await come(2, 1);
    expect(came).toEqual([]);
    await come(0);
    expect(came).toEqual([0, 1, 2]);
  });

  test("one that is late is waited for only a moment", async () => {
    const { come, came } = three();
    await come(1, 2);
    await vi.advanceTimersByTimeAsync(10);
    expect(came).toEqual([]);
    await vi.advanceTimersByTimeAsync(40);
    expect(came).toEqual([1, 2]);
    await come(0);
    expect(came).toEqual([1, 2, 0]);
  });

  test("one that needs no turn lets the next go", async () => {
    const { turn, come, came } = three();
    await come(0, 2);
    expect(came).toEqual([0]);
    turn[1].pass();
    await settled();
    expect(came).toEqual([0, 2]);
  });
});

describe("repositories that are read side by side", () => {
  const noTags = async function* () {};
  const refuse = () => {
    throw new RegistryError({ code: "DENIED", status: 403, method: "GET", url: "team/b", detail: "" });
  };

  /** A source whose first repository tells its tags late, and which writes down whose tag it is asked for. */
  function begin({ second, ...options }: Partial<ScanOptions> & { second?: Repository["tags"] } = {}) {
    const source = new MemoryRegistry();
    const asked: string[] = [];
    const late = Promise.withResolvers<void>();
    for (const name of ["team/a", "team/b", "team/c"]) {
      const repository = source.repository(name);
      repository.putManifest({ schemaVersion: 2, mediaType: "m", name }, "v1");
      const resolve = repository.resolve.bind(repository);
      repository.resolve = (tag, options) => {
        asked.push(name);
        return resolve(tag, options);
      };
    }
    const first = source.repository("team/a");
    const list = first.tags.bind(first);
    first.tags = async function* () {
      await late.promise;
      yield* list();
    };
    if (second) {
      source.repository("team/b").tags = second;
    }
    const signal = new AbortController().signal;
    const names = (async () => {
      const scanned: string[] = [];
      for await (const { repository } of scan(source, selection, { signal, ...options })) {
        scanned.push(repository);
      }
      return scanned;
    })();
    return { asked, late, names };
  }

  test("ask for their tags in the order of their names though their lists come in another", async () => {
    const { asked, late, names } = begin();
    await settled();
    expect(asked).toEqual([]);
    late.resolve();
    await settled();
    expect(asked).toEqual(["team/a", "team/b", "team/c"]);
    expect(await names).toEqual(asked);
  });

  test("have heard what their target lacks before they take their turn", async () => {
    const answer = Promise.withResolvers<boolean>();
    const ahead: Lookahead = {
      coming: () => undefined,
      wanted: () => undefined,
      lacks: (repository) => (repository === "team/a" ? answer.promise : Promise.resolve(false)),
      read: () => undefined,
    };
    const { asked, late, names } = begin({ ahead });
    late.resolve();
    await settled();
    expect(asked).toEqual([]);
    answer.resolve(false);
    await names;
    expect(asked).toEqual(["team/a", "team/b", "team/c"]);
  });

  test("do not wait longer than a moment for a list that is late", async () => {
    const { asked, late, names } = begin();
    await settled();
    await vi.advanceTimersByTimeAsync(50);
    await settled();
    expect(asked).toEqual(["team/b", "team/c"]);
    late.resolve();
    // What is told keeps the order of names.
    expect(await names).toEqual(["team/a", "team/b", "team/c"]);
  });

  test.each([
    ["has no tags", noTags],
    ["cannot be read", refuse],
  ])("do not wait for one that %s", async (_what, second) => {
    const { asked, late, names } = begin({ second });
    late.resolve();
    await settled();
    // Otherwise the third would wait for the second until time passes.
    expect(asked.toSorted()).toEqual(["team/a", "team/c"]);
    expect(await names).toHaveLength(3);
  });

  test("ask as their lists come where each is copied as it is found", async () => {
    const { asked, late, names } = begin({ streaming: true });
    await settled();
    expect(asked).toEqual(["team/b", "team/c"]);
    late.resolve();
    await names;
    expect(asked).toEqual(["team/b", "team/c", "team/a"]);
  });
});
