import { describe, expect, test } from "vitest";
import { Quota, readRateLimit, refillMs } from "./rate-limit.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const headersOf = (fields: Record<string, string>) => new Map(Object.entries(fields));
const unknown = { remaining: undefined, limit: undefined, resetMs: undefined, windowMs: undefined };

describe("what registries say of what is left (T40)", () => {
  test.each<[string, Record<string, string>, object]>([
    [
      "the draft of today",
      { ratelimit: '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60' },
      { remaining: 50, limit: 100, resetMs: 30_000, windowMs: 60_000 },
    ],
    [
      "draft 07",
      { ratelimit: "limit=100, remaining=0, reset=5" },
      { ...unknown, remaining: 0, limit: 100, resetMs: 5_000 },
    ],
    [
      "earlier drafts",
      { "ratelimit-limit": "100", "ratelimit-remaining": "7", "ratelimit-reset": "12" },
      { ...unknown, remaining: 7, limit: 100, resetMs: 12_000 },
    ],
    [
      "Docker Hub",
      { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "99;w=21600" },
      { ...unknown, remaining: 99, limit: 100, windowMs: 21_600_000 },
    ],
    [
      "an instant instead of a span",
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 90) },
      { ...unknown, remaining: 0, resetMs: 90_000 },
    ],
    [
      "an instant that has passed",
      { "ratelimit-remaining": "3", "ratelimit-reset": String(NOW / 1000 - 90) },
      { ...unknown, remaining: 3, resetMs: 0 },
    ],
  ])("%s", (_what, fields, expected) => {
    expect(readRateLimit(headersOf(fields), NOW)).toEqual(expected);
  });

  test.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["no number", { "ratelimit-remaining": "many", "ratelimit-reset": "soon" }],
    ["a negative number", { "ratelimit-remaining": "-1" }],
    ["a number beyond all numbers", { "ratelimit-remaining": "9".repeat(40) }],
    ["something else", { ratelimit: "none", "ratelimit-policy": '"x"' }],
  ])("%s says nothing", (_what, fields) => {
    expect(readRateLimit(headersOf(fields), NOW)).toBeUndefined();
  });

  test("a refused request waits for the window's end, or for its share of the window", () => {
    expect(refillMs({ ...unknown, remaining: 0, resetMs: 5_000 })).toBe(5_000);
    expect(refillMs({ ...unknown, remaining: 0, limit: 100, windowMs: 21_600_000 })).toBe(216_000);
    expect(refillMs({ ...unknown, remaining: 0, windowMs: 21_600_000 })).toBeUndefined();
    expect(refillMs({ ...unknown, remaining: 0, limit: 0, windowMs: 1_000 })).toBeUndefined();
    // It has some left: what was refused is something else.
    expect(refillMs({ ...unknown, remaining: 40, resetMs: 5_000 })).toBeUndefined();
    expect(refillMs(undefined)).toBeUndefined();
  });
});

describe("the bucket", () => {
  const MOST = 60_000;
  const says = (remaining: number, resetS: number, status = 200) => ({
    status,
    headers: headersOf({ "ratelimit-remaining": `${remaining}`, "ratelimit-reset": `${resetS}` }),
  });

  test("grants what is left, then nothing until the window ends", () => {
    const quota = new Quota();
    expect(quota.take(NOW)).toBe(0);
    quota.hear(says(2, 10), MOST, NOW);
    expect([quota.take(NOW), quota.take(NOW), quota.take(NOW + 1_000)]).toEqual([0, 0, 9_000]);
    expect(quota.take(NOW + 10_000)).toBe(0);
    quota.hear(says(5, 10), MOST, NOW + 10_001);
    expect(quota.take(NOW + 10_002)).toBe(0);
  });

  test("when a window ends, no more than it holds are let go before the first answer", () => {
    const quota = new Quota();
    quota.hear(says(2, 10), MOST, NOW);
    const granted = (atMs: number) =>
      Array.from({ length: 9 }, () => quota.take(atMs)).filter((ms) => ms === 0);
    expect(granted(NOW + 1)).toHaveLength(2);
    expect(granted(NOW + 10_000)).toHaveLength(3);
    quota.hear(says(2, 4), MOST, NOW + 10_050);
    expect(quota.take(NOW + 10_051)).toBe(3_999);
  });

  test("an answer that was overtaken gives nothing back; one that knows of others' requests takes away", () => {
    const quota = new Quota();
    quota.hear(says(10, 10), MOST, NOW);
    for (let request = 0; request < 9; request++) {
      quota.take(NOW);
    }
    quota.hear(says(9, 10), MOST, NOW + 1);
    expect([quota.take(NOW + 2), quota.take(NOW + 2)]).toEqual([0, 9_998]);
    const shared = new Quota();
    shared.hear(says(10, 10), MOST, NOW);
    shared.hear(says(0, 10), MOST, NOW + 1);
    expect(shared.take(NOW + 2)).toBe(9_998);
  });

  test("nobody waits for hours, and a registry that grants what it said was none is not believed again", () => {
    const quota = new Quota();
    quota.hear(says(0, 36_000), MOST, NOW);
    expect(quota.take(NOW)).toBe(MOST);
    expect(quota.take(NOW + MOST)).toBe(0);
    const honest = new Quota();
    honest.hear(says(0, 36_000), MOST, NOW);
    honest.hear(says(0, 35_900, 429), MOST, NOW + MOST);
    expect(honest.take(NOW + MOST)).toBe(MOST);
    quota.hear(says(0, 35_900), MOST, NOW + MOST);
    expect(quota.take(NOW + MOST + 1)).toBe(0);
  });

  test("what says nothing of an end holds nothing back", () => {
    const quota = new Quota();
    quota.hear({ status: 200, headers: headersOf({ "ratelimit-remaining": "0;w=21600" }) }, MOST, NOW);
    expect(quota.take(NOW)).toBe(0);
  });
});
