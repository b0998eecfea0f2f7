/** A tag that begins like a version: `1.2.3`, `v2`, `2026.11.24-3`, `1.4.0_build.7`. */
const VERSION = /^v?(?<numbers>\d+(?:\.\d+)*)(?:-(?<pre>[^+_]*))?(?:[+_].*)?$/i;

interface Ordered {
  name: string;
  /** null: it does not begin like a version. */
  version: { numbers: string[]; pre: string[] | null } | null;
}

/**
 * The newest names, by what the names say: nobody is asked for a date, which would cost two requests a tag and which builds
 * often set to 1970. In this order, the greatest first:
 *
 * 1. What begins like a version comes before every other name. Versions are compared number by number (missing ones are 0),
 *    a pre-release is below its release, and pre-releases as SemVer 2.0.0 §11 says: numbers as numbers, letters by ASCII. Of
 *    real versions this is the precedence of SemVer.
 * 2. Other names in natural order: digits as numbers (`build-10` after `build-9`), the rest by ASCII.
 * 3. What is equal so far by ASCII: the order is total, and every reading of the same names gives the same answer.
 *
 * @returns at most `count` names, the newest first
 */
export function newestNames(names: readonly string[], count: number): string[] {
  return names
    .map(ordered)
    .sort((one, other) => compare(other, one))
    .slice(0, count)
    .map(({ name }) => name);
}

/** Above 0 when `one` is newer than `other`. See `newestNames`. */
export function compareNames(one: string, other: string): number {
  return compare(ordered(one), ordered(other));
}

function ordered(name: string): Ordered {
  const { numbers, pre } = VERSION.exec(name)?.groups ?? {};
  return {
    name,
    version: numbers ? { numbers: numbers.split("."), pre: pre ? pre.split(".") : null } : null,
  };
}

function compare(one: Ordered, other: Ordered): number {
  if (one.version && other.version) {
    const { numbers, pre } = one.version;
    const than = other.version;
    const byParts = compareNumbers(numbers, than.numbers) || comparePre(pre, than.pre);
    if (byParts !== 0) {
      return byParts;
    }
  } else if (one.version || other.version) {
    return one.version ? 1 : -1;
  }
  return naturally(one.name, other.name) || ascii(one.name, other.name);
}

function compareNumbers(one: readonly string[], other: readonly string[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const byNumber = digits(one[index] ?? "0", other[index] ?? "0");
    if (byNumber !== 0) {
      return byNumber;
    }
  }
  return 0;
}

/** SemVer 2.0.0 §11: none is above any; numbers are below letters; of two that begin alike the longer one is above. */
function comparePre(one: readonly string[] | null, other: readonly string[] | null): number {
  if (one === null || other === null) {
    return one === other ? 0 : one === null ? 1 : -1;
  }
  for (let index = 0; index < Math.min(one.length, other.length); index += 1) {
    const [a, b] = [one[index] ?? "", other[index] ?? ""];
    const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    const byIdentifier =
      isNumber && isOtherNumber ? digits(a, b) : isNumber === isOtherNumber ? ascii(a, b) : isNumber ? -1 : 1;
    if (byIdentifier !== 0) {
      return byIdentifier;
    }
  }
  return one.length - other.length;
}

/** Runs of digits as numbers, everything between them by ASCII. */
function naturally(one: string, other: string): number {
  const [parts, otherParts] = [one.split(/(\d+)/), other.split(/(\d+)/)];
  for (let index = 0; index < Math.min(parts.length, otherParts.length); index += 1) {
    const [a, b] = [parts[index] ?? "", otherParts[index] ?? ""];
    const byPart = index % 2 === 1 ? digits(a, b) : ascii(a, b);
    if (byPart !== 0) {
      return byPart;
    }
  }
  return parts.length - otherParts.length;
}

/** Numbers of any length: tags hold dates and counters that no double does. */
function digits(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+(?=\d)/, ""), other.replace(/^0+(?=\d)/, "")];
  return a.length - b.length || ascii(a, b);
}

function ascii(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
