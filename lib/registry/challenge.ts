/** One challenge of a WWW-Authenticate header. Scheme and names of parameters in lower case. */
export interface Challenge {
  scheme: string;
  parameters: ReadonlyMap<string, string>;
}

const SPACE = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
/** Nobody sends more; a hostile header must not cost time. */
const MAX_LENGTH = 16 * 1024;

/**
 * Reads a WWW-Authenticate header: several challenges, quoted strings with commas and escapes in them, parameters in any
 * order. What does not follow the grammar ends the reading; what was read until then counts.
 * RFC 9110, 11.6.1.
 */
export function parseChallenges(header: string): Challenge[] {
  const reader = new Reader(header.slice(0, MAX_LENGTH));
  const challenges: Challenge[] = [];
  reader.take(SEPARATORS);
  for (let scheme = reader.take(TOKEN); scheme !== null; scheme = reader.take(TOKEN)) {
    const parameters = new Map<string, string>();
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
    reader.take(SPACE);
    if (reader.take(TOKEN68) === null) {
      readParameters(reader, parameters);
    }
    reader.take(SEPARATORS);
  }
  return challenges;
}

function readParameters(reader: Reader, parameters: Map<string, string>): void {
  for (;;) {
    const start = reader.at;
    const name = reader.take(TOKEN);
    if (name === null || reader.take(EQUALS) === null) {
      // A name without a value is the scheme of the next challenge.
      reader.at = start;
      return;
    }
    const quoted = reader.take(QUOTED);
    const value = quoted === null ? reader.take(TOKEN) : quoted.slice(1, -1).replace(/\\(.)/g, "$1");
    if (value === null) {
      return;
    }
    if (!parameters.has(name.toLowerCase())) {
      parameters.set(name.toLowerCase(), value);
    }
    reader.take(SEPARATORS);
  }
}

class Reader {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text that a sticky expression matches here, and goes past it. */
  take(expression: RegExp): string | null {
    expression.lastIndex = this.at;
    const match = expression.exec(this.#text);
    if (!match) {
      return null;
    }
    this.at += match[0].length;
    return match[0];
  }
}
