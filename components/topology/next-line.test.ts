import { expect, test } from "vitest";
import { nextLine } from "./next-line.ts";

const EDGES = [
  { from: "a", to: "b" },
  { from: "b", to: "c" },
  { from: "c", to: "a" },
];

test("the lines of a place follow each other, out and in, and begin anew after the last", () => {
  expect(nextLine("a", null, EDGES)).toEqual({ from: "a", to: "b" });
  expect(nextLine("a", "a→b", EDGES)).toEqual({ from: "c", to: "a" });
  expect(nextLine("a", "c→a", EDGES)).toEqual({ from: "a", to: "b" });
});

test("a line elsewhere counts for nothing, and a place without lines has none", () => {
  expect(nextLine("a", "b→c", EDGES)).toEqual({ from: "a", to: "b" });
  expect(nextLine("d", null, EDGES)).toBeNull();
});
