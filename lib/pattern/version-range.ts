import semver from "semver";
import type { CompiledPattern } from "./pattern.ts";

/** Longer than any range that somebody means. */
export const MAX_RANGE_LENGTH = 256;

/**
 * Compiles a range of Semantic Versioning in the notation of node-semver (`>=1.2 <2`, `^1.4`, `1.x || >=3.1`), to be asked of
 * tags. A tag is a version when it is one as a whole, with or without a leading `v`; `1.2` and `latest` are none and never in a
 * range. Pre-releases are in it only where the range names one of the same version: `>=1.3.0-rc.1` holds `1.3.0-rc.2` and
 * not `1.4.0-rc.1`. Blank holds every tag.
 * @returns null when it is no range
 */
export function compileVersionRange(source: string): CompiledPattern | null {
  if (source.trim() === "") {
    return { source: "", matches: () => true };
  }
  if (source.length > MAX_RANGE_LENGTH) {
    return null;
  }
  const range = rangeOf(source);
  return (
    range && {
      source,
      matches: (tag) => {
        const version = versionOf(tag);
        return version !== null && range.test(version);
      },
    }
  );
}

function rangeOf(source: string): semver.Range | null {
  try {
    return new semver.Range(source);
  } catch {
    return null;
  }
}

/** What a tag says as a version; null: it is none. Helm writes `+` as `_` in tags (T42), and no version holds a `_`. */
function versionOf(tag: string): semver.SemVer | null {
  return semver.parse(tag.replace("_", "+"));
}
