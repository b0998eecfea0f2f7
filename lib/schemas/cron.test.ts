import { describe, expect, test } from "vitest";
import { cronWords, normalCron, parseCron } from "./cron.ts";

describe("what is refused, and which field", () => {
  test.each([
    ["60 * * * *", 1, "60"],
    ["* 24 * * *", 2, "24"],
    ["* * 0 * *", 3, "0"],
    ["* * 32 * *", 3, "32"],
    ["* * * 13 *", 4, "13"],
    ["* * * * 8", 5, "8"],
    ["5-1 * * * *", 1, "5-1"],
    ["*/0 * * * *", 1, "*/0"],
    ["1,,2 * * * *", 1, "1,,2"],
    ["-1 * * * *", 1, "-1"],
    ["* * L * *", 3, "L"],
    ["* * * * MON#2", 5, "MON#2"],
    ["* * * FOO *", 4, "FOO"],
    ["0 2 * * 一", 5, "一"],
    ["1e1 * * * *", 1, "1e1"],
    ["0x1 * * * *", 1, "0x1"],
    ["٣ * * * *", 1, "٣"],
    ["constructor * * * *", 1, "constructor"],
  ])("%s: field %i", (expression, field, text) => {
    expect(parseCron(expression)).toEqual({ ok: false, problem: { code: "cron-field", field, text } });
  });

  test.each([
    ["", 0],
    ["   ", 0],
    ["* * * *", 4],
    ["*/5 * * * * *", 6],
    ["@daily", 1],
  ])("%j has %i fields", (expression, count) => {
    expect(parseCron(expression)).toEqual({ ok: false, problem: { code: "cron-count", count } });
  });

  test.each(["0 0 30 2 *", "0 0 31 4,6,9,11 *"])("%s is on no calendar", (expression) => {
    expect(parseCron(expression)).toEqual({ ok: false, problem: { code: "cron-never" } });
  });

  test("a weekday beside an impossible day is enough", () => {
    expect(parseCron("0 0 30 2 mon").ok).toBe(true);
  });
});

test("lists, ranges, steps and names", () => {
  const parsed = parseCron("10/20,5  1-3\t* jan-Mar,12 sat,7");
  expect(parsed.ok && parsed.cron).toMatchObject({
    minutes: [5, 10, 30, 50],
    hours: [1, 2, 3],
    months: new Set([1, 2, 3, 12]),
    weekdays: new Set([6, 0]),
    any: { hour: false, day: true, weekday: false },
  });
  expect(normalCron(" 0  2\t* * * ")).toBe("0 2 * * *");
});

test.each([
  ["30 2 * * *", { kind: "daily", time: "02:30" }],
  ["* * * * *", { kind: "minutes", every: 1 }],
  ["*/15 * * * *", { kind: "minutes", every: 15 }],
  ["*/7 * * * *", null],
  ["5 * * * *", { kind: "hourly", minute: "05" }],
  ["0 4 * * 0,1-2", { kind: "weekly", weekdays: [1, 2, 0], time: "04:00" }],
  ["0 4 1 * *", { kind: "monthly", day: 1, time: "04:00" }],
  ["0 4 1 * 1", null],
  ["0 4 1 2 *", null],
  ["0 4,5 * * *", null],
  ["0 4 */2 * *", null],
])("%s in words", (expression, words) => {
  expect(cronWords(expression)).toEqual(words);
});
