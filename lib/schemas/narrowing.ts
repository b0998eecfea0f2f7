import type { PlatformChoice } from "./platform.ts";

/** What of the matching tags a rule means, and what of each it copies. Pure: the browser shows it without the schemas. */
export interface Narrowing {
  /** Blank: none is left out. */
  excludeTagPattern: string;
  /** Blank: any tag, also one that is no version. */
  semverRange: string;
  /** null: all of them. */
  newestTags: number | null;
  /** null: whole indexes. */
  platforms: PlatformChoice | null;
}

/** The same of something that may lack it; null: every matching tag, and all of it. */
export function narrowingOf(rule: Partial<Narrowing> | null): Narrowing | null {
  const { excludeTagPattern = "", semverRange = "", newestTags = null, platforms = null } = rule ?? {};
  return excludeTagPattern === "" && semverRange === "" && newestTags === null && platforms === null
    ? null
    : { excludeTagPattern, semverRange, newestTags, platforms };
}
