import { RE2JS, RE2JSSyntaxException } from "re2js";

/** Where and why an expression was refused. `position` counts characters from 1. */
export interface PatternError {
  code: "syntax" | "unsupported";
  position: number;
  /** The part that was refused, e.g. `(?=`; at most 32 characters of it. */
  fragment: string;
  /** A key of messages/<locale>/pattern.json, e.g. `missing-closing-parenthesis`, `look-around`. */
  reason: string;
}

/** Characters; the same bound as the form's. Longer names than 255 do not exist, so nobody needs a longer pattern. */
export const MAX_PATTERN_LENGTH = 1024;
/**
 * Instructions. Time grows with name × program: 110 times `\pL{1000}` took 0.6 s on one name of 200 characters, and
 * a scan asks for every name. `[a-z0-9._-]{1,128}` has 256.
 */
export const MAX_PROGRAM_SIZE = 4_000;
const MAX_FRAGMENT_LENGTH = 32;

type Finding = Omit<PatternError, "position"> & {
  /** UTF-16 index. */ index: number;
};

/**
 * Says in our words what RE2 refused, and where. RE2JS names the kind of error and the text it stumbled over, but no
 * position: its parser reads from left to right and stops at the first error, so the shortest prefix that fails in
 * the same way ends where the error ends.
 */
export function locateError(source: string, thrown: unknown): PatternError {
  const { index, code, fragment, reason } = find(source, thrown);
  return {
    code,
    position: Array.from(source.slice(0, index)).length + 1,
    fragment: Array.from(fragment).slice(0, MAX_FRAGMENT_LENGTH).join(""),
    reason,
  };
}

function find(source: string, thrown: unknown): Finding {
  if (source.length > MAX_PATTERN_LENGTH) {
    return unsupported(MAX_PATTERN_LENGTH, source.slice(MAX_PATTERN_LENGTH), "too-long");
  }
  if (!(thrown instanceof RE2JSSyntaxException)) {
    return unsupported(0, source, "too-large");
  }
  const open = unclosed(source);
  switch (thrown.error) {
    case "missing closing )":
      if (open.quote !== null) {
        return syntax(open.quote, "\\Q", "missing-quote-end");
      }
      return open.parenthesis === null
        ? unsupported(0, source, "too-large")
        : syntax(open.parenthesis, "(", "missing-closing-parenthesis");
    case "missing closing ]":
      return syntax(source.length - String(thrown.input ?? "").length, "[", "missing-closing-bracket");
    case "trailing backslash at end of expression":
      return syntax(source.length - 1, "\\", "trailing-backslash");
    default:
      return findFragment(source, thrown);
  }
}

function findFragment(source: string, thrown: RE2JSSyntaxException): Finding {
  const end = failingPrefix(source, thrown);
  const input = thrown.input ?? "";
  const index = Math.max(0, source.lastIndexOf(input, end - input.length));
  const fragment = input === "" ? source.slice(end - 1, end) : input;
  switch (thrown.error) {
    case "unexpected )":
      return syntax(end - 1, ")", "unexpected-closing-parenthesis");
    case "invalid or unsupported Perl syntax":
    case "invalid named capture":
      return group(index, fragment);
    case "duplicate capture group name":
      return syntax(index, fragment, "duplicate-group-name");
    case "invalid escape sequence":
      return /^\\(?:[1-9]|k|g)/.test(fragment)
        ? unsupported(index, source.slice(index).match(BACK_REFERENCE)?.[0] ?? fragment, "back-reference")
        : syntax(index, fragment, "invalid-escape");
    case "invalid character class range":
      return syntax(index, fragment, /^(?:\[:|\\[pP])/.test(fragment) ? "unknown-class" : "invalid-range");
    case "missing argument to repetition operator":
      return syntax(index, fragment, "nothing-to-repeat");
    case "invalid nested repetition operator":
      return /.\+$/.test(fragment)
        ? unsupported(index, fragment, "possessive-quantifier")
        : syntax(index, fragment, "repeated-repetition");
    case "invalid repeat count":
      return repeatCount(index, fragment);
    case "expression nests too deeply":
      return unsupported(end - 1, source.slice(end - 1, end), "too-deep");
    case "expression too large":
      return unsupported(end - 1, source.slice(end - 1, end), "too-large");
    default:
      return syntax(index, fragment, "invalid");
  }
}

const BACK_REFERENCE = /^\\(?:k<[^>]*>|k\{[^}]*\}|k'[^']*'|g\{[^}]*\}|g-?\d+|\d+|[kg])/;

/** Groups that Perl, PCRE and JavaScript know and RE2 does not. */
const UNSUPPORTED_GROUPS: readonly (readonly [opening: string, reason: string])[] = [
  ["(?<=", "look-around"],
  ["(?<!", "look-around"],
  ["(?=", "look-around"],
  ["(?!", "look-around"],
  ["(?>", "atomic-group"],
  ["(?(", "conditional-group"],
  ["(?#", "comment-group"],
  ["(?P=", "back-reference"],
  ["(?P>", "recursion"],
  ["(?&", "recursion"],
  ["(?R", "recursion"],
];

function group(index: number, fragment: string): Finding {
  for (const [opening, reason] of UNSUPPORTED_GROUPS) {
    if (fragment.startsWith(opening)) {
      return unsupported(index, opening, reason);
    }
  }
  return syntax(index, fragment, /^\(\?P?</.test(fragment) ? "invalid-group-name" : "unknown-group");
}

function repeatCount(index: number, fragment: string): Finding {
  const [, least, most] = /^\{(\d+),?(\d*)\}/.exec(fragment) ?? [];
  return least !== undefined && most !== undefined && most !== "" && Number(least) > Number(most)
    ? syntax(index, fragment, "repeat-range-reversed")
    : unsupported(index, fragment, "repeat-too-large");
}

/** Length of the shortest prefix that fails exactly as the whole does; at most ten compilations. */
function failingPrefix(source: string, thrown: RE2JSSyntaxException): number {
  let [works, fails] = [0, source.length];
  while (fails - works > 1) {
    const middle = (works + fails) >> 1;
    if (failsAlike(source.slice(0, middle), thrown)) {
      fails = middle;
    } else {
      works = middle;
    }
  }
  return fails;
}

function failsAlike(prefix: string, thrown: RE2JSSyntaxException): boolean {
  try {
    RE2JS.compile(prefix);
    return false;
  } catch (error) {
    // "unexpected )" hands out the whole expression as its input: only its kind can be compared.
    return (
      error instanceof RE2JSSyntaxException &&
      error.error === thrown.error &&
      (error.input === thrown.input || thrown.error === "unexpected )")
    );
  }
}

/** The innermost parenthesis and the `\Q` that are still open at the end, as UTF-16 indexes. */
function unclosed(source: string): { parenthesis: number | null; quote: number | null } {
  const parentheses: number[] = [];
  for (let index = 0; index < source.length; index += 1) {
    if (source.startsWith("\\Q", index)) {
      const end = source.indexOf("\\E", index);
      if (end < 0) {
        return { parenthesis: parentheses.at(-1) ?? null, quote: index };
      }
      index = end + 1;
    } else if (source[index] === "\\") {
      index += 1;
    } else if (source[index] === "[") {
      index = endOfClass(source, index);
    } else if (source[index] === "(") {
      parentheses.push(index);
    } else if (source[index] === ")") {
      parentheses.pop();
    }
  }
  return { parenthesis: parentheses.at(-1) ?? null, quote: null };
}

/** Index of the `]` that closes the class opened at `start`: a `]` that comes first is a member of the class. */
function endOfClass(source: string, start: number): number {
  let index = start + (source[start + 1] === "^" ? 2 : 1);
  for (let first = true; index < source.length && (first || source[index] !== "]"); first = false) {
    const posix = source.startsWith("[:", index) ? source.indexOf(":]", index + 2) : -1;
    index = posix >= 0 ? posix + 2 : index + (source[index] === "\\" ? 2 : 1);
  }
  return index;
}

function syntax(index: number, fragment: string, reason: string): Finding {
  return { code: "syntax", index, fragment, reason };
}

function unsupported(index: number, fragment: string, reason: string): Finding {
  return { code: "unsupported", index, fragment, reason };
}
