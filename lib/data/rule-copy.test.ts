import { expect, test } from "vitest";
import { freeName } from "./rule-copy.ts";

test.each([
  ["x", [], "x-copy"],
  ["x", ["x-copy"], "x-copy-2"],
  ["x", ["x-copy", "x-copy-2", "x-copy-4"], "x-copy-3"],
  ["a".repeat(64), [], `${"a".repeat(59)}-copy`],
  ["a".repeat(64), [`${"a".repeat(59)}-copy`], `${"a".repeat(57)}-copy-2`],
])("%s beside %j becomes %s", (stem, taken, name) => {
  expect(freeName(stem, new Set(taken))).toBe(name);
  expect(name.length).toBeLessThanOrEqual(64);
});
