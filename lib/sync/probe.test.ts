import { describe, expect, test } from "vitest";
import { probe } from "./probe.ts";

const ALL = { namespace: "t", repositoryPattern: "", tagPattern: "", excludeTagPattern: "", semverRange: "" };
const rule = {
  ...ALL,
  namespace: "trade",
  repositoryPattern: "(order|pay)-.*",
  tagPattern: "v\\d+\\.\\d+\\.\\d+",
};

describe("why a name matches or does not", () => {
  test.each([
    ["", { kind: "blank" }],
    ["order-api:v3.18.2", { kind: "names-match", repository: "trade/order-api", tag: "v3.18.2" }],
    ["trade/order-api:v3.18.2", { kind: "names-match", repository: "trade/order-api", tag: "v3.18.2" }],
    [
      "r.example.com:5000/trade/order-api:v1.0.0",
      { kind: "names-match", repository: "trade/order-api", tag: "v1.0.0" },
    ],
    ["order-api", { kind: "repository-matches", repository: "trade/order-api" }],
    ["order-api:v3.18.2-rc1", { kind: "tag", tag: "v3.18.2-rc1", coverage: { kind: "prefix", end: 7 } }],
    ["order-api:xv1.2.3", { kind: "tag", tag: "xv1.2.3", coverage: { kind: "suffix", start: 1 } }],
    [
      "order-api:v3.18",
      { kind: "tag", tag: "v3.18", coverage: { kind: "stops", end: 5, wanted: "\\.\\d+" } },
    ],
    ["order-api:latest", { kind: "tag", tag: "latest", coverage: { kind: "none" } }],
    ["ledger:v1.0.0", { kind: "repository", path: "ledger", coverage: { kind: "none" } }],
    [
      "order:v1.0.0",
      { kind: "repository", path: "order", coverage: { kind: "stops", end: 5, wanted: "-.*" } },
    ],
    ["r.example.com/other/order-api:v1.0.0", { kind: "outside", repository: "other/order-api" }],
    [`order-api:sha256-${"0".repeat(64)}.sig`, { kind: "digest-tag" }],
    ["Order-API:v1.0.0", { kind: "no-name", part: "repository", text: "trade/Order-API" }],
    ["order-api:-x", { kind: "no-name", part: "tag", text: "-x" }],
    [`order-api:v1.0.0@sha256:${"0".repeat(64)}`, { kind: "names-match", tag: "v1.0.0" }],
  ])("%s", (typed, expected) => {
    expect(probe(typed, rule)).toMatchObject(expected);
  });

  test("what the expression means may be excluded, or out of range: the first that leaves it out is named", () => {
    const narrow = { ...ALL, excludeTagPattern: ".*-rc.*", semverRange: ">=1.4 <2" };
    const answer = (tag: string) => probe(`app:${tag}`, narrow);
    expect(answer("1.4.0-rc1")).toEqual({ kind: "excluded", tag: "1.4.0-rc1" });
    expect(answer("2.0.0")).toEqual({ kind: "out-of-range", tag: "2.0.0", range: ">=1.4 <2" });
    expect(answer("latest")).toMatchObject({ kind: "out-of-range" });
    expect(answer("v1.4.1")).toMatchObject({ kind: "names-match" });
    expect(probe("app:latest", { ...narrow, tagPattern: "v.*" })).toMatchObject({ kind: "tag" });
  });

  test("in the root a name with a slash is outside", () => {
    expect(probe("a/b:v1", { ...ALL, namespace: "" })).toEqual({
      kind: "outside",
      repository: "a/b",
    });
  });

  test("of alternatives outside of groups no beginning is taken for more than it is", () => {
    expect(probe("ordes:v1", { ...ALL, repositoryPattern: "order|pay" })).toEqual({
      kind: "repository",
      path: "ordes",
      coverage: { kind: "none" },
    });
  });

  test("answers while somebody types, also for the longest expression", () => {
    const long = { ...ALL, repositoryPattern: `${"(a|b)?".repeat(160)}c` };
    const startedAt = performance.now();
    probe(`${"ab".repeat(120)}:v1`, long);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});
