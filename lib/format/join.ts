import type { Locale } from "./locale.ts";

/** Names and words side by side: `上海、新加坡` / `Shanghai, Singapore`. */
export function joinList(words: readonly string[], locale: Locale): string {
  return words.join(locale === "zh-CN" ? "、" : ", ");
}

/** Parts of a sentence: `失败3，跳过5` / `3 failed, 5 skipped`. */
export function joinClauses(clauses: readonly string[], locale: Locale): string {
  return clauses.join(locale === "zh-CN" ? "，" : ", ");
}
