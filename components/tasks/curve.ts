import type { Instant, TaskSample } from "@/lib/schemas/task.ts";

export interface CurvePoint {
  atMs: number;
  /** Mean since the point before. */
  bytesPerSecond: number;
  /** Of the whole task until then. */
  bytesCopied: number;
  /** Why nothing moved since the point before, if the task was waiting. */
  waiting: string | null;
}

/** A stretch of time in which the task waited. */
export interface Band {
  fromMs: number;
  toMs: number;
  reason: string;
}

export interface Curve {
  points: CurvePoint[];
  bands: Band[];
  fromMs: number;
  toMs: number;
  /** The highest point as drawn. */
  peak: number;
}

/** More points than this are no clearer. */
const MOST_POINTS = 160;
const LEAST_SPAN_MS = 1_900;

/**
 * The throughput of a whole task, from what it had done at each stored moment and has done now. Neighbouring moments are taken
 * together until they span enough to be a speed and not a jitter; a wait is kept apart, so that its band is as long as it was.
 * Null for fewer than three points: that is no curve.
 */
export function curveOf(
  samples: readonly TaskSample[],
  now: { at: Instant; bytesCopied: number } | null,
  mostPoints: number = MOST_POINTS,
): Curve | null {
  const moments = momentsOf(samples, now);
  const [first] = moments;
  const end = moments.at(-1);
  if (!first || !end || moments.length < 4) {
    return null;
  }
  const spanMs = Math.max(LEAST_SPAN_MS, (end.atMs - first.atMs) / mostPoints);
  const points: CurvePoint[] = [];
  const bands: Band[] = [];
  let from = first;
  for (const [index, moment] of moments.entries()) {
    const before = moments[index - 1];
    if (!before) {
      continue;
    }
    if (before.waiting !== null) {
      addBand(bands, { fromMs: before.atMs, toMs: moment.atMs, reason: before.waiting });
    }
    const turns = before.waiting !== moment.waiting;
    if (moment.atMs - from.atMs >= spanMs || (turns && moment.atMs > from.atMs) || moment === end) {
      points.push({
        atMs: moment.atMs,
        bytesPerSecond:
          (Math.max(0, moment.bytesCopied - from.bytesCopied) * 1000) / Math.max(1, moment.atMs - from.atMs),
        bytesCopied: moment.bytesCopied,
        waiting: before.waiting,
      });
      from = moment;
    }
  }
  return points.length < 3
    ? null
    : {
        points,
        bands,
        fromMs: first.atMs,
        toMs: end.atMs,
        peak: Math.max(...points.map(({ bytesPerSecond }) => bytesPerSecond)),
      };
}

type Moment = Omit<TaskSample, "at"> & { atMs: number };

/**
 * From the first moment to the last, in order. The end of a task is when its last transaction began: another process may have written
 * a sample after that, which says nothing that the end does not say. Nothing is drawn before the beginning or after the end.
 */
function momentsOf(
  samples: readonly TaskSample[],
  now: { at: Instant; bytesCopied: number } | null,
): Moment[] {
  const moments = samples.map(({ at, ...sample }) => ({ ...sample, atMs: Date.parse(at) }));
  const [first] = moments;
  const last = moments.at(-1);
  if (!first || !last) {
    return [];
  }
  const within = moments.filter(
    (moment) => moment === first || moment === last || (moment.atMs > first.atMs && moment.atMs < last.atMs),
  );
  return now && Date.parse(now.at) > last.atMs
    ? [...within, { atMs: Date.parse(now.at), bytesCopied: now.bytesCopied, waiting: null }]
    : within;
}

function addBand(bands: Band[], band: Band): void {
  const last = bands.at(-1);
  if (last && last.toMs === band.fromMs && last.reason === band.reason) {
    last.toMs = band.toMs;
  } else {
    bands.push(band);
  }
}

const ROUND = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10] as const;

/** The smallest round figure that is not below the peak; its half is round too. */
export function scaleTop(peak: number): number {
  if (peak <= 0) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(peak));
  return Number(((ROUND.find((step) => step * power >= peak) ?? 10) * power).toPrecision(3));
}
