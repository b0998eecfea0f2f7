/** What a case works with. */
export interface Trust {
  /** The size that is promised, or the small one of `npm test`. */
  readonly full: boolean;
  readonly seed: number;
  /** From 0 to below 1; the same numbers for the same seed and case. */
  random(): number;
  /** Tells whoever watches how far the case is. */
  step(text: string): void;
  /** Runs when the case has ended, however it ended; the last one first. */
  cleanup(work: () => unknown): void;
  /**
   * URL of a fresh database with every table and queue. `DATABASE_URL` of this process names it from now on, so that
   * `database()` and `boss()` use it; they are closed, and it is dropped, when the case has ended.
   */
  database(): Promise<string>;
}

/** One promise, with what proves it. */
export interface TrustCase {
  /** As requirements name it: `B1`. */
  readonly id: string;
  readonly title: string;
  /** Longest it may take at full size, milliseconds; five minutes when left out. The small size has a minute. */
  readonly withinMs?: number;
  /** @returns the figure in words. @throws {TargetMissed}, or whatever went wrong */
  readonly run: (trust: Trust) => Promise<string>;
}

/** The figure is not what was promised. */
export class TargetMissed extends Error {
  override readonly name = "TargetMissed";
}

/** @throws {TargetMissed} with the figure, unless the target is met */
export function meets(met: boolean, figure: string): void {
  if (!met) {
    throw new TargetMissed(figure);
  }
}
