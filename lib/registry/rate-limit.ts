/** What a registry says of the requests it still grants. */
export interface RateLimit {
  /** Requests left in the present window. */
  remaining: number | undefined;
  /** Requests of a whole window. */
  limit: number | undefined;
  /** Until `remaining` is filled up again, milliseconds. */
  resetMs: number | undefined;
  /** Length of the window, milliseconds. */
  windowMs: number | undefined;
}

type Headers = ReadonlyMap<string, string>;

/** A number of seconds as large as this is an instant, not a span: GitLab and the API of Docker Hub tell when, not how long. */
const EPOCH_SECONDS = 1_000_000_000;

/** Where the requests that are left are told. */
const REMAINING = ["ratelimit", "ratelimit-remaining", "x-ratelimit-remaining"];

/**
 * Reads how much a registry still grants, in the forms that servers have used:
 * `RateLimit: "default";r=50;t=30` with `RateLimit-Policy: "default";q=100;w=60` (draft-ietf-httpapi-ratelimit-headers-08 and later),
 * `RateLimit: limit=100, remaining=50, reset=30` (draft 07), `RateLimit-Limit`, `-Remaining`, `-Reset` (earlier drafts), the same
 * with `X-`, and Docker Hub's `ratelimit-remaining: 99;w=21600`, which tells the window and not when it ends.
 * @returns undefined when nothing is said that can be read
 */
export function readRateLimit(headers: Headers, nowMs = Date.now()): RateLimit | undefined {
  const joined = parametersOf(headers.get("ratelimit"));
  const policy = parametersOf(headers.get("ratelimit-policy"));
  const remaining = field(headers, "remaining");
  const limit = field(headers, "limit");
  const found: RateLimit = {
    remaining: joined.get("r") ?? joined.get("remaining") ?? remaining.value,
    limit: policy.get("q") ?? joined.get("limit") ?? limit.value,
    resetMs: spanMs(joined.get("t") ?? joined.get("reset") ?? field(headers, "reset").value, nowMs),
    windowMs: spanMs(policy.get("w") ?? remaining.window ?? limit.window, nowMs),
  };
  return Object.values(found).every((value) => value === undefined) ? undefined : found;
}

/**
 * How long a refused request (429) is to wait when there is no Retry-After: until the window ends, or, where only its length is
 * known, for the share that one request has of it (Docker Hub: 100 in six hours are one in 216 s).
 */
export function refillMs(limit: RateLimit | undefined): number | undefined {
  if (limit === undefined || (limit.remaining ?? 0) > 0) {
    return undefined;
  }
  const share = limit.windowMs !== undefined && limit.limit ? limit.windowMs / limit.limit : undefined;
  return limit.resetMs ?? share;
}

/**
 * The requests that a registry still grants, counted down with each one sent: one bucket for everything that this client asks
 * of it. Where the registry says nothing of a window's end, nothing is held back.
 */
export class Quota {
  #left = 0;
  #resetAtMs = 0;
  /** Grants of a whole window; null as long as nothing limits. */
  #full: number | null = null;
  #lengthMs = 0;
  /** A window that nothing was said of yet: it began when the one before ended. */
  #assumed = false;
  /** The end of the window was too far away to be waited for. */
  #early = false;
  #doubted = false;

  /**
   * Hears what an answer says. Within a window its word only lowers what is left: answers overtake each other. A registry that
   * grants what it said was none is not believed any more, or each request would wait for as long as anything may.
   * @param mostMs longest wait for the end of a window
   */
  hear({ status, headers }: { status: number; headers: Headers }, mostMs: number, nowMs = Date.now()): void {
    // Most registries say nothing, and every answer is looked at.
    const said = REMAINING.some((name) => headers.has(name)) ? readRateLimit(headers, nowMs) : undefined;
    if (said?.remaining === undefined || said.resetMs === undefined || this.#doubted) {
      return;
    }
    const begins = nowMs >= this.#resetAtMs;
    this.#left = begins ? said.remaining : Math.min(this.#left, said.remaining);
    if (!begins && !this.#assumed) {
      return;
    }
    this.#doubted = this.#early && status !== 429 && said.remaining === 0;
    this.#early = said.resetMs > mostMs;
    this.#assumed = false;
    this.#full = this.#doubted ? null : Math.max(this.#full ?? 0, said.limit ?? said.remaining + 1);
    this.#lengthMs = Math.max(this.#lengthMs, Math.min(said.resetMs, mostMs));
    this.#resetAtMs = nowMs + Math.min(said.resetMs, mostMs);
  }

  /** Takes one request out of the bucket. @returns 0, or how long it is empty yet, milliseconds */
  take(nowMs = Date.now()): number {
    if (this.#full === null) {
      return 0;
    }
    if (nowMs >= this.#resetAtMs) {
      // Everybody who waited comes at once: no more of them than a window holds, before the first is answered.
      this.#left = this.#early ? 1 : this.#full;
      this.#resetAtMs = nowMs + this.#lengthMs;
      this.#assumed = true;
    }
    if (this.#left < 1) {
      return this.#resetAtMs - nowMs;
    }
    this.#left -= 1;
    return 0;
  }
}

/** `RateLimit-Remaining`, or with `X-`; the window where it is named behind it. */
function field(headers: Headers, name: string): { value: number | undefined; window: number | undefined } {
  const text = headers.get(`ratelimit-${name}`) ?? headers.get(`x-ratelimit-${name}`) ?? "";
  const value = /^\s*(\d{1,15})(?=\s*(?:[;,]|$))/.exec(text)?.[1];
  const window = value === undefined ? undefined : parametersOf(text).get("w");
  return { value: value === undefined ? undefined : Number(value), window };
}

/** `name=number` pairs, whatever parts them; of repeated names the first counts. */
function parametersOf(text = ""): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, name = "", value] of text.matchAll(
    /(?:^|[\s;,])([a-z]+)\s*=\s*(\d{1,15})(?=\s*(?:[;,]|$))/gi,
  )) {
    const key = name.toLowerCase();
    found.set(key, found.get(key) ?? Number(value));
  }
  return found;
}

function spanMs(seconds: number | undefined, nowMs: number): number | undefined {
  if (seconds === undefined) {
    return undefined;
  }
  return seconds >= EPOCH_SECONDS ? Math.max(0, seconds * 1000 - nowMs) : seconds * 1000;
}
