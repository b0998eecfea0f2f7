import type { CompiledPattern } from "./pattern.ts";

/** Of one repository: more than anybody keeps. */
export const MOST_NEWEST_TAGS = 10_000;

/** What chooses tags by their names, one after the other in this order; `newest` counts what the three before it left. */
export interface TagChoice {
  tag: CompiledPattern;
  /** Those that are not meant although `tag` matches them. */
  exclude?: CompiledPattern | undefined;
  /** Versions in this range. */
  semver?: CompiledPattern | undefined;
  /** So many of each repository, by the order of `newestNames`. */
  newest?: number | undefined;
}

/** What a tag was not chosen for. */
export type NotChosen = "tag" | "exclude" | "semver";

/** Why a choice does not mean a tag, as far as its own name tells; null: it does, unless newer ones leave no room for it. */
export function notChosenFor({ tag, exclude, semver }: TagChoice, name: string): NotChosen | null {
  if (!tag.matches(name)) {
    return "tag";
  }
  if (exclude?.matches(name)) {
    return "exclude";
  }
  return semver && !semver.matches(name) ? "semver" : null;
}
