import { describe, expect, test } from "vitest";
import { compilePattern } from "./pattern.ts";
import { type Suggestion, suggestionFor } from "./suggestion.ts";
import { tokenize } from "./tokens.ts";

function suggestion(source: string): Suggestion | null {
  const compiled = compilePattern(source);
  return suggestionFor(source, compiled.ok ? null : compiled.error);
}

describe("what can be corrected is offered corrected", () => {
  test.each([
    ["^order-.*$", "anchors", "order-.*"],
    ["^a|b$", "anchors", "a|b"],
    ["v1\\\\$", "anchors", "v1\\\\"],
    ["*-api", "glob", ".*-api"],
    ["(web|*)", "glob", "(web|.*)"],
    ["v\\d+\\.\\d+\\.\\d+(?!-rc)", "look-around", "v\\d+\\.\\d+\\.\\d+"],
    ["(?<!x)v.*", "look-around", "v.*"],
    ["v1(?#the first)", "comment", "v1"],
    ["(order|pay", "close-parenthesis", "(order|pay)"],
    ["((a|b)|(c", "close-parenthesis", "((a|b)|(c))"],
    ["v[0-9", "close-bracket", "v[0-9]"],
    ["order)-.*", "extra-parenthesis", "order-.*"],
    ["\\Qa.b", "close-quote", "\\Qa.b\\E"],
    ["order\\", "trailing-backslash", "order"],
    ["a{5,2}", "repeat-range", "a{2,5}"],
  ])("%s: %s", (source, reason, fixed) => {
    expect(suggestion(source)).toEqual({ reason, fixed });
  });
});

describe("what would mean something else is left to the person", () => {
  test.each([
    ["nothing is wrong", "order-.*"],
    ["an escaped dollar is a character", "v1\\$"],
    ["a look-ahead in the middle decides", "(?!rc).*"],
    ["a positive one at the end can never be true", "v1(?=x)"],
    ["a negative one of nothing is never true", "v1(?!x?)"],
    ["a class that may end anywhere", "[a-z+.*"],
    ["a back-reference", "(a)\\1"],
    ["a plus without anything before it", "+a"],
  ])("%s", (_why, source) => {
    expect(suggestion(source)).toBeNull();
  });
});

test("anchors that are taken away change no match", () => {
  for (const source of ["^a|b$", "^(a|ab)$", "^a*$"]) {
    const [before, after] = [compilePattern(source), compilePattern(suggestion(source)?.fixed ?? "?")];
    for (const name of ["a", "b", "ab", "aa", "ba"]) {
      expect(after.ok && after.pattern.matches(name)).toBe(before.ok && before.pattern.matches(name));
    }
  }
  // An expression for nothing would become one for everything.
  expect(suggestion("^$")).toBeNull();
});

describe("colours", () => {
  const kinds = (source: string) => tokenize(source).map(({ kind, text }) => `${kind}:${text}`);
  test.each([
    ["(order|pay)-.*", ["group:(", "text:order", "group:|", "text:pay", "group:)", "text:-", "wildcard:.*"]],
    ["v\\d+\\.[.(|)]+", ["text:v\\d+\\.[.(|)]+"]],
    ["(?:a|(?P<n>.))", ["group:(?:", "text:a", "group:|(?P<n>", "wildcard:.", "group:))"]],
    ["\\Q(.*)\\E.{2,3}", ["text:\\Q(.*)\\E", "wildcard:.{2,3}"]],
    ["a(?!b", ["text:a", "group:(?!", "text:b"]],
  ])("%s", (source, expected) => {
    expect(kinds(source)).toEqual(expected);
  });

  test("the stretches are the expression, whatever it is", () => {
    for (const source of [
      "",
      "[",
      "[^]",
      "\\",
      "a[b\\]c",
      "((((",
      "x{1,",
      "中文.*|é",
      "*?+",
      "[[:alpha:]-(]",
    ]) {
      expect(
        tokenize(source)
          .map(({ text }) => text)
          .join(""),
      ).toBe(source);
    }
  });
});
