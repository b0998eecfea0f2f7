import { describe, expect, test } from "vitest";
import { canProve, wholeList, windowOf } from "./tag-window.ts";

const PAGE = 100;
const names = (count: number, prefix = "v") =>
  Array.from({ length: count }, (_, number) => `${prefix}${String(number).padStart(4, "0")}`);

interface Behaviour {
  /** The tags in the order of the registry. */
  ordered: readonly string[];
  /** Whether one is behind another in that order; left out: by their place in it. */
  ignoresAfter?: boolean;
}

/** A registry that pages through its own order. */
function registry({ ordered, ignoresAfter = false }: Behaviour) {
  let pages = 0;
  return {
    pages: () => pages,
    async *tags({ after }: { after?: string | undefined } = {}) {
      const start = after === undefined || ignoresAfter ? 0 : ordered.indexOf(after) + 1;
      for (let from = start; from === start || from < ordered.length; from += PAGE) {
        pages += 1;
        yield ordered.slice(from, from + PAGE);
      }
    },
  };
}

const set = (tags: readonly string[]) => new Set(tags);

describe("a window of a long list", () => {
  const standing = names(2_000);
  const written = set(standing.slice(1_900));

  test("begins where was written, and tells of what is behind it", async () => {
    const target = registry({ ordered: standing });
    expect(await wholeList(target, written, {})).toBe("too-long");
    const asked = target.pages();
    const window = await windowOf(target, written, {});
    expect(target.pages() - asked).toBe(1);
    if (typeof window === "string") {
      throw new Error(window);
    }
    expect(["v1899", "v1900", "v1901", "v1999", "v2000", "w"].map(window.covers)).toEqual([
      ...[false, false],
      ...[true, true, true, true],
    ]);
    expect(window.names.has("v1999")).toBe(true);
    expect(window.names.has("v2000")).toBe(false);
  });

  test("ends where it is broken off: what is behind that is asked for", async () => {
    const target = registry({ ordered: standing });
    const window = await windowOf(target, set(standing.slice(1_000, 1_100)), {});
    expect(typeof window === "string" ? window : ["v1001", "v1398", "v1401", "w"].map(window.covers)).toEqual(
      [...[true, true], ...[false, false]],
    );
  });

  test("of many written tags the last are proof enough", async () => {
    const target = registry({ ordered: standing });
    expect(await windowOf(target, set(standing.slice(500)), {})).toMatchObject({ names: expect.any(Set) });
    expect(target.pages()).toBe(3);
  });

  test("a tag between capitals is covered only where every order says so", async () => {
    const target = registry({ ordered: standing });
    const window = await windowOf(target, written, {});
    expect(typeof window === "string" ? window : ["V2000", "x", "X", "a"].map(window.covers)).toEqual([
      ...[false, true, false, false],
    ]);
  });
});

describe("what is not in that order proves nothing", () => {
  const written = names(100, "w");
  /** As several write at once: not quite one after the other. */
  const asWritten = written.map((_, number) => written[number ^ 1] ?? "");
  test.each<[string, Behaviour]>([
    ["tags in the order in which they were pushed", { ordered: ["z-theirs", ...asWritten] }],
    ["a registry that does not know of a beginning", { ordered: names(300), ignoresAfter: true }],
    ["one that does not name what we wrote", { ordered: written.filter((_, number) => number !== 50) }],
    ["one that lags behind", { ordered: written.slice(0, 60) }],
  ])("%s", async (_what, behaviour) => {
    expect(await windowOf(registry(behaviour), set(written), {})).toBe("unproven");
  });

  test("few tags", async () => {
    expect([canProve(set(names(16))), canProve(set(names(17)))]).toEqual([false, true]);
    expect(await windowOf(registry({ ordered: names(10) }), set(names(10)), {})).toBe("unproven");
    expect(await windowOf(registry({ ordered: [] }), set([]), {})).toBe("unproven");
  });
});
