import { expect, test, vi } from "vitest";
import { zoneIn } from "./zone.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));

test.each([
  "Asia/Shanghai",
  "America/Argentina/ComodRivadavia",
  "Etc/GMT+8",
  "America/Port-au-Prince",
  "UTC",
])("%s is a zone", (name) => {
  expect(zoneIn(name)).toBe(name);
});

test("a name is kept as the browser has it, so that the browser finds its own", () => {
  expect(zoneIn("Asia/Kolkata")).toBe("Asia/Kolkata");
  expect(zoneIn("Asia/Calcutta")).toBe("Asia/Calcutta");
});

test.each([
  null,
  "",
  " ",
  "Asia/Atlantis",
  "+08:00",
  "-03",
  "Asia/Shanghai ",
  "Asia/Shanghai; path=/",
  "Asia%2FShanghai",
  "../../etc/passwd",
  "<script>",
  "Ａsia/Shanghai",
  "Asia/Shanghai\u0000",
  `Asia/${"x".repeat(60)}`,
  "A".repeat(5000),
])("%j is not", (cookie) => {
  expect(zoneIn(cookie)).toBeNull();
});
