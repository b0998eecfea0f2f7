import { expect, test } from "vitest";
import { byteFigure, formatBytes, formatSpeed } from "./bytes.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1 KB"],
  [1_500, "1.5 KB"],
  [86_400_000, "86.4 MB"],
  [999_960, "1 MB"],
  [131_800_000_000, "131.8 GB"],
  [18_420_000_000, "18.42 GB"],
  [6_834_000_000, "6.83 GB"],
  [3_420_000_000_000, "3.42 TB"],
  [5_000_000_000_000_000_000, "5000 PB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("a speed has three significant digits", () => {
  expect(formatSpeed(186_400_000)).toBe("186 MB/s");
  expect(formatSpeed(64_120_000)).toBe("64.1 MB/s");
  expect(formatSpeed(999_600)).toBe("1 MB/s");
  expect(formatSpeed(0)).toBe("0 B/s");
});

test("a figure and its unit come apart; nothing is below zero", () => {
  expect(byteFigure(178_600_000_000)).toEqual({ value: "178.6", unit: "GB" });
  expect(byteFigure(-5)).toEqual({ value: "0", unit: "B" });
});
