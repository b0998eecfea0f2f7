import { expect, test } from "vitest";
import { typedClock } from "./typed-clock.ts";

test.each([
  ["9", "09:00"],
  ["22", "22:00"],
  ["930", "09:30"],
  ["2230", "22:30"],
  [" 9:05 ", "09:05"],
  ["9：30", "09:30"],
  ["9.30", "09:30"],
  ["00:00", "00:00"],
])("%j is %j", (typed, clock) => {
  expect(typedClock(typed)).toBe(clock);
});

test.each(["", "24:00", "9:60", "10 pm", "noon"])("%j is no time and stays", (typed) => {
  expect(typedClock(typed)).toBe(typed);
});
