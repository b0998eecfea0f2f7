import { compilePattern } from "./pattern.ts";
import type { TagChoice } from "./tag-choice.ts";
import { compileVersionRange } from "./version-range.ts";

/** What chooses tags as a rule keeps it: text, blank where nothing is asked for. */
export interface WrittenTagChoice {
  tagPattern: string;
  excludeTagPattern: string;
  semverRange: string;
  newestTags: number | null;
}

/** @returns null when an expression or the range does not compile, as one that another version saved may not */
export function compileTagChoice(written: WrittenTagChoice): TagChoice | null {
  const tag = compilePattern(written.tagPattern);
  const exclude = compilePattern(written.excludeTagPattern);
  const semver = compileVersionRange(written.semverRange);
  return tag.ok && exclude.ok && semver
    ? {
        tag: tag.pattern,
        // Blank excludes nothing, while a blank expression matches everything.
        exclude: written.excludeTagPattern === "" ? undefined : exclude.pattern,
        semver: written.semverRange === "" ? undefined : semver,
        newest: written.newestTags ?? undefined,
      }
    : null;
}
