import { expect, test } from "vitest";
import {
  formatDuration,
  formatDurationColumn,
  formatEstimate,
  formatShortDuration,
  formatSpan,
} from "./duration.ts";

const seconds = (count: number) => count * 1000;

test.each([
  [0, "0秒", "0 s", "0:00"],
  [120, "1秒", "1 s", "0:01"],
  [seconds(48), "48秒", "48 s", "0:48"],
  [seconds(59.6), "1分00秒", "1 min 00 s", "1:00"],
  [seconds(372), "6分12秒", "6 min 12 s", "6:12"],
  [seconds(3840), "1小时04分", "1 h 04 min", "1:04:00"],
  [seconds(93_900), "1天02小时", "1 d 02 h", "26:05:00"],
])("%d ms", (ms, chinese, english, column) => {
  expect(formatDuration(ms, "zh-CN")).toBe(chinese);
  expect(formatDuration(ms, "en")).toBe(english);
  expect(formatDurationColumn(ms)).toBe(column);
});

test.each([
  [seconds(372), "6分12秒", "6 min 12 s"],
  [seconds(599.6), "10分00秒", "10 min 00 s"],
  [seconds(600), "10分钟", "10 min"],
  [seconds(38 * 60 + 7), "38分钟", "38 min"],
  [seconds(38 * 60 - 0.4), "38分钟", "38 min"],
  [seconds(3599.6), "1小时00分", "1 h 00 min"],
  [seconds(3840), "1小时04分", "1 h 04 min"],
])("%d ms where there is little room", (ms, chinese, english) => {
  expect(formatShortDuration(ms, "zh-CN")).toBe(chinese);
  expect(formatShortDuration(ms, "en")).toBe(english);
});

test.each([
  [null, "正在估算", "estimating"],
  [seconds(40), "剩余不足1分", "under 1 min left"],
  [seconds(18 * 60 + 5), "剩余约18分", "about 18 min left"],
  [seconds(3900), "剩余约1小时05分", "about 1 h 05 min left"],
])("an estimate of %s ms", (ms, chinese, english) => {
  expect(formatEstimate(ms, "zh-CN")).toBe(chinese);
  expect(formatEstimate(ms, "en")).toBe(english);
});

test.each([
  [0, "1分钟", "1 min"],
  [59 * 60_000, "59分钟", "59 min"],
  [23.9 * 3_600_000, "23小时", "23 h"],
  [2.9 * 86_400_000, "2天", "2 d"],
])("a span of %d ms is %s, %s", (ms, chinese, english) => {
  expect(formatSpan(ms, "zh-CN")).toBe(chinese);
  expect(formatSpan(ms, "en")).toBe(english);
});
