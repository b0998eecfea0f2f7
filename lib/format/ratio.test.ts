import { expect, test } from "vitest";
import {
  formatCount,
  formatPercent,
  formatRatio,
  handled,
  runningShare,
  settled,
  successRatio,
  taskPercent,
  wholePercent,
} from "./ratio.ts";

test("counts are written in full", () => {
  expect(formatCount(1204)).toBe("1,204");
  expect(formatCount(12_480)).toBe("12,480");
  expect(formatRatio(269, 1460)).toBe("269/1,460");
});

test.each([
  [0, 10, "0%"],
  [10, 10, "100%"],
  [9999, 10_000, "99.9%"],
  [99_999, 100_000, "99.9%"],
  [1, 100_000, "0.1%"],
  [998, 1000, "99.8%"],
  [1, 2, "50%"],
  [0, 0, "—"],
])("%d of %d is %s", (part, whole, text) => {
  expect(formatPercent(part, whole)).toBe(text);
});

test("a bar reaches 100 only at the end", () => {
  expect(wholePercent(459, 460)).toBe(99);
  expect(wholePercent(460, 460)).toBe(100);
  expect(wholePercent(0, 0)).toBe(0);
});

const counters = { copied: 231, upToDate: 38, skipped: 5, failed: 7, stopped: 0, total: 460 };

test("the success ratio leaves skipped ones out, and waits for the scan", () => {
  expect(successRatio(counters, "2026-11-24T07:36:08.000Z")).toEqual({ done: 269, of: 455 });
  expect(successRatio(counters, null)).toBeNull();
  expect(successRatio({ ...counters, skipped: 460 }, "2026-11-24T07:36:08.000Z")).toBeNull();
  expect(settled(counters)).toBe(281);
});

test("a task moves with the bytes of what is under way, and is done only when everything is", () => {
  const none = { ...counters, copied: 0, upToDate: 0, skipped: 0, failed: 0, total: 14, running: 14 };
  const bytes = { bytesTotal: 132, bytesCopied: 60, bytesMounted: 6, bytesSkipped: 0 };
  expect(runningShare({ ...none, ...bytes })).toBe(0.5);
  expect(taskPercent({ ...none, ...bytes })).toBe(50);
  expect(taskPercent({ ...none, ...bytes, bytesCopied: 126 })).toBe(99);
  expect(taskPercent({ ...none, ...bytes, running: 0, copied: 14 })).toBe(100);
  expect(taskPercent({ ...none, ...bytes, bytesTotal: 0 })).toBe(0);
  expect(
    taskPercent({
      ...none,
      ...bytes,
      running: 2,
      copied: 5,
      bytesTotal: 70,
      bytesCopied: 60,
      bytesMounted: 0,
    }),
  ).toBe(42);
});

test("what a stop cut off was not dealt with", () => {
  const stopped = {
    ...counters,
    stopped: 179,
    running: 0,
    bytesTotal: 0,
    bytesCopied: 0,
    bytesMounted: 0,
    bytesSkipped: 0,
  };
  expect(settled(stopped)).toBe(460);
  expect(handled(stopped)).toBe(281);
  expect(taskPercent(stopped)).toBe(61);
});
