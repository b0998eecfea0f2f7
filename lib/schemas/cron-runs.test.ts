import { PgBoss } from "pg-boss";
import { describe, expect, test } from "vitest";
import { isTimeZone, nextRun, nextRuns } from "./cron-runs.ts";

const runs = (cron: string, timeZone: string, after: string, count = 3) =>
  nextRuns({ cron, timeZone }, new Date(after), count).map((run) =>
    run.toISOString().replace(":00.000Z", "Z"),
  );

test("the runs are after the moment asked for, in the zone's own time", () => {
  expect(runs("30 2 * * *", "Asia/Shanghai", "2026-11-24T18:30:00Z")).toEqual([
    "2026-11-25T18:30Z",
    "2026-11-26T18:30Z",
    "2026-11-27T18:30Z",
  ]);
  expect(runs("30 2 * * *", "Asia/Shanghai", "2026-11-24T18:29:59.999Z", 1)).toEqual(["2026-11-24T18:30Z"]);
  expect(runs("0 0 29 2 *", "UTC", "2026-11-24T00:00:00Z", 2)).toEqual([
    "2028-02-29T00:00Z",
    "2032-02-29T00:00Z",
  ]);
  expect(runs("45 5 1 1 *", "Asia/Kathmandu", "2026-11-24T00:00:00Z", 1)).toEqual(["2027-01-01T00:00Z"]);
  expect(runs("0 0 * * *", "Pacific/Kiritimati", "2026-11-24T09:59:00Z", 1)).toEqual(["2026-11-24T10:00Z"]);
});

describe("clocks go forward: New York, 8 March 2026, 02:00 becomes 03:00", () => {
  const before = "2026-03-08T06:00:00Z";
  test("a fixed time in the hour left out runs when the clocks jump, and once", () => {
    expect(runs("30 2 * * *", "America/New_York", before)).toEqual([
      "2026-03-08T07:00Z",
      "2026-03-09T06:30Z",
      "2026-03-10T06:30Z",
    ]);
    expect(runs("0,15,30 2 * * *", "America/New_York", before, 2)).toEqual([
      "2026-03-08T07:00Z",
      "2026-03-09T06:00Z",
    ]);
  });
  test("every hour has no run in it", () => {
    expect(runs("30 * * * *", "America/New_York", before)).toEqual([
      "2026-03-08T06:30Z",
      "2026-03-08T07:30Z",
      "2026-03-08T08:30Z",
    ]);
  });
});

describe("clocks go back: New York, 1 November 2026, 02:00 becomes 01:00", () => {
  const before = "2026-11-01T05:00:00Z";
  test("a fixed time that comes twice runs the first time", () => {
    expect(runs("30 1 * * *", "America/New_York", before, 2)).toEqual([
      "2026-11-01T05:30Z",
      "2026-11-02T06:30Z",
    ]);
    expect(runs("30 1 * * *", "America/New_York", "2026-11-01T05:45:00Z", 1)).toEqual(["2026-11-02T06:30Z"]);
  });
  test("every hour runs in both", () => {
    expect(runs("30 * * * *", "America/New_York", before, 4)).toEqual([
      "2026-11-01T05:30Z",
      "2026-11-01T06:30Z",
      "2026-11-01T07:30Z",
      "2026-11-01T08:30Z",
    ]);
  });
});

test("clocks that change by half an hour, and at midnight", () => {
  // Lord Howe, 4 October 2026: 02:00 becomes 02:30.
  expect(runs("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2)).toEqual([
    "2026-10-03T15:30Z",
    "2026-10-04T15:15Z",
  ]);
  // Santiago, 6 September 2026: 00:00 becomes 01:00.
  expect(runs("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", 2)).toEqual([
    "2026-09-06T04:00Z",
    "2026-09-07T03:00Z",
  ]);
});

test("a year of days: each fixed time runs once a calendar day, whatever the clocks do", () => {
  for (const timeZone of [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Tehran",
  ]) {
    for (const cron of ["0 0 * * *", "30 1 * * *", "30 2 * * *", "59 23 * * *"]) {
      const year = nextRuns({ cron, timeZone }, new Date("2026-01-01T12:00:00Z"), 365);
      const days = year.map((run) => run.toLocaleDateString("sv", { timeZone }));
      expect(new Set(days).size, `${cron} ${timeZone}`).toBe(365);
    }
  }
});

/** Small and repeatable (mulberry32). */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test("agrees with the queue's own reading of 500 random expressions, where clocks do not change", () => {
  const random = randoms(7);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const field = (low: number, high: number, star: number): string => {
    const roll = random();
    if (roll < star) {
      return "*";
    }
    const from = between(low, high);
    return roll < 0.7
      ? String(from)
      : roll < 0.85
        ? `${from}-${between(from, high)}`
        : [...new Set([from, between(low, high)])].join(",");
  };
  const queue = new PgBoss({ connectionString: "postgres://127.0.0.1:9/none" });
  for (let round = 0; round < 500; round += 1) {
    const step = random() < 0.2 ? `*/${between(1, 30)}` : field(0, 59, 0.2);
    const cron = [step, field(0, 23, 0.4), field(1, 28, 0.6), field(1, 12, 0.6), field(0, 6, 0.6)].join(" ");
    const timeZone = round % 2 ? "Asia/Shanghai" : "Asia/Kolkata";
    const from = new Date(Date.UTC(2026, between(0, 11), between(1, 28), between(0, 23), between(0, 59)));
    expect(nextRuns({ cron, timeZone }, from, 3), `${cron} ${from.toISOString()}`).toEqual(
      queue.previewSchedule(cron, { tz: timeZone, from, count: 3 }),
    );
  }
});

test("zones are names of the tz database", () => {
  expect(["Asia/Shanghai", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires"].every(isTimeZone)).toBe(
    true,
  );
  expect(["", "+08:00", "Mars/Olympus", "Asia/Shanghai\u0000", "../etc"].some(isTimeZone)).toBe(false);
  expect(() => nextRun({ cron: "* * * *", timeZone: "UTC" }, new Date())).toThrow(RangeError);
});
