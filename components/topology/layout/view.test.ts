import { expect, test } from "vitest";
import { LEAST_ZOOM } from "./channels.ts";
import { viewOf } from "./view.ts";

/** px of the smallest text with Chinese in it, and the least it may come out at. */
const META = 12;

test.each([
  ["fits", { width: 1000, height: 300 }, { x: 100, y: 50, zoom: 1 }],
  ["is a little too wide", { width: 1600, height: 400 }, { x: 0, y: 50, zoom: 0.75 }],
  ["is much too wide: from its upper left", { width: 4000, height: 400 }, { x: 0, y: 52, zoom: LEAST_ZOOM }],
  ["is too tall: from its top", { width: 600, height: 2000 }, { x: 378, y: 0, zoom: LEAST_ZOOM }],
])("a drawing that %s", (_name, drawing, expected) => {
  const { larger, ...view } = viewOf(drawing, { width: 1200, height: 400 }, LEAST_ZOOM);
  expect(view).toEqual(expected);
  expect(META * larger * view.zoom).toBeCloseTo(META);
});

test("whoever wants all of it gets all of it, with words as large as there is room for", () => {
  const { x, zoom, larger } = viewOf({ width: 4000, height: 400 }, { width: 1200, height: 400 }, 0.2);
  expect([x, zoom, larger]).toEqual([0, 0.3, 1 / LEAST_ZOOM]);
});

test("on a phone the row of buttons below stays free", () => {
  const { y, zoom } = viewOf({ width: 1500, height: 500 }, { width: 390, height: 460 }, LEAST_ZOOM);
  expect(y + 500 * zoom).toBeLessThanOrEqual(460 - 60);
});
