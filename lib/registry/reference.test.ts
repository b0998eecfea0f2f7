import { describe, expect, test } from "vitest";
import { isDigestTag, isRepositoryName, isTag } from "./reference.ts";

describe("a repository name", () => {
  test.each(["a", "app", "team/app", "a.b/c_d/e__f/g---h", "0/1", "a/b/c/d/e/f"])("is %s", (name) => {
    expect(isRepositoryName(name)).toBe(true);
  });

  test.each([
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    "A",
    "team/App",
    "a..b",
    "a___b",
    "a._b",
    "-a",
    "a-",
    "..",
    "a/../b",
    "a b",
    "a?b",
    "a#b",
    "a%2fb",
    "a\n",
    "团队/应用",
    "a".repeat(256),
  ])("is not %j", (name) => {
    expect(isRepositoryName(name)).toBe(false);
  });

  test("is decided in linear time", () => {
    const started = performance.now();
    for (const hostile of [`${"a_".repeat(127)}!`, `${"a-".repeat(127)}/`, "a".repeat(255)]) {
      isRepositoryName(hostile);
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("a tag", () => {
  test.each(["1", "v1.2.3", "_x", "A-b_c.d", "a".repeat(128)])("is %s", (tag) => {
    expect(isTag(tag)).toBe(true);
  });

  test.each(["", ".a", "-a", "a/b", "a:b", "a+b", "..", "a b", "a\n", "a".repeat(129)])(
    "is not %j",
    (tag) => {
      expect(isTag(tag)).toBe(false);
    },
  );
});

test("the tags of signatures and referrers are told from those of users", () => {
  const hex = "ab".repeat(32);
  for (const tag of [`sha256-${hex}`, `sha256-${hex}.sig`, `sha256-${hex}.att`, `sha256-${hex}.sbom`]) {
    expect(isDigestTag(tag), tag).toBe(true);
  }
  // The tag schema cuts a sha512 to 64 characters.
  expect(isDigestTag(`sha512-${hex}`)).toBe(true);
  for (const tag of ["latest", "sha256-abc", `sha256-${hex}.tar`, `sha1-${hex}`, `x-sha256-${hex}`]) {
    expect(isDigestTag(tag), tag).toBe(false);
  }
});
