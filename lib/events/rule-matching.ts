import { type CompiledPattern, compilePattern } from "../pattern/pattern.ts";
import { compileVersionRange } from "../pattern/version-range.ts";
import { pathBelow } from "../sync/destination.ts";

/** What of a rule decides whether a push concerns it. */
export interface RuleSelection {
  sourceNamespace: string;
  repositoryPattern: string;
  tagPattern: string;
  excludeTagPattern: string;
  semverRange: string;
}

/** Every namespace that a repository may lie in: whole leading components of its path, or the root. */
export function namespacesOf(repository: string): string[] {
  const parts = repository.split("/");
  return parts.length === 1 ? [""] : parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Whether the rule has to do with this repository. */
export function matchesRepository(
  rule: Pick<RuleSelection, "sourceNamespace" | "repositoryPattern">,
  repository: string,
): boolean {
  const path = pathBelow(repository, rule.sourceNamespace);
  return path !== null && matches(rule.repositoryPattern, path);
}

/** Whether a push of this tag concerns the rule. Whether it is among the newest, the scan asks, which knows the others. */
export function matchesEvent(rule: RuleSelection, repository: string, tag: string): boolean {
  return (
    matchesRepository(rule, repository) &&
    matches(rule.tagPattern, tag) &&
    !(rule.excludeTagPattern !== "" && matches(rule.excludeTagPattern, tag)) &&
    (compileVersionRange(rule.semverRange)?.matches(tag) ?? false)
  );
}

/** Expressions of which many events ask; the oldest go first. */
const COMPILED_MAX = 2_000;
const compiled = new Map<string, CompiledPattern>();

/** A saved expression compiles; one that does not, because another version saved it, matches nothing. */
function matches(source: string, name: string): boolean {
  if (source === "") {
    return true;
  }
  let pattern = compiled.get(source);
  if (!pattern) {
    const result = compilePattern(source);
    if (!result.ok) {
      return false;
    }
    pattern = result.pattern;
    compiled.set(source, pattern);
    for (const oldest of compiled.keys()) {
      if (compiled.size <= COMPILED_MAX) {
        break;
      }
      compiled.delete(oldest);
    }
  }
  return pattern.matches(name);
}
