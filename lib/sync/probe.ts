import { type Coverage, coverageOf } from "../pattern/coverage.ts";
import { compileVersionRange } from "../pattern/version-range.ts";
import { isDigestTag, isRepositoryName, isTag } from "../registry/reference.ts";
import { pathBelow } from "./destination.ts";

/** What a rule selects, as text: the expressions compile. */
export interface ProbedSelection {
  namespace: string;
  repositoryPattern: string;
  tagPattern: string;
  /** Blank: nothing. */
  excludeTagPattern: string;
  semverRange: string;
}

/** Why a typed name matches or does not, as far as names tell. */
export type Probe =
  | { kind: "blank" }
  /** It is no name of a repository, or no tag. */
  | { kind: "no-name"; part: "repository" | "tag"; text: string }
  | { kind: "outside"; repository: string }
  | { kind: "repository"; path: string; coverage: Exclude<Coverage, { kind: "whole" }> }
  /** The repository matches; no tag was typed. */
  | { kind: "repository-matches"; repository: string }
  /** It belongs to its subject and follows it (T5). */
  | { kind: "digest-tag"; tag: string }
  | { kind: "tag"; tag: string; coverage: Exclude<Coverage, { kind: "whole" }> }
  | { kind: "excluded"; tag: string }
  | { kind: "out-of-range"; tag: string; range: string }
  /** Names match: only the source knows whether it is there, of which type, and whether newer ones leave it out. */
  | { kind: "names-match"; repository: string; tag: string };

/**
 * Answers for `order-api:v1`, the path below the namespace; for the whole path `trade/order-api:v1`; and for a reference as
 * it is pulled, `registry.example.com/trade/order-api:v1`. A path that begins with the namespace's own name counts as whole.
 */
export function probe(typed: string, selection: ProbedSelection): Probe {
  const { namespace, repositoryPattern } = selection;
  const { repository, tag } = partsOf(typed.trim(), namespace);
  if (repository === "") {
    return { kind: "blank" };
  }
  if (!isRepositoryName(repository)) {
    return { kind: "no-name", part: "repository", text: repository };
  }
  const path = pathBelow(repository, namespace);
  if (path === null) {
    return { kind: "outside", repository };
  }
  const repositoryCoverage = coverageOf(repositoryPattern, path);
  if (repositoryCoverage.kind !== "whole") {
    return { kind: "repository", path, coverage: repositoryCoverage };
  }
  if (tag === "") {
    return { kind: "repository-matches", repository };
  }
  if (!isTag(tag)) {
    return { kind: "no-name", part: "tag", text: tag };
  }
  if (isDigestTag(tag)) {
    return { kind: "digest-tag", tag };
  }
  return probeTagName(tag, selection) ?? { kind: "names-match", repository, tag };
}

/** In the order of `TagChoice`; null: the name is meant. */
function probeTagName(
  tag: string,
  { tagPattern, excludeTagPattern, semverRange }: ProbedSelection,
): Probe | null {
  const coverage = coverageOf(tagPattern, tag);
  if (coverage.kind !== "whole") {
    return { kind: "tag", tag, coverage };
  }
  if (excludeTagPattern !== "" && coverageOf(excludeTagPattern, tag).kind === "whole") {
    return { kind: "excluded", tag };
  }
  const range = compileVersionRange(semverRange);
  return range?.matches(tag) === false ? { kind: "out-of-range", tag, range: semverRange } : null;
}

function partsOf(typed: string, namespace: string): { repository: string; tag: string } {
  const reference = typed.replace(/@sha(?:256|512):.*$/, "");
  const colon = reference.lastIndexOf(":");
  const tagged = colon > reference.lastIndexOf("/");
  const name = tagged ? reference.slice(0, colon) : reference;
  const tag = tagged ? reference.slice(colon + 1) : "";
  const slash = name.indexOf("/");
  // What has a dot, a port or `localhost` before the first slash is a host, as clients read it.
  if (slash > 0 && /[.:]|^localhost$/.test(name.slice(0, slash))) {
    return { repository: name.slice(slash + 1), tag };
  }
  const whole = namespace === "" || name === "" || name.startsWith(`${namespace}/`);
  return { repository: whole ? name : `${namespace}/${name}`, tag };
}
