/** Requests that one token may send at once, and a second, to one web process: more than twice 10,000 a minute. */
const BURST = 1_000;
const PER_SECOND = 400;

interface Bucket {
  left: number;
  atMs: number;
}

/** A bucket of permits for each key; it fills up again with time. */
export class EventRate {
  readonly #buckets = new Map<string, Bucket>();

  /** @returns how many seconds to wait, 0 when the request may pass */
  take(key: string, nowMs: number): number {
    const { left, atMs } = this.#buckets.get(key) ?? { left: BURST, atMs: nowMs };
    const filled = Math.min(BURST, left + (Math.max(0, nowMs - atMs) / 1000) * PER_SECOND);
    const passes = filled >= 1;
    this.#buckets.set(key, { left: passes ? filled - 1 : filled, atMs: nowMs });
    return passes ? 0 : 1;
  }
}
