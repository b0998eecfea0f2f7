"use client";

import { useLocale, useTranslations } from "next-intl";
import { byteFigure, formatSpeed } from "@/lib/format/bytes.ts";
import { formatDuration } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatClock } from "@/lib/format/time.ts";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { isRateLimit } from "../status/task-status.tsx";
import { type Band, type Curve, scaleTop } from "./curve.ts";

const WIDTH = 600;
const HEIGHT = 100;
/** A band narrower than this could not be seen. */
const LEAST_BAND = 3;

/** The throughput of the whole task; a wait is a band with its reason. What it says stands in a sentence beside it. */
export function ThroughputChart({ curve, mean, live }: { curve: Curve; mean: number | null; live: boolean }) {
  const t = useTranslations("tasks.chart");
  const locale = useLocale() as Locale;
  const top = scaleTop(curve.peak);
  const spanMs = Math.max(1, curve.toMs - curve.fromMs);
  const x = (atMs: number) => ((atMs - curve.fromMs) / spanMs) * WIDTH;
  const y = (speed: number) => HEIGHT - (speed / top) * HEIGHT;
  const line = curve.points
    .map(({ atMs, bytesPerSecond }) => `L${x(atMs).toFixed(1)} ${y(bytesPerSecond).toFixed(1)}`)
    .join("");
  const last = curve.points.at(-1);
  const sentence = t("sentence", {
    span: formatDuration(spanMs, locale),
    mean: formatSpeed(mean ?? 0),
    peak: formatSpeed(curve.peak),
    waits: curve.bands.length,
  });
  return (
    <figure className="mt-2">
      <BandLabel bands={curve.bands} curve={curve} />
      <div className="relative mr-14 h-[104px]">
        <svg
          role="img"
          aria-label={sentence}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="absolute inset-0 size-full overflow-visible"
        >
          {curve.bands.map(({ fromMs, toMs }) => (
            <rect
              key={fromMs}
              x={x(fromMs)}
              width={Math.max(LEAST_BAND, x(toMs) - x(fromMs))}
              height={HEIGHT}
              fill="var(--gamboge-soft)"
            />
          ))}
          <path d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`} {...GRID} strokeDasharray="2 3" />
          <path d={`M0 ${HEIGHT}H${WIDTH}`} {...GRID} />
          <path d={`M0 ${HEIGHT}${line}V${HEIGHT}Z`} fill="var(--chart-1-area)" />
          <path d={`M0 ${HEIGHT}${line}`} fill="none" stroke="var(--chart-1)" strokeWidth="1.5" {...THIN} />
          {curve.bands.map(({ fromMs }) => (
            <path
              key={fromMs}
              d={`M${x(fromMs)} 0V${HEIGHT}`}
              stroke="var(--gamboge-fill)"
              strokeDasharray="2 2"
              {...THIN}
            />
          ))}
        </svg>
        {live && last ? (
          <i
            aria-hidden
            className="absolute -right-[3px] size-1.5 rounded-full"
            style={{ top: `calc(${y(last.bytesPerSecond)}% - 3px)`, background: "var(--chart-1)" }}
          />
        ) : null}
        <Scale top={top} />
      </div>
      <TimeAxis curve={curve} live={live} />
    </figure>
  );
}

const THIN = { vectorEffect: "non-scaling-stroke" } as const;
const GRID = { fill: "none", stroke: "var(--chart-grid)", ...THIN } as const;

/**
 * The longest wait is named; the others are in the table. A row of its own above the plot, where it hides no peak: it begins where
 * the wait does, or as far to the right as it has room.
 */
function BandLabel({ bands, curve }: { bands: readonly Band[]; curve: Curve }) {
  const t = useTranslations("tasks.chart");
  const locale = useLocale() as Locale;
  const longest = [...bands].sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))[0];
  if (!longest) {
    return null;
  }
  const share = (longest.fromMs - curve.fromMs) / Math.max(1, curve.toMs - curve.fromMs);
  return (
    <div
      aria-hidden
      style={{ gridTemplateColumns: `minmax(0, ${share * 100}%) auto` }}
      className="mr-14 mb-1 grid text-gamboge-fg text-meta"
    >
      <span className="col-start-2 whitespace-nowrap">
        {t(isRateLimit(longest.reason) ? "rateLimited" : "backingOff", {
          duration: formatDuration(longest.toMs - longest.fromMs, locale),
        })}
      </span>
    </div>
  );
}

/** Round figures in one unit. */
function Scale({ top }: { top: number }) {
  const { unit } = byteFigure(top, 3);
  const whole = Number(byteFigure(top, 3).value);
  return (
    <div
      aria-hidden
      className="-right-14 absolute inset-y-0 flex w-12 flex-col justify-between text-ink-3 text-micro leading-none"
    >
      <span className="-mt-1 whitespace-nowrap">{`${whole} ${unit}/s`}</span>
      <span>{whole / 2}</span>
      <span className="-mb-1">{0}</span>
    </div>
  );
}

const MINUTES_ONLY_MS = 5 * 60_000;

function TimeAxis({ curve, live }: { curve: Curve; live: boolean }) {
  const t = useTranslations("tasks.chart");
  const { timeZone } = useTimeStyle();
  const spanMs = curve.toMs - curve.fromMs;
  const clock = (share: number) => {
    const text = formatClock(new Date(curve.fromMs + spanMs * share).toISOString(), timeZone);
    return spanMs >= MINUTES_ONLY_MS ? text.slice(0, 5) : text;
  };
  return (
    <figcaption aria-hidden className="mt-1 mr-14 flex justify-between text-ink-3 text-meta">
      <span suppressHydrationWarning>{clock(0)}</span>
      <span suppressHydrationWarning>{clock(1 / 3)}</span>
      <span suppressHydrationWarning>{clock(2 / 3)}</span>
      <span suppressHydrationWarning>{live ? t("now") : clock(1)}</span>
    </figcaption>
  );
}
