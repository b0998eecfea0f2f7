import { compilePattern, type PatternError } from "./pattern.ts";

/** A correction that is a matter of writing, not of meaning. */
export interface Suggestion {
  /** A key below `fix` of messages/<locale>/preview.json. */
  reason:
    | "anchors"
    | "glob"
    | "look-around"
    | "comment"
    | "close-parenthesis"
    | "close-bracket"
    | "extra-parenthesis"
    | "close-quote"
    | "trailing-backslash"
    | "repeat-range";
  /** The expression after it: it compiles. */
  fixed: string;
}

/** The one correction that is certainly meant, or null. Of an expression that compiles: anchors that say nothing. */
export function suggestionFor(source: string, error: PatternError | null): Suggestion | null {
  const suggestion = error ? correct(source, error) : withoutAnchors(source);
  // Blank would mean every name.
  return suggestion && suggestion.fixed !== "" && compilePattern(suggestion.fixed).ok ? suggestion : null;
}

/** The whole name is matched in any case: a first `^` and a last `$` change nothing. */
function withoutAnchors(source: string): Suggestion | null {
  const start = source.startsWith("^") ? 1 : 0;
  const end = /(?:^|[^\\])(?:\\\\)*\$$/.test(source) ? source.length - 1 : source.length;
  return start === 0 && end === source.length
    ? null
    : { reason: "anchors", fixed: source.slice(start, Math.max(start, end)) };
}

function correct(source: string, { reason, position, fragment }: PatternError): Suggestion | null {
  const index = utf16Index(source, position);
  switch (reason) {
    case "nothing-to-repeat":
      return /^[*?]/.test(source.slice(index)) ? globbed(source, index) : null;
    case "look-around":
      return withoutLookAround(source, index);
    case "comment-group":
      return without(source, index, endOfGroup(source, index), "comment");
    case "missing-closing-parenthesis":
      return closed(source);
    case "missing-closing-bracket":
      // What follows may be meant to stand outside: only where it could be nothing but members is that plain.
      return /^\[\^?[\w-]+$/.test(source.slice(index))
        ? { reason: "close-bracket", fixed: `${source}]` }
        : null;
    case "unexpected-closing-parenthesis":
      return without(source, index, index + 1, "extra-parenthesis");
    case "missing-quote-end":
      return { reason: "close-quote", fixed: `${source}\\E` };
    case "trailing-backslash":
      return { reason: "trailing-backslash", fixed: source.slice(0, -1) };
    case "repeat-range-reversed":
      return swapped(source, index, fragment);
    default:
      return null;
  }
}

/** `*-api`: the star of a shell, which means anything. */
function globbed(source: string, index: number): Suggestion {
  const dotted = source[index] === "*" ? ".*" : ".";
  return { reason: "glob", fixed: source.slice(0, index) + dotted + source.slice(index + 1) };
}

/**
 * Nothing follows the end of a name and nothing comes before its begin, so a look-ahead at the end of the expression and a
 * look-behind at its begin see the empty text: a negative one of something is always true and says nothing.
 */
function withoutLookAround(source: string, index: number): Suggestion | null {
  const [opening = ""] = /^\(\?<?[=!]/.exec(source.slice(index)) ?? [];
  const end = endOfGroup(source, index);
  const atEdge = opening.startsWith("(?<") ? index === 0 : end === source.length;
  const inside = compilePattern(source.slice(index + opening.length, end - 1));
  const seesNothing = inside.ok && inside.pattern.source !== "" && !inside.pattern.matches("");
  return atEdge && opening.endsWith("!") && seesNothing ? without(source, index, end, "look-around") : null;
}

function closed(source: string): Suggestion | null {
  for (let fixed = `${source})`, more = 0; more < 5; fixed += ")", more += 1) {
    if (compilePattern(fixed).ok) {
      return { reason: "close-parenthesis", fixed };
    }
  }
  return null;
}

function swapped(source: string, index: number, fragment: string): Suggestion | null {
  const turned = fragment.replace(/^\{(\d+),(\d+)\}/, "{$2,$1}");
  return source.startsWith(fragment, index)
    ? {
        reason: "repeat-range",
        fixed: source.slice(0, index) + turned + source.slice(index + fragment.length),
      }
    : null;
}

function without(source: string, start: number, end: number, reason: Suggestion["reason"]): Suggestion {
  return { reason, fixed: source.slice(0, start) + source.slice(end) };
}

/** Behind the parenthesis that closes the group opened at `start`, or the end. */
function endOfGroup(source: string, start: number): number {
  let depth = 0;
  const parts = /\\[\s\S]?|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[()]/g;
  parts.lastIndex = start;
  for (let part = parts.exec(source); part; part = parts.exec(source)) {
    depth += part[0] === "(" ? 1 : part[0] === ")" ? -1 : 0;
    if (depth === 0) {
      return part.index + 1;
    }
  }
  return source.length;
}

/** The part to underline, as UTF-16 indexes: what was refused, and of a group all of it. */
export function errorSpan(
  source: string,
  { position, fragment, reason }: PatternError,
): [start: number, end: number] {
  const start = utf16Index(source, position);
  const end = /^(?:look-around|.*-group|recursion)$/.test(reason)
    ? endOfGroup(source, start)
    : start + fragment.length;
  // A bracket that is missing at the end is shown where its partner stands; nothing at all could not be seen.
  return [start, Math.max(start + 1, Math.min(end, source.length))];
}

/** Errors count characters from 1. */
function utf16Index(source: string, position: number): number {
  return Array.from(source)
    .slice(0, position - 1)
    .join("").length;
}
