import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compilePattern, type PatternError } from "./pattern.ts";

function matches(source: string, name: string): boolean {
  const compiled = compilePattern(source);
  if (!compiled.ok) {
    throw new Error(`${source}: ${compiled.error.reason}`);
  }
  return compiled.pattern.matches(name);
}

function refusal(source: string): PatternError {
  const compiled = compilePattern(source);
  if (compiled.ok) {
    throw new Error(`${source} was accepted`);
  }
  return compiled.error;
}

describe("an expression matches the whole name", () => {
  test.each([
    ["a|b", "a", true],
    ["a|b", "b", true],
    ["a|b", "ab", false],
    ["a|b", "xb", false],
    ["a|b", "ax", false],
    ["a|ab", "ab", true],
    ["app", "app", true],
    ["app", "my-app", false],
    ["app", "app/web", false],
    [".*", "a/b/c", true],
    ["v\\d+\\.\\d+", "v1.20", true],
    ["v\\d+\\.\\d+", "v1.20-rc1", false],
    ["^v1$", "v1", true],
    ["(?i)APP", "app", true],
    ["(?m)a$", "a\nb", false],
    ["a$|b", "bc", false],
    ["\\Qa.b\\E", "a.b", true],
    ["\\Qa.b\\E", "axb", false],
    ["发布-.+", "发布-1", true],
    ["", "anything", true],
    ["", "", true],
  ])("%s on %s: %s", (source, name, expected) => {
    expect(matches(source, name)).toBe(expected);
  });
});

describe("a refused expression names position, part and reason", () => {
  test.each<[string, PatternError["code"], number, string, string]>([
    ["foo)|(?:bar", "syntax", 4, ")", "unexpected-closing-parenthesis"],
    ["(a", "syntax", 1, "(", "missing-closing-parenthesis"],
    ["(a)(b", "syntax", 4, "(", "missing-closing-parenthesis"],
    ["\\((a", "syntax", 3, "(", "missing-closing-parenthesis"],
    ["[(](a", "syntax", 4, "(", "missing-closing-parenthesis"],
    ["[]()](x", "syntax", 6, "(", "missing-closing-parenthesis"],
    ["[[:alpha:](](x", "syntax", 13, "(", "missing-closing-parenthesis"],
    ["\\Q(\\E(a", "syntax", 6, "(", "missing-closing-parenthesis"],
    ["a\\Qb", "syntax", 2, "\\Q", "missing-quote-end"],
    ["ab[c", "syntax", 3, "[", "missing-closing-bracket"],
    ["[]", "syntax", 1, "[", "missing-closing-bracket"],
    ["a\\", "syntax", 2, "\\", "trailing-backslash"],
    ["a\\q", "syntax", 2, "\\q", "invalid-escape"],
    ["\\b[\\b]", "syntax", 4, "\\b", "invalid-escape"],
    ["a[z-b]", "syntax", 3, "z-b", "invalid-range"],
    ["a[[:foo:]]", "syntax", 3, "[:foo:]", "unknown-class"],
    ["\\p{Foo}", "syntax", 1, "\\p{Foo}", "unknown-class"],
    ["a|*", "syntax", 3, "*", "nothing-to-repeat"],
    ["{2}", "syntax", 1, "{2}", "nothing-to-repeat"],
    ["ba**", "syntax", 3, "**", "repeated-repetition"],
    ["a{2,1}", "syntax", 2, "{2,1}", "repeat-range-reversed"],
    ["x(?<a-b>y)", "syntax", 2, "(?<a-b>", "invalid-group-name"],
    ["(?<n>a)(?<n>b)", "syntax", 11, "n", "duplicate-group-name"],
    ["a(?z)", "syntax", 2, "(?z", "unknown-group"],
    ["发布(?=x)", "unsupported", 3, "(?=", "look-around"],
    ["🚀a(?!x)", "unsupported", 3, "(?!", "look-around"],
    ["a(?<=x)", "unsupported", 2, "(?<=", "look-around"],
    ["ab(?<!x)c", "unsupported", 3, "(?<!", "look-around"],
    ["(a)\\1", "unsupported", 4, "\\1", "back-reference"],
    ["(?<n>a)\\k<n>", "unsupported", 8, "\\k<n>", "back-reference"],
    ["a++", "unsupported", 2, "++", "possessive-quantifier"],
    ["a*b{2}+", "unsupported", 4, "{2}+", "possessive-quantifier"],
    ["(?>a)", "unsupported", 1, "(?>", "atomic-group"],
    ["(a)(?(1)b)", "unsupported", 4, "(?(", "conditional-group"],
    ["a(?#note)", "unsupported", 2, "(?#", "comment-group"],
    ["ab{1,100000}", "unsupported", 3, "{1,100000}", "repeat-too-large"],
    ["(a{100}){100}", "unsupported", 9, "{100}", "repeat-too-large"],
    ["a".repeat(1025), "unsupported", 1025, "a", "too-long"],
  ])("%s", (source, code, position, fragment, reason) => {
    expect(refusal(source)).toEqual({ code, position, fragment, reason });
  });

  test("nesting and size have bounds", () => {
    expect(matches(`${"(".repeat(200)}a${")".repeat(200)}`, "a")).toBe(true);
    expect(matches("[a-z0-9._-]{1,128}", "a".repeat(128))).toBe(true);
    const large = "\\pL{1000}".repeat(10);
    expect(refusal(large)).toEqual({
      code: "unsupported",
      position: 1,
      fragment: large.slice(0, 32),
      reason: "too-large",
    });
  });

  test("never throws, and always points into the expression", () => {
    const alphabet = [
      "(",
      ")",
      "[",
      "]",
      "\\",
      "Q",
      "E",
      "?",
      "<",
      ">",
      "=",
      "!",
      "*",
      "+",
      "{",
      "}",
      "1",
      ",",
      "a",
      "-",
      ":",
      "^",
      "|",
      "🚀",
    ];
    let seed = 20_261_124;
    const next = (bound: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * bound);
    };
    let refused = 0;
    for (let round = 0; round < 5_000; round += 1) {
      const source = Array.from({ length: 1 + next(12) }, () => alphabet[next(alphabet.length)]).join("");
      const compiled = compilePattern(source);
      if (!compiled.ok) {
        refused += 1;
        const { position, fragment, reason } = compiled.error;
        const characters = Array.from(source);
        expect(position, source).toBeGreaterThanOrEqual(1);
        expect(position, source).toBeLessThanOrEqual(characters.length);
        expect(
          characters
            .slice(position - 1)
            .join("")
            .startsWith(fragment),
          `${source} ${reason}`,
        ).toBe(true);
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });
});

test("every reason has its words in both languages", () => {
  const source = readFileSync(new URL("./pattern-error.ts", import.meta.url), "utf8");
  const reasons = new Set(
    [...source.matchAll(/"([a-z]+(?:-[a-z]+)+|invalid|recursion)"/g)].map(([, reason]) => reason),
  );
  expect(reasons.size).toBeGreaterThan(20);
  for (const locale of ["zh-CN", "en"]) {
    const messages = JSON.parse(
      readFileSync(new URL(`../../messages/${locale}/pattern.json`, import.meta.url), "utf8"),
    );
    expect(Object.keys(messages).sort()).toEqual(["syntax", "unsupported", ...reasons].sort());
  }
});

/** Families of expressions on which a backtracking engine needs exponential or polynomial time. */
const REDOS = [
  "(a+)+",
  "(a*)*",
  "(a|a)*",
  "(a|aa)+",
  "(a+)*b",
  "(.*)*x",
  "(.*a){12}",
  "([a-z]+)*1",
  "(a?){30}a{30}",
  "(\\w+\\s?)*!",
  "^(a+)+$",
  "(x+x+)+y",
  "(([a-z])+.)+[A-Z]([a-z])+",
  "(.+)+\\.(.+)+",
  "(a|b|ab)*c",
  "(\\d+)*\\D",
  "([^,]*,)*z",
  "(a.*)*b",
  "(.*,){11}P",
  "a*a*a*a*a*a*b",
  "(a{1,10}){1,10}b",
  "(?:a+){5}b",
  "(ab|a)(bc|c)*d",
  "(\\s+)*x",
  "(a+a+)+b",
  "((a*)*)*b",
  "(aa|aab?)*c",
  "(.|a)*b",
  "(a|[a-z])*1",
  "([\\s\\S]*)*!",
  ".*.*=.*",
  ".*.*.*.*.*=",
  "(\\w*)*@",
  "(a*b*)*c",
  "(?:(?:a|b)+c?)*d",
  "(?i)(A+)+b",
  "(é|e)*z",
  "(\\pL+)*1",
  "(a|)+b",
  "(0|[1-9][0-9]*)*x",
] as const;

test("40 expressions that ruin a backtracking engine take linear time on 64 KiB", () => {
  expect(REDOS).toHaveLength(40);
  const subjects = ["a".repeat(65_536), "ab".repeat(32_768)];
  for (const source of REDOS) {
    for (const subject of subjects) {
      const started = performance.now();
      matches(source, subject);
      // Generous for a shared machine: a backtracking engine would not come back at all.
      expect(performance.now() - started, source).toBeLessThan(20_000);
    }
  }
}, 120_000);
