import type { TaskCounters } from "../schemas/task.ts";

const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `1,204`; always written in full. */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** `269/460`. */
export function formatRatio(part: number, whole: number): string {
  return `${formatCount(part)}/${formatCount(whole)}`;
}

/** One decimal at most. `100%` only if exact and `0%` only if nothing is done; `—` when there is no whole. */
export function formatPercent(part: number, whole: number): string {
  if (whole <= 0) {
    return "—";
  }
  if (part >= whole || part <= 0) {
    return part <= 0 ? "0%" : "100%";
  }
  const rounded = Math.round((part / whole) * 1000) / 10;
  return `${Math.min(99.9, Math.max(0.1, rounded))}%`;
}

/** Whole percent for a bar that moves: rounded down, so that 100% means done. */
export function wholePercent(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(100, Math.max(0, Math.floor((part / whole) * 100)));
}

export interface SuccessRatio {
  done: number;
  of: number;
}

/** 成功比例: done ÷ (total − skipped), done = copied + up to date. Null until the scan has ended, or without a divisor. */
export function successRatio(
  counters: Pick<TaskCounters, "copied" | "upToDate" | "total" | "skipped">,
  scanEndedAt: string | null,
): SuccessRatio | null {
  const of = counters.total - counters.skipped;
  return scanEndedAt === null || of <= 0 ? null : { done: counters.copied + counters.upToDate, of };
}

/** Transfers of a task that will change no more. */
export function settled(
  counters: Pick<TaskCounters, "copied" | "upToDate" | "skipped" | "failed" | "stopped">,
): number {
  return counters.copied + counters.upToDate + counters.skipped + counters.failed + counters.stopped;
}

type ProgressCounters = Pick<
  TaskCounters,
  | "total"
  | "running"
  | "copied"
  | "upToDate"
  | "skipped"
  | "failed"
  | "stopped"
  | "bytesTotal"
  | "bytesCopied"
  | "bytesMounted"
  | "bytesSkipped"
>;

/**
 * How much of the transfers under way is done, 0 to 1: bytes that were found and are not there yet belong to them, and
 * they are taken to be as large as the mean of those that have begun.
 */
export function runningShare(counters: ProgressCounters): number {
  const begun = settled(counters) + counters.running;
  if (counters.running === 0 || counters.bytesTotal <= 0) {
    return 0;
  }
  const missing = counters.bytesTotal - counters.bytesCopied - counters.bytesMounted - counters.bytesSkipped;
  const expected = (counters.bytesTotal / begun) * counters.running;
  return Math.min(1, Math.max(0, 1 - missing / expected));
}

/** Transfers that were dealt with; those that a stop cut off were not. */
export function handled(
  counters: Pick<TaskCounters, "copied" | "upToDate" | "skipped" | "failed" | "stopped">,
): number {
  return settled(counters) - counters.stopped;
}

/** Whole percent of a task: what was dealt with, and the share of what is under way, so that one large image moves too. */
export function taskPercent(counters: ProgressCounters): number {
  const done = handled(counters);
  return done >= counters.total
    ? wholePercent(done, counters.total)
    : Math.min(99, wholePercent(done + counters.running * runningShare(counters), counters.total));
}
