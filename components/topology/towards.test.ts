import { expect, test } from "vitest";
import { towards } from "./towards.ts";

const box = (x: number, y: number) => ({ x, y, width: 100, height: 40 });
const boxes = new Map([
  ["here", box(200, 200)],
  ["right", box(500, 220)],
  ["far right", box(900, 200)],
  ["up", box(200, 50)],
  ["left", box(0, 200)],
]);
const edges = [
  { from: "here", to: "far right" },
  { from: "here", to: "right" },
  { from: "up", to: "here" },
  { from: "here", to: "here" },
];

test("an arrow leads along an edge, either way round, to the nearest place in that direction", () => {
  const go = (arrow: Parameters<typeof towards>[1]) => towards("here", arrow, { edges, boxes });
  expect(go("ArrowRight")).toBe("right");
  expect(go("ArrowUp")).toBe("up");
  expect(go("ArrowDown")).toBeNull();
  // There is a place, but no edge to it.
  expect(go("ArrowLeft")).toBeNull();
  expect(towards("nowhere", "ArrowUp", { edges, boxes })).toBeNull();
});
