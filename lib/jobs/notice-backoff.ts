/**
 * How patient notices are. A message that was not taken is tried again after these pauses, the last one over and over, until a day has
 * passed; each is shortened or lengthened by up to a tenth, so that what failed together does not come back together.
 */
const PAUSES_S = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400] as const;
const JITTER = 0.1;

/** Milliseconds until the attempt after `attempts` failed ones (1, 2, …). */
export function noticeBackoffMs(attempts: number, random: () => number = Math.random): number {
  const pauseS = PAUSES_S[Math.min(attempts, PAUSES_S.length) - 1] ?? PAUSES_S[0];
  return Math.round(pauseS * 1000 * (1 - JITTER + 2 * JITTER * random()));
}

const HOLD_FIRST_MS = 2_000;
const HOLD_MOST_MS = 300_000;

/**
 * How long an address that failed `failures` times in a row is left alone, whatever waits for it: new notices must not each find
 * out anew that nobody answers.
 */
export function addressHoldMs(failures: number): number {
  return Math.min(HOLD_MOST_MS, HOLD_FIRST_MS * 2 ** Math.min(Math.max(0, failures - 1), 20));
}
