export interface LimitedPace {
  /** At the speed of now. */
  remainingMs: number;
  bytesPerSecond: number;
  /** The limit that decides the speed of now; null: something else does. */
  limit: number | null;
  changesInMs: number;
  /** From then on; null: none. */
  nextLimit: number | null;
}

/**
 * The time left when the limit changes on the way: a task that is held by its limit gets as much more, or less, as the next one
 * allows. What it would do without a limit nobody knows, so it is taken to go on as it does.
 */
export function remainingUnder(pace: LimitedPace): number {
  const { remainingMs, bytesPerSecond, limit, changesInMs, nextLimit } = pace;
  const leftMs = remainingMs - changesInMs;
  if (leftMs <= 0 || nextLimit === null) {
    return remainingMs;
  }
  const then = limit === null ? Math.min(bytesPerSecond, nextLimit) : (bytesPerSecond * nextLimit) / limit;
  return Math.round(changesInMs + (leftMs * bytesPerSecond) / then);
}
