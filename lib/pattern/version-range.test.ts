import { expect, test } from "vitest";
import { compileVersionRange } from "./version-range.ts";

const inRange = (range: string, tags: string[]) => {
  const compiled = compileVersionRange(range);
  return tags.filter((tag) => compiled?.matches(tag));
};

test("versions of the range, with or without v; what is no whole version is in no range", () => {
  const tags = [
    "1.3.9",
    "v1.4.0",
    "1.10.2",
    "2.0.0",
    "1.5",
    "v1",
    "latest",
    "1.5.0-alpine",
    "01.5.0",
    "1.5.0.1",
  ];
  expect(inRange(">=1.4 <2", tags)).toEqual(["v1.4.0", "1.10.2"]);
  expect(inRange("^1.3 || 2.x", tags)).toEqual(["1.3.9", "v1.4.0", "1.10.2", "2.0.0"]);
  expect(inRange("*", tags)).toEqual(["1.3.9", "v1.4.0", "1.10.2", "2.0.0"]);
});

test("pre-releases only where the range names one of the same version", () => {
  const tags = ["1.3.0-rc.1", "1.3.0-rc.2", "1.3.0", "1.4.0-rc.1"];
  expect(inRange(">=1.0.0", tags)).toEqual(["1.3.0"]);
  expect(inRange(">=1.3.0-rc.2", tags)).toEqual(["1.3.0-rc.2", "1.3.0"]);
});

test("Helm writes the + of a version as _ in a tag (T42)", () => {
  expect(inRange("~1.4", ["1.4.2_build.7", "1.4.2_a_b", "v1.4.3_1"])).toEqual(["1.4.2_build.7", "v1.4.3_1"]);
});

test("blank is no bound; what is no range is none, however long", () => {
  expect(inRange(" ", ["latest"])).toEqual(["latest"]);
  for (const wrong of [">>1", "1.2.3.4", "latest", "a||b", ">=1 <", `>=1${" ".repeat(300)}`]) {
    expect([wrong, compileVersionRange(wrong)]).toEqual([wrong, null]);
  }
});
