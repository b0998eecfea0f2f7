import { describe, expect, test } from "vitest";
import { isWritten } from "./results.ts";
import { PROTOCOL } from "./table.ts";

const NUMBERS = [
  ...Array.from({ length: 46 }, (_, nth) => `T${nth + 1}`),
  ...Array.from({ length: 12 }, (_, nth) => `R${nth + 1}`),
];

test("each number of the protocol has one row", () => {
  expect(PROTOCOL.map(({ id }) => id)).toEqual(NUMBERS);
});

describe("each test that the table names is there under that name", () => {
  test.each(PROTOCOL.map(({ id, tests }) => [id, tests] as const))("%s", (_id, tests) => {
    expect(tests.filter((each) => !isWritten(each))).toEqual([]);
  });
});
