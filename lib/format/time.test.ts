import { expect, test } from "vitest";
import {
  formatAbsolute,
  formatClock,
  formatComing,
  formatRelative,
  formatRun,
  formatShort,
  formatSoon,
} from "./time.ts";

const SHANGHAI = "Asia/Shanghai";
const zh = { locale: "zh-CN", timeZone: SHANGHAI } as const;
const en = { locale: "en", timeZone: SHANGHAI } as const;
const NOW = "2026-11-24T08:00:00.000Z"; // 16:00 in Shanghai

test.each([
  ["2026-11-24T07:59:30.000Z", "刚刚", "just now"],
  ["2026-11-24T08:00:09.000Z", "刚刚", "just now"],
  ["2026-11-24T07:57:00.000Z", "3分钟前", "3 min ago"],
  ["2026-11-24T03:00:00.000Z", "5小时前", "5 h ago"],
  ["2026-11-23T17:00:00.000Z", "15小时前", "15 h ago"],
  ["2026-11-23T15:00:00.000Z", "昨天", "yesterday"],
  ["2026-11-18T08:00:00.000Z", "6天前", "6 d ago"],
  ["2026-10-25T08:00:00.000Z", "30天前", "30 d ago"],
  ["2026-10-24T08:00:00.000Z", "2026-10-24", "24 Oct 2026"],
])("%s is %s", (instant, chinese, english) => {
  expect(formatRelative(instant, NOW, zh)).toBe(chinese);
  expect(formatRelative(instant, NOW, en)).toBe(english);
});

test("shortly after midnight an event of yesterday evening counts in hours", () => {
  expect(formatRelative("2026-11-24T14:00:00.000Z", "2026-11-24T17:00:00.000Z", zh)).toBe("3小时前");
});

test("absolute times name their zone", () => {
  const instant = "2026-11-24T07:36:08.000Z";
  expect(formatAbsolute(instant, zh)).toBe("2026-11-24 15:36:08 (UTC+8)");
  expect(formatAbsolute(instant, en)).toBe("24 Nov 2026, 15:36:08 (UTC+8)");
  expect(formatAbsolute(instant, { locale: "en", timeZone: "UTC" })).toBe("24 Nov 2026, 07:36:08 (UTC)");
  expect(formatAbsolute(instant, { locale: "zh-CN", timeZone: "Asia/Kolkata" })).toBe(
    "2026-11-24 13:06:08 (UTC+5:30)",
  );
});

test("a column names the day only as far as needed", () => {
  expect(formatShort("2026-11-24T07:36:08.000Z", NOW, zh)).toBe("今天15:36:08");
  expect(formatShort("2026-11-24T07:36:08.000Z", NOW, en)).toBe("Today 15:36:08");
  expect(formatShort("2026-11-23T14:18:40.000Z", NOW, zh)).toBe("11-23 22:18:40");
  expect(formatShort("2026-11-23T14:18:40.000Z", NOW, en)).toBe("23 Nov 22:18:40");
  expect(formatShort("2025-12-31T15:59:59.000Z", NOW, zh)).toBe("2025-12-31 23:59:59");
  expect(formatClock("2026-11-23T16:00:00.000Z", SHANGHAI)).toBe("00:00:00");
});

test("a run of a schedule is told by the clocks of its zone", () => {
  const run = new Date("2026-11-24T18:30:00.000Z");
  expect(formatRun(run, zh)).toEqual({ day: "11-25 周三", time: "02:30", zone: "UTC+8" });
  expect(formatRun(run, en)).toEqual({ day: "Wed 25 Nov", time: "02:30", zone: "UTC+8" });
  expect(formatRun(run, { locale: "en", timeZone: "America/New_York" })).toEqual({
    day: "Tue 24 Nov",
    time: "13:30",
    zone: "UTC-5",
  });
});

test("a moment to come is said to the minute, and of today by its word", () => {
  const now = new Date("2026-11-24T12:00:00Z");
  expect(formatComing("2026-11-24T14:00:30Z", zh, now)).toBe("今天22:00");
  expect(formatComing("2026-11-24T14:00:30Z", en, now)).toBe("today 22:00");
  expect(formatComing("2026-11-24T18:30:00Z", zh, now)).toBe("11-25 周三 02:30");
  expect(formatComing("2026-11-24T18:30:00Z", en, now)).toBe("Wed 25 Nov 02:30");
});

test("where there is little room, of a moment to come its time today or its day is said", () => {
  expect(formatSoon("2026-11-24T14:00:00Z", NOW, zh)).toBe("22:00");
  expect(formatSoon("2026-11-24T14:00:00Z", NOW, en)).toBe("22:00");
  expect(formatSoon("2026-11-24T18:30:00Z", NOW, zh)).toBe("11-25");
  expect(formatSoon("2026-11-24T18:30:00Z", NOW, en)).toBe("25 Nov");
});
