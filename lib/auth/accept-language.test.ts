import { expect, test } from "vitest";
import { negotiateLocale } from "./accept-language.ts";

test.each([
  [null, "zh-CN"],
  ["", "zh-CN"],
  ["*", "zh-CN"],
  ["fr-FR, de;q=0.9", "zh-CN"],
  ["en", "en"],
  ["en-GB,en;q=0.9", "en"],
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"],
  ["zh-TW", "zh-CN"],
  ["fr-FR, en;q=0.7, zh;q=0.3", "en"],
  ["fr, zh;q=0.3, en;q=0.7", "en"],
  ["en;q=0, zh;q=0.1", "zh-CN"],
  ["en;q=nonsense", "zh-CN"],
  ["toString, EN-us", "en"],
])("%s is answered in %s", (header, locale) => {
  expect(negotiateLocale(header)).toBe(locale);
});
