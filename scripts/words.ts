import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTranslator } from "next-intl";
import { ROOT } from "./root.ts";

export type Language = "zh-CN" | "en";
export const LANGUAGES: readonly Language[] = ["zh-CN", "en"];

/** The text of the console under a key such as `rules.form.name`: as it is written, or with these values in it. */
export type Words = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** What the console says in a language, read from messages/: whoever drives its pages finds things by the words on them. */
export function wordsOf(language: Language): Words {
  const folder = join(ROOT, "messages", language);
  const namespaces = Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => [file.slice(0, -5), JSON.parse(readFileSync(join(folder, file), "utf8"))]),
  );
  const format = createTranslator({ locale: language, messages: namespaces }) as Words;
  return (key, values) => {
    let found: unknown = namespaces;
    for (const part of key.split(".")) {
      found = (found as Record<string, unknown> | undefined)?.[part];
    }
    if (typeof found !== "string") {
      throw new Error(`messages/${language} has no text ${key}`);
    }
    return values ? format(key, values) : found;
  };
}

/** A text as a pattern, anything where a value stands. */
export function pattern(text: string): RegExp {
  return new RegExp(
    text
      .split(/\{[^{}]*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".+"),
  );
}
