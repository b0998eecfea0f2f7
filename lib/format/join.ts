import type { Locale } from "./locale.ts";

/** Names and words side by side: `上海、新加坡` / `Shanghai, Singapore`. */
export function joinList(words: readonly string[], locale: Locale): string {
  return words.join(locale === "zh-CN" ? "、" : ", ");
}

/** All of them, within a sentence: `上海和新加坡` / `Shanghai and Singapore`. */
export function joinAll(words: readonly string[], locale: Locale): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(words);
}

/** Parts of a sentence: `失败3，跳过5` / `3 failed, 5 skipped`. */
export function joinClauses(clauses: readonly string[], locale: Locale): string {
  return clauses.join(locale === "zh-CN" ? "，" : ", ");
}

/** Between two sentences: a Chinese full stop brings its own room. */
export function sentenceGap(locale: Locale): string {
  return locale === "zh-CN" ? "" : " ";
}
