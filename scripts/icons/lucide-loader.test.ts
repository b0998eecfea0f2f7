import { expect, test } from "vitest";
import { pathOf } from "./lucide-loader.mjs";

test("the elements of an icon are one path that draws the same", () => {
  const check = [
    ["circle", { cx: "12", cy: "12", r: "10", key: "a" }],
    ["path", { d: "m9 12 2 2 4-4", key: "b" }],
  ];
  expect(pathOf(check)).toBe("M2 12a10 10 0 0 1 20 0a10 10 0 0 1 -20 0zM9 12l2 2 4-4");
  expect(pathOf([["rect", { x: "3", y: "4", width: "10", height: "8", rx: "2" }]])).toBe(
    "M5 4h6a2 2 0 0 1 2 2v4a2 2 0 0 1 -2 2h-6a2 2 0 0 1 -2 -2v-4a2 2 0 0 1 2 -2z",
  );
  expect(pathOf([["line", { x1: "4", x2: "20", y1: "5", y2: "5" }]])).toBe("M4 5L20 5");
});

test("what begins relatively goes on so, and a move without pairs keeps its commands", () => {
  expect(pathOf([["path", { d: "m6-17.5.5 5h2" }]])).toBe("M6 -17.5l.5 5h2");
  expect(pathOf([["path", { d: "m15 9-6 6" }]])).toBe("M15 9l-6 6");
  expect(pathOf([["path", { d: "m5 12h14" }]])).toBe("M5 12h14");
});

test("an icon with more than outlines stays as it is; a dot is filled by its own line", () => {
  expect(pathOf([["circle", { cx: "7", cy: "7", r: "2", fill: "currentColor" }]])).toBeNull();
  expect(pathOf([["circle", { cx: "7", cy: "7", r: ".5", fill: "currentColor" }]])).not.toBeNull();
  expect(pathOf([["path", { d: "M0 0h2", opacity: "0.5" }]])).toBeNull();
  expect(pathOf([["text", { x: "1" }]])).toBeNull();
});
