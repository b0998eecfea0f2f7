import { expect, test } from "vitest";
import { type InstanceLimits, type LimitWindow, limitsAt, nextLimitChange, typedRate } from "./limits.ts";
import { LimitsForm } from "./limits-input.ts";

const DAILY = [0, 1, 2, 3, 4, 5, 6];
const MB = 1_000_000;

const window = (from: string, to: string, write: number | null, days = DAILY): LimitWindow => ({
  days,
  from,
  to,
  readBytesPerSecond: null,
  writeBytesPerSecond: write,
});

const limits = (timeZone: string, ...windows: LimitWindow[]): InstanceLimits => ({
  copies: null,
  readBytesPerSecond: null,
  writeBytesPerSecond: 100 * MB,
  timeZone,
  windows,
});

const writeAt = (of: InstanceLimits, at: string) => limitsAt(of, Date.parse(at)).writeBytesPerSecond;

function next(of: InstanceLimits, at: string) {
  const change = nextLimitChange(of, Date.parse(at));
  return change && [new Date(change.atMs).toISOString(), change.limits.writeBytesPerSecond];
}

test("a window counts from its first minute until before its last, on the clocks of its zone", () => {
  const office = limits("Asia/Shanghai", window("09:00", "18:00", 10 * MB, [1, 2, 3, 4, 5]));
  expect(writeAt(office, "2026-11-24T00:59:59Z")).toBe(100 * MB);
  expect(writeAt(office, "2026-11-24T01:00:00Z")).toBe(10 * MB);
  expect(writeAt(office, "2026-11-24T09:59:59Z")).toBe(10 * MB);
  expect(writeAt(office, "2026-11-24T10:00:00Z")).toBe(100 * MB);
  // Saturday there.
  expect(writeAt(office, "2026-11-28T03:00:00Z")).toBe(100 * MB);
  expect(next(office, "2026-11-24T02:00:00Z")).toEqual(["2026-11-24T10:00:00.000Z", 100 * MB]);
  // From Friday evening to Monday morning.
  expect(next(office, "2026-11-27T12:00:00Z")).toEqual(["2026-11-30T01:00:00.000Z", 10 * MB]);
});

test("a window past midnight belongs to the day on which it begins", () => {
  const night = limits("UTC", window("22:00", "06:00", null, [5]));
  expect(writeAt(night, "2026-11-27T21:59:00Z")).toBe(100 * MB);
  expect(writeAt(night, "2026-11-27T22:00:00Z")).toBeNull();
  expect(writeAt(night, "2026-11-28T05:59:00Z")).toBeNull();
  expect(writeAt(night, "2026-11-28T06:00:00Z")).toBe(100 * MB);
  // Saturday 22:00, and Friday before 06:00.
  expect(writeAt(night, "2026-11-28T22:00:00Z")).toBe(100 * MB);
  expect(writeAt(night, "2026-11-27T03:00:00Z")).toBe(100 * MB);
  expect(next(night, "2026-11-27T23:00:00Z")).toEqual(["2026-11-28T06:00:00.000Z", 100 * MB]);
  expect(next(night, "2026-11-28T06:00:00Z")).toEqual(["2026-12-04T22:00:00.000Z", null]);
});

test("from and to alike are a whole day, and the first window of several counts", () => {
  const sunday = limits("UTC", window("12:00", "13:00", 1 * MB), window("00:00", "00:00", 5 * MB, [0]));
  expect(writeAt(sunday, "2026-11-29T11:59:00Z")).toBe(5 * MB);
  expect(writeAt(sunday, "2026-11-29T12:30:00Z")).toBe(1 * MB);
  expect(writeAt(sunday, "2026-11-30T00:00:00Z")).toBe(100 * MB);
  expect(limitsAt(sunday, Date.parse("2026-11-29T12:30:00Z")).window).toBe(0);
});

test("an hour that clocks leave out ends or begins a window when they jump", () => {
  // Berlin: 02:00 becomes 03:00 at 01:00Z on 29 March 2026.
  const early = limits("Europe/Berlin", window("02:30", "05:00", 10 * MB));
  expect(writeAt(early, "2026-03-29T00:59:00Z")).toBe(100 * MB);
  expect(writeAt(early, "2026-03-29T01:00:00Z")).toBe(10 * MB);
  expect(next(early, "2026-03-29T00:00:00Z")).toEqual(["2026-03-29T01:00:00.000Z", 10 * MB]);
  expect(next(early, "2026-03-29T01:00:00Z")).toEqual(["2026-03-29T03:00:00.000Z", 100 * MB]);
  const late = limits("Europe/Berlin", window("22:00", "02:30", 10 * MB));
  expect(next(late, "2026-03-29T00:00:00Z")).toEqual(["2026-03-29T01:00:00.000Z", 100 * MB]);
});

test("an hour that comes twice is the window's both times", () => {
  // Berlin: 03:00 becomes 02:00 at 01:00Z on 25 October 2026.
  const early = limits("Europe/Berlin", window("02:30", "02:45", 10 * MB));
  expect(writeAt(early, "2026-10-25T00:30:00Z")).toBe(10 * MB);
  expect(writeAt(early, "2026-10-25T01:00:00Z")).toBe(100 * MB);
  expect(writeAt(early, "2026-10-25T01:30:00Z")).toBe(10 * MB);
  expect(next(early, "2026-10-25T00:31:00Z")).toEqual(["2026-10-25T00:45:00.000Z", 100 * MB]);
  expect(next(early, "2026-10-25T00:45:00Z")).toEqual(["2026-10-25T01:30:00.000Z", 10 * MB]);
  // Clocks are set back over the end: the window comes back.
  const until = limits("Europe/Berlin", window("22:00", "02:30", 10 * MB));
  expect(next(until, "2026-10-25T00:31:00Z")).toEqual(["2026-10-25T01:00:00.000Z", 10 * MB]);
});

test("without windows, and where they change nothing, there is no next change", () => {
  expect(next(limits("UTC"), "2026-11-24T00:00:00Z")).toBeNull();
  expect(next(limits("UTC", window("01:00", "02:00", 100 * MB)), "2026-11-24T00:00:00Z")).toBeNull();
});

const FORM = {
  copies: "",
  read: { value: "", unit: "MB" },
  write: { value: "", unit: "MB" },
  timeZone: "Asia/Shanghai",
  windows: [],
};

test("a form is read with its units, and blank means no limit", () => {
  const read = LimitsForm.parse({
    ...FORM,
    copies: "4",
    read: { value: "1,5", unit: "GB" },
    windows: [
      { days: [5, 1, 1], from: "22:00", to: "06:00", read: FORM.read, write: { value: "512", unit: "KB" } },
    ],
  });
  expect(read).toMatchObject({ copies: 4, readBytesPerSecond: 1_500 * MB, writeBytesPerSecond: null });
  expect(read?.windows).toEqual([
    { days: [1, 5], from: "22:00", to: "06:00", readBytesPerSecond: null, writeBytesPerSecond: 512_000 },
  ]);
});

test.each([
  [{ copies: "0" }, "copies", "copies-invalid"],
  [{ copies: "2.5" }, "copies", "copies-invalid"],
  [{ read: { value: "fast", unit: "MB" } }, "read", "rate-invalid"],
  [{ read: { value: "-1", unit: "MB" } }, "read", "rate-invalid"],
  [{ read: { value: "1e3", unit: "MB" } }, "read", "rate-invalid"],
  [{ write: { value: "1", unit: "KB" } }, "write", "rate-range"],
  [{ write: { value: "999999", unit: "GB" } }, "write", "rate-range"],
  [{ write: { value: "1", unit: "TB" } }, "write.unit", "rate-invalid"],
  [{ timeZone: "Mars/Olympus" }, "timeZone", "time-zone-unknown"],
  [{ windows: [{ ...windowForm(), days: [] }] }, "windows.0.days", "days-required"],
  [{ windows: [{ ...windowForm(), from: "24:00" }] }, "windows.0.from", "clock-invalid"],
  [
    { windows: [windowForm(), { ...windowForm(), write: { value: "x", unit: "KB" } }] },
    "windows.1.write",
    "rate-invalid",
  ],
  [{ windows: Array.from({ length: 15 }, windowForm) }, "windows", "too-many-windows"],
])("%j is refused at its field", (change, path, message) => {
  const issue = LimitsForm.safeParse({ ...FORM, ...change }).error?.issues[0];
  expect([issue?.path.join("."), issue?.message]).toEqual([path, message]);
});

function windowForm() {
  return { days: [1], from: "09:00", to: "18:00", read: FORM.read, write: FORM.write };
}

test("limits that limit nothing are none", () => {
  expect(LimitsForm.parse(FORM)).toBeNull();
  expect(LimitsForm.parse({ ...FORM, windows: [windowForm()] })).toBeNull();
});

test("a stored rate comes back as it was typed", () => {
  for (const [rate, value, unit] of [
    [10 * MB, "10", "MB"],
    [1_500 * MB, "1.5", "GB"],
    [512_000, "512", "KB"],
  ] as const) {
    expect(typedRate(rate)).toEqual({ value, unit });
  }
});
