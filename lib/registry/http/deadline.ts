/** A point in time that is moved often and seldom reached: one timer, set anew only when it fires too early or would too late. */
export class Deadline {
  readonly #onLate: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = 0;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  /** So many ms from now. */
  set(ms: number): void {
    this.#dueMs = performance.now() + ms;
    if (this.#timer === undefined || this.#timerMs > this.#dueMs) {
      clearTimeout(this.#timer);
      this.#arm(ms);
    }
  }

  /** It is not waited for any more. */
  clear(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** For good. */
  end(): void {
    this.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#timerMs = performance.now() + ms;
    // What is waited for keeps the process running, not the waiting.
    this.#timer = setTimeout(() => this.#fire(), Math.ceil(ms)).unref();
  }

  #judge(): void {
    if (performance.now() >= this.#dueMs) {
      this.clear();
      this.#onLate();
    } else if (this.#timer === undefined && this.#dueMs !== Number.POSITIVE_INFINITY) {
      this.#arm(this.#dueMs - performance.now());
    }
  }

  #fire(): void {
    this.#timer = undefined;
    const leftMs = this.#dueMs - performance.now();
    if (leftMs <= 0) {
      // What has come while this process stood still is heard first: the other side was not silent.
      setImmediate(() => this.#judge());
    } else if (leftMs !== Number.POSITIVE_INFINITY) {
      this.#arm(leftMs);
    }
  }
}
