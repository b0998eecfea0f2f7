import { expect, test } from "vitest";
import { mayGo } from "./share.ts";

test.each([
  [0, 10, 3],
  [20, 10, 3],
  [39, 10, 3],
  [40, 10, 4],
  [1_000, 10, 100],
  [1_000, 1, 10],
  [7, 100, 7],
])("of %i tags at %i %% %i may go", (known, percent, expected) => {
  expect(mayGo(known, percent)).toBe(expected);
});
