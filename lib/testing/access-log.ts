/** One request as a registry's access log tells it. */
export interface AccessEntry {
  method: string;
  /** Path and query. */
  path: string;
  status: number;
  /** Bytes of the body that was sent. */
  bytes: number;
  userAgent: string;
}

const COMBINED = /"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) (\d+|-) "[^"]*" "([^"]*)"/;

/** Reads a line in the combined log format; undefined for any other line. */
export function parseAccessLine(line: string): AccessEntry | undefined {
  const [, method, path, status, bytes, userAgent] = COMBINED.exec(line) ?? [];
  if (method === undefined || path === undefined || status === undefined) {
    return undefined;
  }
  return { method, path, status: Number(status), bytes: Number(bytes) || 0, userAgent: userAgent ?? "" };
}

/** Every request that a log tells of; a line that is being written is left for the next time. */
export function parseAccessLog(text: string): AccessEntry[] {
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => parseAccessLine(line) ?? []);
}

/** What was asked of a registry, with counts. */
export class AccessLog {
  readonly entries: readonly AccessEntry[];

  constructor(entries: readonly AccessEntry[]) {
    this.entries = entries;
  }

  /** Requests with this method (any when left out) whose path and query match. */
  count(method?: string, path: RegExp = /^/): number {
    return this.matching(method, path).length;
  }

  matching(method?: string, path: RegExp = /^/): AccessEntry[] {
    return this.entries.filter((entry) => (method ?? entry.method) === entry.method && path.test(entry.path));
  }

  get total(): number {
    return this.entries.length;
  }
}
