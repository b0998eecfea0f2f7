import { describe, expect, test } from "vitest";
import { DestinationError, pathBelow, targetRepository } from "./destination.ts";
import { literalNames } from "./literal-names.ts";
import { planRepository } from "./plan.ts";

describe("where a repository goes", () => {
  test.each([
    ["team/app", "team", null, "team/app"],
    ["team/app", "team", "mirror", "mirror/app"],
    ["team/a/b", "team", "mirror/deep", "mirror/deep/a/b"],
    ["team/sub/api", "team/sub", "mirror", "mirror/api"],
    ["team/app", "team", "", "app"],
    ["team/a/b", "team", "", "a/b"],
    ["app", "", null, "app"],
    ["app", "", "mirror", "mirror/app"],
  ])("%s of '%s' to '%s' is %s", (repository, from, to, expected) => {
    expect(targetRepository(repository, from, to)).toBe(expected);
  });

  test.each([
    ["team/app", "team", "Upper"],
    ["team/app", "team", "a//b"],
    ["team/app", "team", "x".repeat(255)],
    ["other/app", "team", "mirror"],
    ["teamwork/app", "team", "mirror"],
    ["team/app", "", "mirror"],
    ["team", "team", ""],
  ])("%s of '%s' to '%s' is refused", (repository, from, to) => {
    expect(() => targetRepository(repository, from, to)).toThrow(DestinationError);
  });

  test("a namespace is whole path components", () => {
    expect(pathBelow("teamwork/app", "team")).toBeNull();
    expect(pathBelow("team/a/b", "team")).toBe("a/b");
    expect(pathBelow("a/b", "")).toBeNull();
  });
});

test("a plan has one transfer a tag and target, and says which targets refuse the name", () => {
  const tags = ["v1", "v2"].map((tag) => ({ tag, digest: `sha256:${tag}`, mediaType: "m", size: 3 }));
  const targets = [
    { id: 1, namespace: null },
    { id: 2, namespace: "NOT-A-NAME" },
    { id: 3, namespace: "mirror" },
  ];
  const { transfers, refused } = planRepository({ repository: "team/app", tags }, "team", targets);
  expect(
    transfers.map(({ target, targetRepository: name, tag, digest }) => [target.id, name, tag, digest]),
  ).toEqual([
    [1, "team/app", "v1", "sha256:v1"],
    [1, "team/app", "v2", "sha256:v2"],
    [3, "mirror/app", "v1", "sha256:v1"],
    [3, "mirror/app", "v2", "sha256:v2"],
  ]);
  expect(refused.map(({ target, error }) => [target.id, error.repository])).toEqual([[2, "NOT-A-NAME/app"]]);
  expect(planRepository({ repository: "team/app", tags: [] }, "team", targets)).toEqual({
    transfers: [],
    refused: [],
  });
});

test.each([
  ["app", ["app"]],
  ["team/web|team/api", ["team/web", "team/api"]],
  ["a\\.b", ["a.b"]],
  ["a.b", null],
  ["app.*", null],
  ["(app)", null],
  ["app|", null],
  ["", null],
])("the expression %s means the names %j", (expression, names) => {
  expect(literalNames(expression)).toEqual(names);
});
