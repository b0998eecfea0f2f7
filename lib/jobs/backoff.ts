import { RegistryError } from "../registry/errors.ts";
import { CopyError } from "../sync/errors.ts";

/**
 * How long we are patient with a registry that does not answer, or answers 5xx:
 *
 * | what                                | times | pauses                            |
 * |-------------------------------------|-------|-----------------------------------|
 * | a request (REQUEST_RETRIES)         | 6     | 0.5 s, doubled: 8 to 15 s in all  |
 * | a job, around that (RETRY_LIMIT)    | 4     | 3, 12, 48 s: 47 to 63 s in all    |
 *
 * A source that refuses connections fails its task after 65 to 125 s; an outage of a minute heals. An attempt that got
 * something done does not count: a registry that comes and goes is tried as long as it helps. In the middle of a blob the
 * blob itself begins again up to twice more (copy-blob.ts). A registry that asks to wait (429, Retry-After) is waited for.
 */

const FIRST_MS = 3_000;
const LONGEST_MS = 60_000;

/** How long a job waits after its `failures`-th failed attempt, shortened by up to a quarter at random, so that the jobs of a task do not come back all at once. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 4 ** Math.max(0, failures - 1));
  return Math.round(longest * (1 - 0.25 * random()));
}

/**
 * How long a job waits after its `failures`-th failed attempt, and what people are told of it: a registry that has refused all
 * requests (429) gets the time that it asked for, and is named as the one that limits.
 */
export function waitAfter(
  error: unknown,
  failures: number,
): { delayMs: number; reason: "rate-limit" | "backoff" } {
  const cause = error instanceof CopyError ? error.cause : error;
  const delayMs = backoffMs(failures);
  return cause instanceof RegistryError && cause.status === 429
    ? { delayMs: Math.max(delayMs, cause.retryAfterMs ?? 0), reason: "rate-limit" }
    : { delayMs, reason: "backoff" };
}
