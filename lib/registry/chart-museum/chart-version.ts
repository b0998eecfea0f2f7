/** As Helm reads versions: `v1`, `1.2` and `1.2.3-rc.1+build.5` are some. SemVer 2.0.0 for what follows the three numbers. */
const IDENTIFIERS = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const VERSION = new RegExp(`^v?\\d+(?:\\.\\d+){0,2}(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?$`);
const LONGEST = 128;

export function isChartVersion(version: string): boolean {
  return version.length <= LONGEST && VERSION.test(version);
}

/**
 * The tag that a version goes by. Helm writes `+`, which a tag cannot hold, as `_` (T42). What is no version comes out as
 * something that can be shown and asked for, so that it can be refused by name.
 */
export function tagOfVersion(version: string): string {
  const tag = version.replaceAll("+", "_").replace(/[^A-Za-z0-9._-]/g, "_");
  return (/^[A-Za-z0-9_]/.test(tag) ? tag : `_${tag}`).slice(0, LONGEST);
}

/** A version holds no `_`, so the way back is certain. */
export function versionOfTag(tag: string): string {
  return tag.replaceAll("_", "+");
}
