import type { MessageTree } from "./format/pick-messages.ts";

/** English with accents, in brackets and 40 % longer: for tests and pictures of layouts. */
export const PSEUDO_LOCALE = "en-XA";

/** Both rows hold as many letters: each of the first is shown as its neighbour below. */
const PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED = "àƀçđéƒĝĥîĵķļḿñöþǫŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶĻḾÑÖÞǪŔŠŢÛṼŴẊÝŽ";
const LONGER = 0.4;

/** Every text accented, in brackets and 40 % longer: a layout that holds it holds a wordy language. */
export function pseudoMessages(messages: MessageTree): MessageTree {
  return Object.fromEntries(
    Object.entries(messages).map(([key, value]) => [
      key,
      typeof value === "string" ? pseudoText(value) : pseudoMessages(value),
    ]),
  );
}

/**
 * ICU arguments and tags stay as they are; of a plural each branch is a text of its own. The padding is words, so that it
 * breaks as words do.
 */
export function pseudoText(text: string): string {
  if (text === "" || !/\p{L}/u.test(spoken(text))) {
    return text;
  }
  // The brackets count, too.
  const pad = Math.max(0, Math.ceil(spoken(text).length * LONGER) - 2);
  const words = ` ${"lorem ipsum dolor sit ".repeat(Math.ceil(pad / 22))}`;
  return `[${accent(text)}${pad < 3 ? "~".repeat(pad) : `${words.slice(0, pad - 1)}~`}]`;
}

/** What is read of a message: no arguments, no tags. */
function spoken(text: string): string {
  return text.replace(/\{[^{}]*\}/g, "00").replace(/<[^>]*>/g, "");
}

/** Outside of tags and of arguments' names; inside of `{n, plural, one {…} other {…}}` the branches only. */
function accent(text: string): string {
  let result = "";
  let index = 0;
  while (index < text.length) {
    const character = text[index] ?? "";
    const end = character === "<" ? text.indexOf(">", index) : character === "{" ? closing(text, index) : -1;
    if (end < 0) {
      const at = PLAIN.indexOf(character);
      result += at < 0 ? character : ([...ACCENTED][at] ?? character);
      index += 1;
    } else {
      const part = text.slice(index, end + 1);
      result += character === "{" ? accentBranches(part) : part;
      index = end + 1;
    }
  }
  return result;
}

/** `{n}` as it is; of `{n, plural, one {# tag} other {# tags}}` what stands inside the inner braces. */
function accentBranches(argument: string): string {
  const head = /^\{\s*\w+\s*,\s*(?:plural|select|selectordinal)\s*,/.exec(argument)?.[0];
  if (!head) {
    return argument;
  }
  let result = head;
  let index = head.length;
  while (index < argument.length - 1) {
    if (argument[index] === "{") {
      const end = closing(argument, index);
      result += `{${accent(argument.slice(index + 1, end))}}`;
      index = end + 1;
    } else {
      result += argument[index];
      index += 1;
    }
  }
  return `${result}}`;
}

/** Index of the brace that closes the one at `open`, or -1. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    depth += text[index] === "{" ? 1 : text[index] === "}" ? -1 : 0;
    if (depth === 0) {
      return index;
    }
  }
  return -1;
}
