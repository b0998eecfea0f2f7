import { type AbortListener, abortHub } from "./abort-hub.ts";

/** So long without a 429, and what was too much the last time is tried again. */
const CALM_MS = 10_000;

/**
 * Bounds how many requests are under way at one registry, and slows down when the registry asks for it: each 429 halves
 * the bound, each series of answers raises it by one again, up to below what was too much the last time (FT14).
 */
export class Limiter {
  readonly #most: number;
  #bound: number;
  #active = 0;
  #streak = 0;
  #shrunkAt = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** This many were too many. */
  #tooMany = Number.POSITIVE_INFINITY;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = Math.max(1, Math.floor(most));
    this.#bound = this.#most;
  }

  /** Requests allowed at once, now. */
  get bound(): number {
    return this.#bound;
  }

  /**
   * Takes a place, which `leave` gives back.
   * @returns what is to be waited for; undefined: there is room
   * @throws the signal's reason when it is aborted, before or while waiting
   */
  enter(signal: AbortSignal | undefined): Promise<void> | undefined {
    signal?.throwIfAborted();
    if (this.#active >= this.#bound) {
      return this.#turn(signal);
    }
    this.#active += 1;
    return undefined;
  }

  /** Once for each place. */
  leave(): void {
    this.#active -= 1;
    this.#admit();
  }

  /** The registry said "too many requests". A burst of answers within a second counts once. */
  slowDown(): void {
    this.#streak = 0;
    this.#refusedAt = Date.now();
    if (Date.now() - this.#shrunkAt > 1000) {
      this.#shrunkAt = Date.now();
      this.#tooMany = this.#bound;
      this.#bound = Math.max(1, Math.floor(this.#bound / 2));
    }
  }

  /** The registry answered as usual. */
  succeed(): void {
    if (this.#bound < this.#most) {
      this.#streak += 1;
      const fits = this.#bound + 1 < this.#tooMany || Date.now() - this.#refusedAt > CALM_MS;
      if (this.#streak >= 2 * this.#bound && fits) {
        this.#streak = 0;
        this.#bound += 1;
        this.#admit();
      }
    }
  }

  /** Whoever is admitted already counts as active, so nobody can slip in between. */
  #admit(): void {
    while (this.#active < this.#bound) {
      const next = this.#waiting.shift();
      if (!next) {
        return;
      }
      this.#active += 1;
      next();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const admitted = () => {
        hub?.delete(listener);
        resolve();
      };
      const listener: AbortListener = {
        hubPlace: undefined,
        onAbort: (reason: unknown) => {
          hub?.delete(listener);
          this.#waiting.splice(this.#waiting.indexOf(admitted), 1);
          reject(reason);
        },
      };
      const hub = signal && abortHub(signal);
      hub?.add(listener);
      this.#waiting.push(admitted);
    });
  }
}
