import type { TaskPace } from "../schemas/task.ts";

/** What a task had done at a moment. */
export interface Mark {
  atMs: number;
  bytesCopied: number;
  /** Transfers that ended. */
  settled: number;
}

/** What is known of a task at work. Bytes of content, not of requests. */
export interface Progress {
  now: Mark;
  /** Some seconds ago: for the speed that is shown. */
  lately: Mark | null;
  /** A minute ago, or a quarter of the task's age if that is longer: for the estimate. */
  before: Mark | null;
  scanEnded: boolean;
  /** Transfers planned. */
  total: number;
  /** Those under way whose size is known: how many, how large, and what of that is in place. */
  sized: UnderWay & { count: number };
  /** The last transfers that ended, in the order of the scan; bytes that were there already count as size only. */
  ended: { count: number; sizeBytes: number; copied: number };
  /** Of those under way, the first of their repositories: what all of a repository share, they bring. */
  firsts: UnderWay;
  /** Repositories with transfers that wait, of which some were seen. */
  places: readonly Place[];
}

interface UnderWay {
  sizeBytes: number;
  copied: number;
  reused: number;
}

/**
 * A repository: images of one are alike, those of two need not be. What was seen of it leaves out its first transfer, which brings
 * what all of them share.
 */
export interface Place {
  waiting: number;
  /** Transfers that ended, or are under way with a known size. */
  seen: number;
  /** Of all of them. */
  copied: number;
  /** Of those under way. */
  sized: UnderWay;
}

/** A transfer costs requests besides its bytes: as long as the bytes of so many milliseconds take, and at least so many. */
const TRANSFER_MS = 50;
const TRANSFER_BYTES = 50_000;
const LEAST_SPAN_MS = 1_500;
const LEAST_ESTIMATE_SPAN_MS = 3_000;
/** An estimate from less than this share of the work would be a guess. */
const LEAST_DONE = 0.03;
const LEAST_SEEN = 3;

/**
 * Speed and time left. Work is bytes to copy plus a fixed price for each transfer, so that a thousand small tags and one
 * large image are measured alike. Of a transfer under way its bytes are known, not how many of them the target has
 * already: the share of those that ended says it until it was found out. A transfer that has not begun is taken for the
 * mean of those of its repository that have, else for the mean of all: a tail of large images is large once one of them is seen.
 *
 * Null while nobody can tell: before the scan has ended nobody knows how much there is.
 */
export function paceOf(progress: Progress): TaskPace {
  return {
    at: new Date(progress.now.atMs).toISOString(),
    bytesPerSecond: speedOf(progress),
    remainingMs: remainingOf(progress),
  };
}

/** Bytes a second between the two marks; null until there is something to measure. */
export function speedOf({ now, lately }: Pick<Progress, "now" | "lately">): number | null {
  if (!lately || now.atMs - lately.atMs < LEAST_SPAN_MS) {
    return null;
  }
  return (Math.max(0, now.bytesCopied - lately.bytesCopied) * 1000) / (now.atMs - lately.atMs);
}

function remainingOf(progress: Progress): number | null {
  const { now, before, scanEnded, total, sized, ended } = progress;
  const open = total - now.settled;
  if (!scanEnded || open <= 0 || !before || now.atMs - before.atMs < LEAST_ESTIMATE_SPAN_MS) {
    return null;
  }
  const spanMs = now.atMs - before.atMs;
  const bytes = Math.max(0, now.bytesCopied - before.bytesCopied);
  const each = Math.max(TRANSFER_BYTES, (bytes / spanMs) * TRANSFER_MS);
  const done = now.bytesCopied + now.settled * each;
  const left = workLeft(progress) + open * each;
  const waiting = total - now.settled - sized.count;
  if (done < LEAST_DONE * (done + left) || (waiting > 0 && ended.count + sized.count < LEAST_SEEN)) {
    return null;
  }
  const moved = bytes + (now.settled - before.settled) * each;
  return moved > 0 ? Math.max(1_000, Math.round((left / moved) * spanMs)) : null;
}

/** Bytes still to copy. */
function workLeft({ now, total, sized, firsts, ended, places }: Progress): number {
  const reuse = ended.sizeBytes > 0 ? 1 - ended.copied / ended.sizeBytes : 0;
  const others: UnderWay = {
    sizeBytes: sized.sizeBytes - firsts.sizeBytes,
    copied: sized.copied - firsts.copied,
    reused: sized.reused - firsts.reused,
  };
  const underWay = toCopy(firsts, 0) + toCopy(others, reuse);
  const begun = ended.count + sized.count;
  const each = begun > 0 ? (ended.copied + sized.copied + underWay) / begun : 0;
  const waiting = Math.max(0, total - now.settled - sized.count);
  const known = places.filter(({ seen }) => seen > 0);
  const ofKnown = known.reduce(
    (sum, place) => sum + (place.waiting * (place.copied + toCopy(place.sized, reuse))) / place.seen,
    0,
  );
  const ofOthers = waiting - known.reduce((sum, place) => sum + place.waiting, 0);
  return underWay + ofKnown + Math.max(0, ofOthers) * each;
}

/** Bytes to copy of what is under way. What the target has already is found out first: what is missing later on has to be copied. */
function toCopy({ sizeBytes, copied, reused }: UnderWay, reuse: number): number {
  const missing = Math.max(0, sizeBytes - copied - reused);
  return missing - Math.min(missing * reuse, Math.max(0, sizeBytes * reuse - reused));
}
