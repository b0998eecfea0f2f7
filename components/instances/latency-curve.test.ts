import { expect, test } from "vitest";
import { curveShape } from "./latency-curve.tsx";

const BOX = { width: 100, height: 22 };

test("a gap breaks the line; a point that stands alone is a dot", () => {
  const { line, area, dots } = curveShape([10, 20, null, 20, null, 10, 10], BOX);
  expect(line.match(/M/g)).toHaveLength(2);
  expect(area.match(/Z/g)).toHaveLength(2);
  expect(dots).toEqual([{ x: 50, y: expect.any(Number) }]);
});

test("nothing reached is nothing drawn", () => {
  expect(curveShape([null, null], BOX)).toMatchObject({ line: "", area: "", dots: [] });
});

test("the highest point stays inside; a few milliseconds do not fill the height", () => {
  const ys = (points: number[]) =>
    [...curveShape(points, BOX).line.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
  expect(Math.min(...ys([5, 900, 5]))).toBeGreaterThanOrEqual(1);
  expect(Math.max(...ys([5, 900, 5]))).toBeLessThanOrEqual(BOX.height);
  expect(Math.min(...ys([3, 5, 4]))).toBeGreaterThan(BOX.height / 2);
});
