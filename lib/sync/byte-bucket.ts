/** What may be saved up while nobody wants it. A longer one would let a burst through that no second may hold. */
const BURST_S = 0.12;

interface Waiter {
  bytes: number;
  admit(): void;
}

/**
 * A token bucket in the way of bytes: `bytesPerSecond` in the long run, whoever takes them. A chunk passes while anything
 * is left and may leave a debt, so chunks are never split. Who has to wait stands in line: each stream asks for one chunk
 * at a time, so the line is a fair turn for all of them, and a small layer passes beside a large one.
 */
export class ByteBucket {
  #rate = Number.POSITIVE_INFINITY;
  #left = 0;
  #filledMs = performance.now();
  readonly #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #passed = 0;
  #heldMs = 0;
  #heldSinceMs: number | undefined;
  readonly #onDemand: () => void;

  /** @param onDemand called whenever somebody has to wait */
  constructor(onDemand: () => void = () => undefined) {
    this.#onDemand = onDemand;
  }

  /** Bytes a second; Infinity: no limit, 0: nothing passes. Whoever waits notices at once. */
  setRate(bytesPerSecond: number): void {
    if (bytesPerSecond === this.#rate) {
      return;
    }
    this.#fill();
    this.#rate = bytesPerSecond;
    this.#left = Math.min(this.#left, Number.isFinite(bytesPerSecond) ? bytesPerSecond * BURST_S : 0);
    this.#admit();
  }

  get rate(): number {
    return this.#rate;
  }

  /** Chunks that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bytes that have passed so far. */
  get passed(): number {
    return this.#passed;
  }

  /** How long somebody has been waiting here, in all; ms. */
  get heldMs(): number {
    return this.#heldMs + (this.#heldSinceMs === undefined ? 0 : performance.now() - this.#heldSinceMs);
  }

  /** @returns undefined when the bytes may pass now; else a promise for the moment at which they may */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#rate === Number.POSITIVE_INFINITY) {
      this.#passed += bytes;
      return undefined;
    }
    this.#fill();
    if (this.#waiting.length === 0 && this.#left > 0) {
      this.#spend(bytes);
      return undefined;
    }
    return this.#turn(bytes, signal);
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiter: Waiter = {
        bytes,
        admit: () => {
          signal.removeEventListener("abort", gaveUp);
          resolve();
        },
      };
      const gaveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        this.#admit();
        reject(signal.reason);
      };
      signal.addEventListener("abort", gaveUp, { once: true });
      this.#waiting.push(waiter);
      this.#admit();
      this.#onDemand();
    });
  }

  #spend(bytes: number): void {
    this.#left -= bytes;
    this.#passed += bytes;
  }

  #fill(): void {
    const now = performance.now();
    if (Number.isFinite(this.#rate)) {
      const most = Math.max(this.#left, this.#rate * BURST_S);
      this.#left = Math.min(most, this.#left + ((now - this.#filledMs) / 1000) * this.#rate);
    }
    this.#filledMs = now;
  }

  /** Lets pass what may, and comes back when the next may. */
  #admit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#fill();
    while (this.#waiting.length > 0 && (this.#left > 0 || this.#rate === Number.POSITIVE_INFINITY)) {
      const next = this.#waiting.shift();
      this.#spend(next?.bytes ?? 0);
      next?.admit();
    }
    this.#noteHeld();
    if (this.#waiting.length > 0 && this.#rate > 0) {
      const waitMs = Math.ceil((-this.#left / this.#rate) * 1000) + 1;
      this.#timer = setTimeout(() => this.#admit(), Math.min(waitMs, 60_000));
    }
  }

  #noteHeld(): void {
    const held = this.#waiting.length > 0;
    if (held && this.#heldSinceMs === undefined) {
      this.#heldSinceMs = performance.now();
    } else if (!held && this.#heldSinceMs !== undefined) {
      this.#heldMs += performance.now() - this.#heldSinceMs;
      this.#heldSinceMs = undefined;
    }
  }
}
