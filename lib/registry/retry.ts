import { setTimeout as sleep } from "node:timers/promises";
import { RegistryError, TransportError } from "./errors.ts";
import { PATIENCE, type Patience } from "./patience.ts";
import { Quota } from "./rate-limit.ts";
import type { RegistryOptions } from "./repository.ts";

/** For whoever does not try again later himself: the pauses before so many repetitions take at least 65 s, so an outage of a minute heals. */
export const PATIENT_RETRIES = 11;

/**
 * How long a `Retry-After` header asks to wait: seconds or an HTTP date (RFC 9110, 10.2.3), capped.
 * @returns undefined when there is none, or none that can be read
 */
export function retryAfterMs(
  header: string | undefined,
  now = Date.now(),
  capMs = PATIENCE.retryAfterMostMs,
): number | undefined {
  const text = header?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), capMs);
}

/** Pause before the given retry (1, 2, …): doubled each time, half of it by chance so that callers spread out. */
export function backoffMs(
  retry: number,
  random = Math.random(),
  { backoffMs: first, backoffMostMs }: Pick<Patience, "backoffMs" | "backoffMostMs"> = PATIENCE,
): number {
  const full = Math.min(backoffMostMs, first * 2 ** (retry - 1));
  return full / 2 + (full / 2) * random;
}

/** True when asking again may help: 408, 425, 429, 5xx, or no answer at all. A full disk does not empty itself (R5). */
export function isRetryable(error: unknown): error is RegistryError | TransportError {
  if (error instanceof RegistryError) {
    return error.retryable && !/no space left on device/i.test(error.detail);
  }
  return error instanceof TransportError && error.retryable;
}

/** A timer set by a busy process fires this much too early at most: what is closed until then would be waited for once more. */
const MOST_EARLY_MS = 100;

type OnWait = RegistryOptions["onWait"];
type Reason = "rate-limit" | "backoff";

/** Tells the caller of a registry when requests wait, and until when: the longest wait counts, null when all are over. */
export class Waits {
  readonly #onWait: OnWait;
  readonly #quota = new Quota();
  readonly #current = new Set<{ untilMs: number; reason: Reason }>();
  #reported: { untilMs: number; reason: Reason } | null = null;
  /** Until then the registry wants to hear nothing from anyone. */
  #closedUntilMs = 0;

  constructor(onWait: OnWait) {
    this.#onWait = onWait;
  }

  /** A 429 speaks for the whole registry: other requests are held back as well. */
  closeFor(ms: number): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, Date.now() + ms);
  }

  /** What an answer says of the requests that are left; a wait for more of them is at most `mostMs` long. */
  hear(answer: { status: number; headers: ReadonlyMap<string, string> }, mostMs: number): void {
    this.#quota.hear(answer, mostMs);
  }

  /**
   * Waits while the registry is closed for everybody, and for one of the requests that it grants.
   * @returns undefined: there is nothing to wait for
   */
  opening(signal: AbortSignal | undefined): Promise<void> | undefined {
    const ms = this.#leftMs();
    return ms > 0 ? this.#opened(ms, signal) : undefined;
  }

  async #opened(firstMs: number, signal: AbortSignal | undefined): Promise<void> {
    for (let ms = firstMs; ms > 0; ms = this.#leftMs()) {
      await this.pause(ms, "rate-limit", signal);
    }
  }

  #leftMs(): number {
    return Math.max(0, this.#closedUntilMs - Date.now()) || this.#quota.take();
  }

  /** @throws the signal's reason when it is aborted meanwhile */
  async pause(ms: number, reason: Reason, signal: AbortSignal | undefined): Promise<void> {
    const wait = { untilMs: Date.now() + ms, reason };
    this.#current.add(wait);
    this.#report();
    try {
      const abortable = signal ? { signal } : {};
      await sleep(ms, undefined, abortable);
      const leftMs = wait.untilMs - Date.now();
      if (leftMs > 0) {
        await sleep(Math.min(leftMs, MOST_EARLY_MS), undefined, abortable);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      this.#current.delete(wait);
      this.#report();
    }
  }

  #report(): void {
    let longest: { untilMs: number; reason: Reason } | null = null;
    for (const wait of this.#current) {
      longest = longest === null || wait.untilMs > longest.untilMs ? wait : longest;
    }
    if (longest !== this.#reported) {
      this.#reported = longest;
      this.#onWait?.(longest);
    }
  }
}
