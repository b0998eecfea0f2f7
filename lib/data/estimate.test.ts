import { describe, expect, test } from "vitest";
import { type Mark, type Progress, paceOf } from "./estimate.ts";

const MB = 1_000_000;

/** A transfer as it turns out to be: bytes that go over the link, and bytes that the target has already. */
interface Item {
  copied: number;
  reused: number;
  /** Of one without a name unless told. */
  repository?: string;
}

interface Series {
  items: Item[];
  /** Of the link, bytes a second, shared by what is under way. */
  rate: number;
  lanes?: number;
  /** What a transfer's requests take, besides its bytes. */
  requestsMs?: number;
  /** Until then the scan finds transfers at an even pace. */
  scanMs?: number;
}

/** A generator of numbers from 0 to 1 that is the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const items = (count: number, of: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => of(index));

const STEP_MS = 100;
const MINUTE_MS = 60_000;
const SAMPLE_MS = 2_000;

interface Moment {
  atMs: number;
  remainingMs: number | null;
}

/** Runs a series over a link of constant rate, asking the estimator each second what it would say. */
function run({ items: planned, rate, lanes = 8, requestsMs = 200, scanMs = 1_000 }: Series): Moment[] {
  const under: Under[] = [];
  const ended: Item[] = [];
  const marks: Mark[] = [{ atMs: 0, bytesCopied: 0, settled: 0 }];
  const moments: Moment[] = [];
  let next = 0;
  let bytes = 0;
  let atMs = 0;
  for (; ended.length < planned.length; atMs += STEP_MS) {
    const total = Math.min(planned.length, Math.ceil((planned.length * (atMs + 1)) / scanMs));
    while (under.length < lanes && next < total) {
      const item = planned[next];
      next += 1;
      if (item) {
        under.push({ item, requestsLeftMs: requestsMs, copied: 0 });
      }
    }
    const moving = under.filter((one) => one.requestsLeftMs <= 0 && one.copied < one.item.copied);
    for (const one of moving) {
      const sent = Math.min(one.item.copied - one.copied, ((rate / moving.length) * STEP_MS) / 1000);
      one.copied += sent;
      bytes += sent;
    }
    for (const one of under) {
      one.requestsLeftMs -= STEP_MS;
    }
    for (const one of under.filter((o) => o.requestsLeftMs <= 0 && o.copied >= o.item.copied - 1)) {
      under.splice(under.indexOf(one), 1);
      ended.push(one.item);
    }
    const now: Mark = { atMs, bytesCopied: bytes, settled: ended.length };
    if (atMs % SAMPLE_MS === 0) {
      marks.push(now);
    }
    if (atMs % 1_000 === 0) {
      const sized = under.filter((one) => one.requestsLeftMs <= 0);
      const waiting = [
        ...planned.slice(next, total),
        ...under.filter((o) => !sized.includes(o)).map((o) => o.item),
      ];
      const recent = ended.slice(-500);
      const windowMs = Math.max(60_000, atMs / 4);
      const progress: Progress = {
        now,
        lately: marks.findLast((mark) => mark.atMs <= atMs - 8_000) ?? marks[0] ?? null,
        before: marks.find((mark) => mark.atMs >= atMs - windowMs) ?? null,
        scanEnded: total === planned.length,
        total,
        sized: {
          count: sized.length,
          sizeBytes: sum(sized, ({ item }) => item.copied + item.reused),
          copied: sum(sized, (one) => one.copied),
          reused: sum(sized, ({ item }) => item.reused),
        },
        ended: {
          count: recent.length,
          sizeBytes: sum(recent, (item) => item.copied + item.reused),
          copied: sum(recent, (item) => item.copied),
        },
        ...placesOf(planned, { waiting, recent, sized }),
      };
      moments.push({ atMs, remainingMs: paceOf(progress).remainingMs });
    }
  }
  return moments;
}

interface Under {
  item: Item;
  requestsLeftMs: number;
  copied: number;
}

interface Seen {
  item: Item;
  copied: number;
  under: boolean;
}

/** As lib/data/task-pace.ts reads them. */
function placesOf(
  planned: readonly Item[],
  { waiting, recent, sized }: { waiting: Item[]; recent: Item[]; sized: Under[] },
): Pick<Progress, "firsts" | "places"> {
  const order = new Map(planned.map((item, index) => [item, index]));
  const begun: Seen[] = [
    ...recent.map((item) => ({ item, copied: item.copied, under: false })),
    ...sized.map((one) => ({ ...one, under: true })),
  ].sort((a, b) => (order.get(a.item) ?? 0) - (order.get(b.item) ?? 0));
  const byRepository = Map.groupBy(begun, ({ item }) => item.repository);
  return {
    firsts: underWay([...byRepository.values()].map(([first]) => first)),
    places: [...Map.groupBy(waiting, ({ repository }) => repository)].map(([repository, here]) => {
      const seen = byRepository.get(repository)?.slice(1) ?? [];
      return {
        waiting: here.length,
        seen: seen.length,
        copied: sum(seen, ({ copied }) => copied),
        sized: underWay(seen),
      };
    }),
  };
}

function underWay(of: readonly (Seen | undefined)[]): Progress["firsts"] {
  const under = of.filter((one) => one?.under === true) as Seen[];
  return {
    sizeBytes: sum(under, ({ item }) => item.copied + item.reused),
    copied: sum(under, ({ copied }) => copied),
    reused: sum(under, ({ item }) => item.reused),
  };
}

const sum = <T>(of: readonly T[], value: (one: T) => number): number =>
  of.reduce((total, one) => total + value(one), 0);

const random = numbers(7);
const lognormal = (median: number): number =>
  median * Math.exp(Math.sqrt(-2 * Math.log(random() || 0.5)) * Math.cos(2 * Math.PI * random()));

const SERIES: Record<string, Series> = {
  "equal images": { items: items(100, () => ({ copied: 50 * MB, reused: 0 })), rate: 10 * MB },
  "mixed sizes": { items: items(800, () => ({ copied: lognormal(20 * MB), reused: 0 })), rate: 50 * MB },
  "shared layers: the first tag of a repository brings the base, the others reuse it": {
    items: items(900, (index) =>
      index % 20 === 0
        ? { copied: 400 * MB, reused: 0 }
        : { copied: 12 * MB + random() * 8 * MB, reused: 390 * MB },
    ).map((item, index) => ({ ...item, repository: `app${Math.floor(index / 20)}` })),
    rate: 40 * MB,
  },
  "many small tags": {
    items: items(5_000, () => ({ copied: 40_000, reused: 10_000 })),
    rate: 50 * MB,
    requestsMs: 300,
  },
  "many small tags and one large image at the end": {
    items: [...items(400, () => ({ copied: 200_000, reused: 0 })), { copied: 3_000 * MB, reused: 0 }],
    rate: 20 * MB,
  },
  "a tail of large images, in a repository of their own": {
    items: [
      ...items(400, () => ({ copied: 200_000, reused: 0, repository: "small" })),
      ...items(40, () => ({ copied: 150 * MB + random() * 100 * MB, reused: 0, repository: "large" })),
    ],
    rate: 20 * MB,
  },
  "repositories of images of very different sizes": {
    items: [2, 8, 30, 120].flatMap((size) =>
      items(size === 120 ? 200 : 60, () => ({
        copied: size * MB * (0.8 + random() * 0.4),
        reused: 0,
        repository: `of ${size} MB`,
      })),
    ),
    rate: 40 * MB,
  },
  "large images, few at a time": {
    items: items(12, () => ({ copied: 2_000 * MB, reused: 500 * MB })),
    rate: 100 * MB,
    lanes: 4,
  },
  "nearly everything is up to date": {
    items: items(4_000, (index) => ({ copied: index % 100 === 0 ? 30 * MB : 0, reused: 0 })),
    rate: 20 * MB,
    requestsMs: 150,
  },
  "the scan goes on while it copies": {
    items: items(600, () => ({ copied: 10 * MB + random() * 20 * MB, reused: 0 })),
    rate: 20 * MB,
    scanMs: 100_000,
  },
};

describe("the estimate is within a quarter of the truth once 20 % is done, at a constant rate", () => {
  test.each(Object.entries(SERIES))("%s", (_name, series) => {
    const moments = run(series);
    const endMs = moments.at(-1)?.atMs ?? 0;
    const scanMs = series.scanMs ?? 1_000;
    const told = moments.filter(
      ({ atMs }) => atMs >= Math.max(0.2 * endMs, scanMs + 5_000) && atMs <= 0.98 * endMs,
    );
    expect(told.length).toBeGreaterThan(10);
    const errors = told.map(({ atMs, remainingMs }) => {
      const truth = endMs - atMs;
      if (remainingMs === null) {
        return 1;
      }
      // Both are shown as `under 1 min left`.
      return remainingMs < MINUTE_MS && truth < MINUTE_MS ? 0 : Math.abs(remainingMs - truth) / truth;
    });
    const worst = Math.max(...errors);
    process.stdout.write(
      `    ${Math.round(endMs / 1000)} s, worst error ${Math.round(worst * 100)} %, mean ${Math.round((sum(errors, (e) => e) / errors.length) * 100)} %\n`,
    );
    expect(worst).toBeLessThanOrEqual(0.25);
  });

  test("nothing is said while the scan goes on, nor about the first moments", () => {
    const moments = run({
      items: items(100, () => ({ copied: 50 * MB, reused: 0 })),
      rate: 10 * MB,
      scanMs: 60_000,
    });
    expect(moments.filter(({ atMs }) => atMs < 60_000).every(({ remainingMs }) => remainingMs === null)).toBe(
      true,
    );
  });

  test("never 0 while something is open, and nothing where nothing moves", () => {
    for (const series of Object.values(SERIES)) {
      expect(run(series).every(({ remainingMs }) => remainingMs === null || remainingMs >= 1_000)).toBe(true);
    }
    const still: Mark = { atMs: 0, bytesCopied: 5 * MB, settled: 5 };
    const progress: Progress = {
      now: { ...still, atMs: 60_000 },
      lately: { ...still, atMs: 52_000 },
      before: still,
      scanEnded: true,
      total: 10,
      sized: { count: 0, sizeBytes: 0, copied: 0, reused: 0 },
      ended: { count: 5, sizeBytes: 5 * MB, copied: 5 * MB },
      firsts: { sizeBytes: 0, copied: 0, reused: 0 },
      places: [],
    };
    expect(paceOf(progress)).toMatchObject({ bytesPerSecond: 0, remainingMs: null });
  });
});
