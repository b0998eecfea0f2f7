import { compilePattern } from "./pattern.ts";

/** How much of a name an expression covers. Indexes are of the name, which is ASCII. */
export type Coverage =
  | { kind: "whole" }
  /** It matches what stands before `end`; the rest is not covered. */
  | { kind: "prefix"; end: number }
  /** It matches what stands from `start` on; what comes before is not covered. */
  | { kind: "suffix"; start: number }
  /** It fits as far as `end`, and there it asks for something else, or for more: `wanted` is the part it was at. */
  | { kind: "stops"; end: number; wanted: string }
  | { kind: "none" };

/** Compilations for one answer: each part of a longer expression would cost one. */
const MAX_PARTS = 200;

/**
 * Where the matching of a name stops, for whoever asks why it does not match.
 * @param source an expression that compiles
 */
export function coverageOf(source: string, name: string): Coverage {
  const compiled = compilePattern(source);
  if (!compiled.ok) {
    return { kind: "none" };
  }
  const { matches } = compiled.pattern;
  if (matches(name)) {
    return { kind: "whole" };
  }
  for (let end = name.length - 1; end > 0; end -= 1) {
    if (matches(name.slice(0, end))) {
      return { kind: "prefix", end };
    }
  }
  for (let start = 1; start < name.length; start += 1) {
    if (matches(name.slice(start))) {
      return { kind: "suffix", start };
    }
  }
  return whereItStops(source, name);
}

/** The longest beginning of the name that some beginning of the expression matches, of those that stand by themselves. */
function whereItStops(source: string, name: string): Coverage {
  let best: Coverage = { kind: "none" };
  let reached = 0;
  for (let cut = 1; cut < Math.min(source.length, MAX_PARTS); cut += 1) {
    const part = compilePattern(source.slice(0, cut));
    // The beginning of an alternation is no beginning of what it stands for.
    if (!part.ok || hasOpenAlternation(source)) {
      continue;
    }
    for (let end = name.length; end >= Math.max(1, reached); end -= 1) {
      if (part.pattern.matches(name.slice(0, end))) {
        reached = end;
        best = { kind: "stops", end, wanted: source.slice(cut) };
        break;
      }
    }
  }
  return best;
}

/** An alternation outside of every group: then a beginning of the expression says nothing about the rest. */
function hasOpenAlternation(source: string): boolean {
  let depth = 0;
  for (const [part] of source.matchAll(/\\[\s\S]?|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[()|]/g)) {
    depth += part === "(" ? 1 : part === ")" ? -1 : 0;
    if (part === "|" && depth === 0) {
      return true;
    }
  }
  return false;
}
