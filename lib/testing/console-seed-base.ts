import type { Database } from "../db/client.ts";

/** A seeded console is the same each time, seen from its `now`: ids, numbers and offsets follow from a counter. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const MIB = 1024 * 1024;

export interface Seed {
  readonly db: Database;
  readonly now: number;
  /** That long before now. */
  ago(ms: number): Date;
  /** RFC 9562, 5.7, of a moment that long before now: ids sort by time, which lists rely on. */
  id(agoMs?: number): string;
  /** 0 ≤ x < 1. */
  random(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
}

export function createSeed(db: Database, now: number): Seed {
  let state = 0x2f6e2b1;
  let counter = 0;
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    db,
    now,
    ago: (ms) => new Date(now - ms),
    id(agoMs = 0) {
      const time = Math.round(now - agoMs)
        .toString(16)
        .padStart(12, "0");
      const rest = (++counter).toString(16).padStart(12, "0");
      return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`;
    },
    random,
    between: (low, high) => low + Math.floor(random() * (high - low + 1)),
  };
}

/** A digest that looks like one and stays the same. */
export function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  let digits = "";
  for (let round = 0; round < 8; round++) {
    for (const character of `${round}${text}`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    }
    digits += hash.toString(16).padStart(8, "0");
  }
  return `sha256:${digits}`;
}

const ROWS_AT_ONCE = 400;

/** Postgres takes 65 535 parameters in one statement. */
export async function inBatches<Row>(
  rows: readonly Row[],
  insert: (some: Row[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await insert(rows.slice(from, from + ROWS_AT_ONCE));
  }
}
