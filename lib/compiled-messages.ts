import compile from "icu-minify/compile";
import type { MessageTree } from "./format/pick-messages.ts";

type Compiled = ReturnType<typeof compile>;

const compiled = new WeakMap<MessageTree, MessageTree<Compiled>>();

/**
 * The same texts, parsed: next.config.js gives next-intl a formatter that takes these only, so that no page carries a parser of
 * ICU messages. A text without arguments stays a string.
 */
export function compileMessages(messages: MessageTree): MessageTree<Compiled> {
  const known = compiled.get(messages);
  if (known) {
    return known;
  }
  const result: MessageTree<Compiled> = Object.fromEntries(
    Object.entries(messages).map(([key, value]) => [
      key,
      // Parsed again: what crosses to the browser has to be plain objects, with a prototype.
      typeof value === "string"
        ? (JSON.parse(JSON.stringify(compile(value))) as Compiled)
        : compileMessages(value),
    ]),
  );
  compiled.set(messages, result);
  return result;
}
