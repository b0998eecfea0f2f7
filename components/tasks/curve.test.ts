import { expect, test } from "vitest";
import type { TaskSample } from "@/lib/schemas/task.ts";
import { curveOf, scaleTop } from "./curve.ts";

const BEGAN = Date.parse("2026-11-24T07:00:00.000Z");
const at = (seconds: number): string => new Date(BEGAN + seconds * 1_000).toISOString();
const sample = (seconds: number, bytesCopied: number, waiting: string | null = null): TaskSample => ({
  at: at(seconds),
  bytesCopied,
  waiting,
});

test("speeds between stored moments and now; the peak is the highest of them", () => {
  const curve = curveOf([sample(0, 0), sample(2, 200), sample(4, 800), sample(6, 900)], {
    at: at(8),
    bytesCopied: 900,
  });
  expect(curve?.points.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([100, 300, 50, 0]);
  expect(curve?.peak).toBe(300);
  expect(curve && [curve.fromMs, curve.toMs]).toEqual([BEGAN, BEGAN + 8_000]);
});

test("fewer than three points are no curve", () => {
  expect(curveOf([], null)).toBeNull();
  expect(curveOf([sample(0, 0), sample(2, 5), sample(4, 9)], null)).toBeNull();
});

test("a wait is a band from its beginning to its end, and the curve lies on the ground meanwhile", () => {
  const curve = curveOf(
    [
      sample(0, 0),
      sample(2, 200),
      sample(3, 300, "rate-limit"),
      sample(41, 300),
      sample(43, 500),
      sample(45, 700),
    ],
    null,
  );
  expect(curve?.bands).toEqual([{ fromMs: BEGAN + 3_000, toMs: BEGAN + 41_000, reason: "rate-limit" }]);
  expect(curve?.points.find(({ waiting }) => waiting !== null)?.bytesPerSecond).toBe(0);
});

test("a retry takes bytes back: no speed is below zero", () => {
  const curve = curveOf([sample(0, 0), sample(2, 900), sample(4, 100), sample(6, 300)], null);
  expect(curve?.points.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([450, 0, 100]);
});

test("nothing lies outside of the time from the beginning to the end, nor is anything lost", () => {
  const curve = curveOf(
    [sample(0, 0), sample(-3, 0), sample(2, 200), sample(4, 400), sample(9, 900), sample(6, 900)],
    null,
  );
  expect(curve && [curve.fromMs, curve.toMs]).toEqual([BEGAN, BEGAN + 6_000]);
  expect(curve?.points.map(({ atMs }) => (atMs - BEGAN) / 1_000)).toEqual([2, 4, 6]);
  expect(curve?.points.at(-1)?.bytesCopied).toBe(900);
  expect(curve?.peak).toBe(250);
});

test("a long task is drawn with few points that still add up", () => {
  const samples = Array.from({ length: 300 }, (_, index) => sample(index * 120, index * 1_200));
  const curve = curveOf(samples, null);
  expect(curve?.points.length).toBeLessThanOrEqual(160);
  expect(curve?.points.every(({ bytesPerSecond }) => Math.abs(bytesPerSecond - 10) < 0.01)).toBe(true);
  expect(curve?.points.at(-1)?.bytesCopied).toBe(299 * 1_200);
});

test.each([
  [231, 240],
  [186, 200],
  [117, 120],
  [100, 100],
  [10_600_000, 12_000_000],
  [0, 1],
  [4.2, 5],
])("the scale over a peak of %d ends at %d", (peak, top) => {
  expect(scaleTop(peak)).toBe(top);
});
