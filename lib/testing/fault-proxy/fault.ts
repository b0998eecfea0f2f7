import type { OutgoingHttpHeaders } from "node:http";

/** One request that passed or was kept, in the order of arrival: one line of the log, which is the oracle of a test. */
export interface FaultLogEntry {
  /** When it arrived, ms since the proxy was started. */
  readonly atMs: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The client's `Range` or `Content-Range`. */
  readonly range: string | undefined;
  /** Its `Content-Length`; undefined without one. */
  readonly statedBytes: number | undefined;
  /** Whether it showed a credential; never which. */
  readonly authorized: boolean;
  /** What was done to it; undefined when it simply passed. */
  fault: Fault["kind"] | "no-token" | undefined;
  /** Bytes of its body that arrived so far. */
  requestBytes: number;
  /** Bytes of the answer's body that went back so far. */
  answerBytes: number;
  /** What the registry said, which the client may not have heard; undefined when it was not asked. */
  registryStatus: number | undefined;
  /** What the client was told; undefined when it was told nothing. */
  status: number | undefined;
}

/** What is done to one request. Where a byte is named it counts in the body, from 0. */
export type Fault =
  /** Answers in the registry's place, when the whole request has come; `early`: at once, and reads no further. */
  | { kind: "answer"; status: number; headers?: OutgoingHttpHeaders; body?: string | Buffer; early?: boolean }
  /** The connection is reset before anything is asked of the registry, after so many bytes of the request. */
  | { kind: "break-request"; afterBytes: number }
  /** Takes the request, or so many bytes of it, and says nothing more. */
  | { kind: "silence"; afterBytes: number }
  /** The answer breaks off: by a reset, a polite end, or by silence. */
  | { kind: "rst" | "fin" | "stall"; afterBytes: number }
  /** From a byte on, so many bytes a second. */
  | { kind: "trickle"; bytesPerSecond: number; afterBytes: number }
  | { kind: "flip"; atByte: number }
  /** `Content-Length` is so much more, or less, than what follows before the connection ends. */
  | { kind: "lie-length"; byBytes: number }
  /** More bytes than there are; `stated`: the length says so, else there is none. */
  | { kind: "append"; bytes: Buffer; stated: boolean }
  | { kind: "swap-body"; body: Buffer; headers?: OutgoingHttpHeaders }
  /** Without a length. */
  | { kind: "chunked" }
  /** Compressed although nobody asked. */
  | { kind: "gzip" }
  /** Sets headers of the answer (Location, Link, WWW-Authenticate …); undefined takes one away. */
  | {
      kind: "rewrite";
      status?: number;
      headers: (headers: OutgoingHttpHeaders) => Record<string, string | undefined>;
    }
  /** The registry does what it is asked; nobody hears of it. */
  | { kind: "drop-ack" };

export interface FaultRule {
  method?: string;
  /** Of path and query. */
  path?: RegExp;
  /** Anywhere in path or query. */
  digest?: string;
  /** Only the so-maniest of the requests that match, from 1; or from the first to the last of a span. */
  nth?: number | readonly [first: number, last: number];
  /** From 0 to 1; `random` of the proxy decides. */
  probability?: number;
  /** Runs before anything else is done, each time the rule hits. */
  before?: (entry: FaultLogEntry) => unknown;
  /** Without one the request passes. A function decides each time; undefined: it passes. */
  fault?: Fault | ((entry: FaultLogEntry) => Fault | undefined);
}

/** Which rule hits a request; each rule counts what matches it, also where an earlier one hits. */
export class FaultRules {
  readonly #rules: { rule: FaultRule; matched: number }[] = [];
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  add(...rules: readonly FaultRule[]): void {
    this.#rules.push(...rules.map((rule) => ({ rule, matched: 0 })));
  }

  clear(): void {
    this.#rules.length = 0;
  }

  hit(method: string, path: string): FaultRule | undefined {
    let first: FaultRule | undefined;
    for (const counted of this.#rules) {
      const { rule } = counted;
      const matches =
        (rule.method ?? method) === method &&
        (rule.path?.test(path) ?? true) &&
        (rule.digest === undefined || decodeURIComponent(path).includes(rule.digest));
      if (matches) {
        counted.matched += 1;
        if (isDue(rule.nth, counted.matched) && this.#random() < (rule.probability ?? 1)) {
          first ??= rule;
        }
      }
    }
    return first;
  }
}

function isDue(nth: FaultRule["nth"], matched: number): boolean {
  if (nth === undefined) {
    return true;
  }
  const [first, last] = typeof nth === "number" ? [nth, nth] : nth;
  return matched >= first && matched <= last;
}
