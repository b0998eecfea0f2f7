import { expect, test } from "vitest";
import { remainingUnder } from "./remaining-under.ts";

const HOUR = 3_600_000;
const pace = { remainingMs: 10 * HOUR, bytesPerSecond: 10, limit: 20, changesInMs: 2 * HOUR, nextLimit: 80 };

test("from the next window on it goes as much faster as its limit is higher, also when it has half of it", () => {
  expect(remainingUnder(pace)).toBe(4 * HOUR);
});

test("a lower limit to come makes it longer", () => {
  expect(remainingUnder({ ...pace, nextLimit: 5 })).toBe(34 * HOUR);
});

test("what no limit holds now is held by one that is below its speed", () => {
  expect(remainingUnder({ ...pace, limit: null, nextLimit: 5 })).toBe(18 * HOUR);
  expect(remainingUnder({ ...pace, limit: null, nextLimit: 50 })).toBe(10 * HOUR);
});

test("without a limit to come, or when it is over before, nothing changes", () => {
  expect(remainingUnder({ ...pace, nextLimit: null })).toBe(10 * HOUR);
  expect(remainingUnder({ ...pace, remainingMs: HOUR })).toBe(HOUR);
});
