import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const MESSAGES = join(import.meta.dirname, "../../messages");

/** Texts by their keys; a key may hold a group of texts. */
export interface MessageTree {
  [key: string]: string | MessageTree;
}

/** The files of messages/<locale>, each a namespace. */
export function messagesOf(locale: string): MessageTree {
  const folder = join(MESSAGES, locale);
  return Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => [file.slice(0, -".json".length), JSON.parse(readFileSync(join(folder, file), "utf8"))]),
  );
}

/** Each text with its whole key: `rules.form.name`. */
export function flatten(tree: MessageTree, prefix = ""): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`),
  );
}
