import { RE2JS } from "re2js";
import { locateError, MAX_PATTERN_LENGTH, MAX_PROGRAM_SIZE, type PatternError } from "./pattern-error.ts";

export type { PatternError } from "./pattern-error.ts";

export interface CompiledPattern {
  source: string;
  /** Whether the expression matches the whole name. A blank expression matches every name. */
  matches(name: string): boolean;
}

export type PatternResult = { ok: true; pattern: CompiledPattern } | { ok: false; error: PatternError };

/**
 * Compiles an RE2 expression (linear time) that is matched against the whole name.
 * The bare expression is compiled first, so `foo)|(?:bar` is refused; then it is wrapped as `^(?:p)$`.
 * Never throws: what RE2 refuses comes back as an error with position and reason. At most 1,024 characters.
 */
export function compilePattern(source: string): PatternResult {
  if (source === "") {
    return { ok: true, pattern: { source, matches: () => true } };
  }
  if (source.length > MAX_PATTERN_LENGTH) {
    return { ok: false, error: locateError(source, null) };
  }
  try {
    if (RE2JS.compile(source).programSize() > MAX_PROGRAM_SIZE) {
      return { ok: false, error: locateError(source, null) };
    }
    const wrapped = RE2JS.compile(`^(?:${source})$`);
    return { ok: true, pattern: { source, matches: (name) => wrapped.matches(name) } };
  } catch (error) {
    return { ok: false, error: locateError(source, error) };
  }
}
