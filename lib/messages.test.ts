import { type MessageFormatElement, parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { describe, expect, test } from "vitest";
import { flatten, messagesOf } from "./testing/message-files.ts";

const chinese = new Map(flatten(messagesOf("zh-CN")));
const english = new Map(flatten(messagesOf("en")));

/** Names of arguments and tags, sorted; those of every branch together. */
function parts(elements: readonly MessageFormatElement[]): Set<string> {
  const names = new Set<string>();
  for (const element of elements) {
    if (element.type !== TYPE.literal && element.type !== TYPE.pound) {
      names.add(element.type === TYPE.tag ? `<${element.value}>` : element.value);
    }
    const inner =
      element.type === TYPE.tag
        ? [element.children]
        : element.type === TYPE.plural || element.type === TYPE.select
          ? Object.values(element.options).map(({ value }) => value)
          : [];
    for (const name of inner.flatMap((branch) => [...parts(branch)])) {
      names.add(name);
    }
  }
  return names;
}

const partsOf = (text: string): string[] => [...parts(parse(text))].sort();
/** What is read: literals only. */
const read = (text: string): string => text.replace(/\{\w+\}|<[^>]*>/g, "");
const entriesWhere = (messages: Map<string, string>, fault: (text: string, key: string) => boolean) =>
  [...messages].filter(([key, text]) => fault(text, key)).map(([key, text]) => `${key}: ${text}`);

/** Without what depends on a number or a word. */
function withoutChoices(text: string): string {
  const start = text.search(/\{\w+, (?:plural|select),/);
  if (start < 0) {
    return text;
  }
  let end = start;
  for (let depth = 0; end < text.length; end += 1) {
    depth += text[end] === "{" ? 1 : text[end] === "}" ? -1 : 0;
    if (depth === 0) {
      break;
    }
  }
  return text.slice(0, start) + withoutChoices(text.slice(end + 1));
}

/** A limit of ours, or said of several only. */
const ALWAYS_MANY = new Set([
  "errors.bulk-too-many",
  "lag.oldestOfMany",
  "rules.bulk.tooMany",
  "topology.graph.edgeLabel",
]);

describe("both languages", () => {
  test("have the same keys", () => {
    expect(chinese.size).toBeGreaterThan(600);
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  test("fill in the same arguments and tags", () => {
    expect(partsOf("{n, plural, one {{n} tag} other {{n} tags}} of <code>{ns}</code>")).toEqual([
      "<code>",
      "n",
      "ns",
    ]);
    const different = [...chinese]
      .map(([key, text]) => [key, partsOf(text), partsOf(english.get(key) ?? "")] as const)
      .filter(([, zh, en]) => zh.join() !== en.join());
    expect(different).toEqual([]);
  });

  test("Chinese counts without plural forms", () => {
    expect(entriesWhere(chinese, (text) => /\bone \{/.test(text))).toEqual([]);
  });

  test("leave no text empty but advice that there is none", () => {
    const empty = (text: string, key: string) => text.trim() === "" && !key.endsWith(".advice");
    expect(entriesWhere(english, empty)).toEqual([]);
    expect(entriesWhere(chinese, empty)).toEqual([]);
  });
});

describe("Chinese", () => {
  test("has no space typed between Chinese and Latin: the browser sets it", () => {
    const spaced = /[\u4e00-\u9fff] [A-Za-z0-9<]|[A-Za-z0-9>] [\u4e00-\u9fff]/;
    // pattern.json is also printed to a terminal, where nothing sets that space.
    expect(entriesWhere(chinese, (text, key) => spaced.test(text) && !key.startsWith("pattern."))).toEqual(
      [],
    );
  });

  test("has full-width punctuation and 「」", () => {
    // A reference is written with a half-width colon, whatever stands around it.
    const halfWidth = /[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]|[“”"]|\.\.\.|……/;
    const names = /仓库:版本|:版本/g;
    expect(entriesWhere(chinese, (text) => halfWidth.test(read(text).replace(names, "")))).toEqual([]);
  });

  test("says 你, excuses nothing, and tells what failed", () => {
    expect(entriesWhere(chinese, (text) => /您|抱歉|操作失败|出错了|对不起|！/.test(text))).toEqual([]);
  });
});

describe("English", () => {
  test("has no Chinese but the name of that language", () => {
    const cjk = (text: string, key: string) =>
      /[\u3000-\u9fff\uff00-\uffef]/.test(text) && key !== "common.language.zh-CN";
    expect(entriesWhere(english, cjk)).toEqual([]);
  });

  test("is plain: no please, no excuses, no exclamation, no straight quotes", () => {
    const wordy = /\b(?:please|sorry|oops|successfully|unable to|in order to)\b|!|"|\.\.\./i;
    expect(entriesWhere(english, (text) => wordy.test(read(text)))).toEqual([]);
  });

  test("counts one thing as one", () => {
    const things =
      "tags?|repos|repositories|rules|tasks|checks|items|instances|layers|entries|accounts|fields|changes|versions";
    const counted = new RegExp(`\\{\\w+\\} (?:(?:more|other|new) )?(?:${things})\\b`);
    expect(withoutChoices("{n, plural, one {{n} tag} other {{n} tags}} of {m} tags")).toBe(" of {m} tags");
    expect(
      entriesWhere(english, (text, key) => counted.test(withoutChoices(text)) && !ALWAYS_MANY.has(key)),
    ).toEqual([]);
  });

  test("is in sentence case", () => {
    // Two words in a row that begin with a capital, the second no name of something.
    const titleCase =
      /^[A-Z][a-z]+ (?!OCI|PostgreSQL|Helm|Hub|Chart|ID|IP|Space|Enter|Esc|Ctrl|S\b)[A-Z][a-z]+/;
    expect(entriesWhere(english, (text) => titleCase.test(text))).toEqual([]);
  });
});
