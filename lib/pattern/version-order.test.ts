import semver from "semver";
import { describe, expect, test } from "vitest";
import { compareNames, newestNames } from "./version-order.ts";

const sorted = (...names: string[]) => newestNames(names.toReversed(), names.length);

describe("the newest names", () => {
  test.each([
    ["numbers as numbers", ["1.10.0", "1.9.3", "1.9"]],
    ["a release above its pre-releases", ["v2.0.0", "v2.0.0-rc.10", "v2.0.0-rc.9", "v2.0.0-beta", "v1.9.0"]],
    ["what is no version comes last", ["0.1", "stable", "latest", "build"]],
    ["dates and counters", ["2026.11.24", "2026.9.30", "2025.12.31"]],
    ["numbers that no double holds", ["90071992547409931", "90071992547409930", "9007199254740993"]],
    ["digits in other names", ["nightly-20261124", "nightly-20261123", "build-10", "build-9"]],
    ["missing numbers are 0, then the name decides", ["1.2.1", "1.2.0", "1.2"]],
  ])("%s", (_, names) => {
    expect(sorted(...names)).toEqual(names);
  });

  test("so many, whatever order they are told in", () => {
    const names = ["latest", "v1.2.0", "1.10.0", "v1.9.1", "1.10.0-rc1"];
    expect(newestNames(names, 2)).toEqual(["1.10.0", "1.10.0-rc1"]);
    expect(newestNames(names.toReversed(), 2)).toEqual(["1.10.0", "1.10.0-rc1"]);
    expect(newestNames(names, 99)).toHaveLength(5);
  });
});

/** Names of every kind, most of them close to each other. */
function names(): string[] {
  const numbers = ["0", "1", "1.2", "1.2.0", "1.2.3", "1.10.3", "01.2", "20261124"];
  const ends = ["", "-rc", "-rc.1", "-rc.10", "-rc.2", "-1", "-alpine3.9", "_build", "_1", "x"];
  return [
    ...numbers.flatMap((number) => ends.map((end) => `${number}${end}`)),
    "latest",
    "a-9",
    "a-10",
    "v1.2.3",
    "V1",
  ];
}

test("an order: total, antisymmetric, transitive", () => {
  const all = names();
  for (const a of all) {
    for (const b of all) {
      expect(Math.sign(compareNames(a, b)) + Math.sign(compareNames(b, a)), `${a} ${b}`).toBe(0);
      expect(compareNames(a, b) === 0, `${a} ${b}`).toBe(a === b);
    }
  }
  const ordered = all.toSorted(compareNames);
  for (const [index, low] of ordered.entries()) {
    expect(ordered.slice(index + 1).filter((high) => compareNames(low, high) > 0)).toEqual([]);
  }
});

test("of versions it is the precedence of SemVer", () => {
  const versions = names().filter((name) => semver.valid(name.replace("_", "+")));
  expect(versions.length).toBeGreaterThan(20);
  for (const a of versions) {
    for (const b of versions) {
      const precedence = semver.compare(a.replace("_", "+"), b.replace("_", "+"));
      if (precedence !== 0) {
        expect(Math.sign(compareNames(a, b)), `${a} ${b}`).toBe(precedence);
      }
    }
  }
});
