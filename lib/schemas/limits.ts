import { offsetsOf } from "./zone-offset.ts";

/**
 * What an instance bears from us, in total over all workers. No library is imported here: the browser reads it too.
 * A copy is one layer (or config) on its way. Read: the instance is the source. Write: it is the target. Null: no limit.
 */
export interface InstanceLimits {
  copies: number | null;
  readBytesPerSecond: number | null;
  writeBytesPerSecond: number | null;
  /** IANA name; the clocks by which windows are read. */
  timeZone: string;
  /** Where several apply, the first one counts. */
  windows: LimitWindow[];
}

/** While clocks show a time from `from` until `to`, these two take the place of the instance's own. */
export interface LimitWindow {
  /** Days on which it begins; 0 is Sunday. */
  days: number[];
  /** `HH:MM`. */
  from: string;
  /** `HH:MM`; not later than `from`: on the next day. The same: a whole day. */
  to: string;
  readBytesPerSecond: number | null;
  writeBytesPerSecond: number | null;
}

/** What counts at a moment. */
export interface LimitsAt {
  copies: number | null;
  readBytesPerSecond: number | null;
  writeBytesPerSecond: number | null;
  /** Index of the window that applies. */
  window: number | null;
}

export const MOST_WINDOWS = 14;
export const LEAST_BYTES_PER_SECOND = 10_000;
export const MOST_BYTES_PER_SECOND = 100_000_000_000;
export const MOST_COPIES = 1_000;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A window that exists applies within a week; a day more for those that go past midnight. */
const SEARCH_DAYS = 9;

/** The limits in effect at `instantMs`, by what clocks show there and then: also in an hour that comes twice. */
export function limitsAt(limits: InstanceLimits, instantMs: number): LimitsAt {
  const wall = new Date(instantMs + offsetsOf(limits.timeZone)(instantMs));
  const minute = wall.getUTCHours() * 60 + wall.getUTCMinutes();
  const found = limits.windows.findIndex((window) => applies(window, wall.getUTCDay(), minute));
  const { readBytesPerSecond, writeBytesPerSecond } = limits.windows[found] ?? limits;
  return {
    copies: limits.copies,
    readBytesPerSecond,
    writeBytesPerSecond,
    window: found < 0 ? null : found,
  };
}

function applies({ days, from, to }: LimitWindow, day: number, minute: number): boolean {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  if (begin < end) {
    return days.includes(day) && begin <= minute && minute < end;
  }
  return (days.includes(day) && minute >= begin) || (days.includes((day + 6) % 7) && minute < end);
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

export interface LimitChange {
  atMs: number;
  limits: LimitsAt;
}

/** The next moment after `instantMs` at which bytes are limited otherwise than at it; null when there is none. */
export function nextLimitChange(limits: InstanceLimits, instantMs: number): LimitChange | null {
  const now = limitsAt(limits, instantMs);
  for (const atMs of turns(limits, instantMs)) {
    const then = limitsAt(limits, atMs);
    if (
      then.readBytesPerSecond !== now.readBytesPerSecond ||
      then.writeBytesPerSecond !== now.writeBytesPerSecond
    ) {
      return { atMs, limits: then };
    }
  }
  return null;
}

/** Moments at which a window may begin or end, in order: clocks reach its edge, or are set past it. */
function turns({ windows, timeZone }: InstanceLimits, afterMs: number): number[] {
  const offsetAt = offsetsOf(timeZone);
  const edges = new Set(windows.flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)]));
  const today = Math.floor((afterMs + offsetAt(afterMs)) / DAY_MS) * DAY_MS;
  const found = new Set<number>();
  for (let day = today; windows.length > 0 && day < today + SEARCH_DAYS * DAY_MS; day += DAY_MS) {
    const [before, after] = [offsetAt(day - DAY_MS), offsetAt(day + 2 * DAY_MS)];
    for (const edge of edges) {
      found.add(day + edge * MINUTE_MS - before).add(day + edge * MINUTE_MS - after);
    }
    if (before !== after) {
      found.add(clockChange(day - DAY_MS - before, day + 2 * DAY_MS - after, offsetAt));
    }
  }
  return [...found].filter((atMs) => atMs > afterMs).sort((a, b) => a - b);
}

/** The minute at which clocks change between two instants that they differ at. */
function clockChange(fromMs: number, toMs: number, offsetAt: (instantMs: number) => number): number {
  let [low, high] = [fromMs, toMs];
  const after = offsetAt(high);
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetAt(middle) === after) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}

/** Whether anything is limited at any time. */
export function limitsAnything(limits: InstanceLimits): boolean {
  return (
    limits.copies !== null ||
    [limits, ...limits.windows].some(
      (at) => at.readBytesPerSecond !== null || at.writeBytesPerSecond !== null,
    )
  );
}

/** Units that people choose from; decimal, as lib/format/bytes.ts shows them. */
export const RATE_UNITS = ["KB", "MB", "GB"] as const;
export type RateUnit = (typeof RATE_UNITS)[number];
export const BYTES_PER_UNIT: Readonly<Record<RateUnit, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 };

/** A rate as it is typed: a figure, a comma or a point in it, and a unit. Null: nothing was typed. */
export interface TypedRate {
  value: string;
  unit: RateUnit;
}

/** How a stored rate is shown in a field: the largest unit in which it is at least one. */
export function typedRate(bytesPerSecond: number | null): TypedRate {
  if (bytesPerSecond === null) {
    return { value: "", unit: "MB" };
  }
  const unit = RATE_UNITS.findLast((candidate) => bytesPerSecond >= BYTES_PER_UNIT[candidate]) ?? "KB";
  return { value: String(bytesPerSecond / BYTES_PER_UNIT[unit]), unit };
}

/** The limits of an instance at this moment, and what the workers make of them. */
export interface LimitsInUse {
  /** By the database's clock. */
  at: string;
  now: LimitsAt;
  next: { at: string; limits: LimitsAt } | null;
  /** Workers that copy there. */
  workers: number;
  copies: number;
  readBytesPerSecond: number;
  writeBytesPerSecond: number;
  /** What somebody waits for. */
  held: { copies: boolean; read: boolean; write: boolean };
}
