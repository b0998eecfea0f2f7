import { beforeAll, describe, expect, test } from "vitest";
import { flatten, messagesOf } from "../lib/testing/message-files.ts";
import { literalTexts, parseSource, readSources, type Source, textUses } from "../lib/testing/source-scan.ts";

let pages: Source[];
let everything: Source[];
beforeAll(() => {
  pages = readSources("app", "components");
  everything = [...pages, ...readSources("lib")];
});

/** For a regular expression that finds this text. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const keys = new Set(flatten(messagesOf("zh-CN")).map(([key]) => key));
const groups = new Set(
  [...keys].flatMap((key) => key.split(".").map((_, at, parts) => parts.slice(0, at).join("."))),
);

/** `*` stands for a part of a key that is known when it runs. */
const matching = (pattern: string): RegExp =>
  new RegExp(`^${pattern.split("*").map(escaped).join("([^.]+)")}$`);
const found = (key: string): boolean =>
  keys.has(key) ||
  groups.has(key) ||
  (key.includes("*") && [...keys].some((each) => matching(key).test(each)));

describe("the keys of texts", () => {
  test("the scan sees calls of translators, whatever they are called and wherever they are made", () => {
    const { ast, ...rest } = parseSource(
      "x.tsx",
      `const say = useTranslations("common");
       const [x, t] = await Promise.all([getUser(), getTranslations("rules.form")]);
       say("save"); say(bad ? "cancel" : \`health.\${status}\`); t.rich("name", {}); x("not a translator");
       function Other() { const t = useTranslations("tasks"); return t(\`phase.\${done ? "scan" : "sync"}\`); }`,
    );
    expect(textUses({ ast, ...rest }).map((use) => use.keys)).toEqual([
      ["common.save"],
      ["common.cancel", "common.health.*"],
      ["rules.form.name"],
      ["tasks.phase.scan", "tasks.phase.sync"],
    ]);
    expect(pages.flatMap(textUses).length).toBeGreaterThan(500);
  });

  test("every key that is used exists", () => {
    const missing = everything
      .flatMap(textUses)
      .flatMap(({ path, keys: used }) => used.filter((key) => !found(key)).map((key) => `${path}: ${key}`));
    expect(missing).toEqual([]);
  });

  test("a figure that is text already is not formatted again", () => {
    const english = new Map(flatten(messagesOf("en")));
    const printsNaN = everything
      .flatMap(textUses)
      .flatMap(({ path, keys: used, formatted }) =>
        used.flatMap((key) => formatted.map((name) => ({ path, key, name }))),
      )
      .filter(({ key, name }) => pluralOf(english.get(key) ?? "", name).includes("#"));
    expect(pluralOf("{n, plural, one {# tag} other {# tags}} of {m, plural, other {{m} repos}}", "m")).toBe(
      "{m, plural, other {{m} repos}}",
    );
    expect(printsNaN).toEqual([]);
  });

  test("every text is used", () => {
    const used = new Set(everything.flatMap(textUses).flatMap((use) => use.keys));
    const patterns = [...used].filter((key) => key.includes("*")).map(matching);
    const code = everything.map(({ text }) => text).join("\n");
    // A part that is known only when it runs names something of the code: a status, a permission, a reason.
    const isNamed = (part: string): boolean => {
      const name = escaped(part);
      return new RegExp(`["'\`.]${name}["'\`]|\\b${name}:`).test(code);
    };
    const isNamedBy = (pattern: RegExp, key: string): boolean =>
      pattern.exec(key)?.slice(1).every(isNamed) ?? false;
    const unused = [...keys].filter(
      (key) =>
        !used.has(key) &&
        !READ_AS_DATA.some((prefix) => key.startsWith(prefix)) &&
        !patterns.some((pattern) => isNamedBy(pattern, key)),
    );
    expect(unused).toEqual([]);
  });
});

/** The plural of this argument, braces and all. */
function pluralOf(text: string, name: string): string {
  const start = text.indexOf(`{${name}, plural,`);
  let depth = 0;
  for (let index = Math.max(start, 0); start >= 0 && index < text.length; index += 1) {
    depth += text[index] === "{" ? 1 : text[index] === "}" ? -1 : 0;
    if (depth === 0) {
      return text.slice(start, index + 1);
    }
  }
  return "";
}

/** Groups that code reads as data: tests beside lib/format/error-sentence.ts, lib/pattern and lib/notices check them key by key. */
const READ_AS_DATA = ["errors.failure.", "pattern.", "notice-words."];

describe("literals", () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the strings are code
  test.each([
    ["<p>Hello there</p>", ["Hello there"]],
    ['<p>{ready ? "Done now" : t("wait")}</p>', ["Done now"]],
    ["<p>{`${n} tags found`}</p>", ["tags found"]],
    ['<input placeholder="Search" />', ["Search"]],
    ['<i aria-label={open ? "Close" : `Open ${name}`} />', ["Close", "Open"]],
    ['showToast({ message: "Saved it" });', ["Saved it"]],
    ['const x = "同步";', ["同步"]],
    ["const x = `${a}，共${b}`;", ["，共"]],
    ['/** 同步 */ const y = <p className="big">{t("key")}</p>; // 同步', []],
    ["<code>{`${host}/${path}`}</code>", []],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the strings are code
  ])("the scan bites: %s", (text, literals) => {
    expect(literalTexts(parseSource("app/x.tsx", text))).toEqual(literals);
  });

  test("no text stands in the code", () => {
    const literals = everything
      .filter(({ path }) => !NOT_SHOWN.test(path) && !FORMATS.has(path))
      .flatMap((source) => literalTexts(source).map((literal) => `${source.path}: ${literal}`))
      .filter((entry) => !NOT_LANGUAGE.test(entry));
    expect(literals).toEqual([]);
  });
});

const NOT_SHOWN = /^lib\/(?:testing|cli)\//;
/** Dates and durations are put together here, in both languages; their tests say how. */
const FORMATS = new Set([
  "lib/format/duration.ts",
  "lib/format/error-sentence.ts",
  "lib/format/join.ts",
  "lib/format/time.ts",
]);
/** Examples of what to type, names of standards and keys, and the role of the crumbs that styles go by. */
const NOT_LANGUAGE =
  /: (?:https:\/\/registry\.example\.com|-----BEGIN CERTIFICATE-----|breadcrumb|RE2|Esc|Lockstep)$/;
