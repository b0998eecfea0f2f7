import { useTranslations } from "next-intl";
import { formatPercent } from "@/lib/format/ratio.ts";
import type { DayOutcome } from "@/lib/schemas/rule.ts";

const DAYS = 30;
const PITCH = 4;
const BAR = 13;
const BASE = 17;
const DAY_MS = 86_400_000;

interface Totals {
  succeeded: number;
  partial: number;
  failed: number;
}

function totals(days: readonly Totals[]): Totals {
  const sum = { succeeded: 0, partial: 0, failed: 0 };
  for (const day of days) {
    sum.succeeded += day.succeeded;
    sum.partial += day.partial;
    sum.failed += day.failed;
  }
  return sum;
}

/** Success of the last 30 days: succeeded ÷ (succeeded + partial + failed), `—` when nothing ended. */
export function successPercent(days: readonly DayOutcome[]): string {
  const { succeeded, partial, failed } = totals(days);
  return formatPercent(succeeded, succeeded + partial + failed);
}

/** The last 30 days, today last, those on which nothing ended too. */
export function everyDay(days: readonly DayOutcome[]): DayOutcome[] {
  const byDay = new Map(days.map((day) => [day.day, day]));
  return lastDays().map((day) => byDay.get(day) ?? { day, succeeded: 0, partial: 0, failed: 0 });
}

let named: { today: number; days: readonly string[] } | undefined;

/** In UTC, as `2026-11-28`, today last. They are the same for each strip of a list, until midnight. */
function lastDays(): readonly string[] {
  const today = Math.floor(Date.now() / DAY_MS);
  if (named?.today !== today) {
    const days = Array.from({ length: DAYS }, (_, index) =>
      new Date((today - (DAYS - 1 - index)) * DAY_MS).toISOString().slice(0, 10),
    );
    named = { today, days };
  }
  return named.days;
}

/** Four paths instead of a rectangle a day: a list of rules has many strips. */
function strokes(days: readonly DayOutcome[], scale: number): Record<"done" | "failed" | "none", string> {
  const d = { done: "", failed: "", none: "" };
  for (const [index, day] of everyDay(days).entries()) {
    const bad = day.partial + day.failed;
    const all = day.succeeded + bad;
    const x = (index * PITCH + 1) * scale;
    if (all === 0) {
      d.none += `M${x} ${BASE - 2}v2`;
      continue;
    }
    if (day.succeeded > 0) {
      d.done += `M${x} ${BASE}v-${Math.max(3, Math.round((BAR * day.succeeded) / all))}`;
    }
    if (bad > 0) {
      d.failed += `M${x} ${BASE + 1}v${Math.max(2, Math.round((6 * bad) / all))}`;
    }
  }
  return d;
}

/** 30 days, today last: done above the base line, failed below, a dot where nothing ran. */
export function SuccessStrip({
  days,
  running,
  scale = 1,
}: {
  days: readonly DayOutcome[];
  running: boolean;
  scale?: number;
}) {
  const t = useTranslations("rules.strip");
  const sum = totals(days);
  const d = strokes(days, scale);
  const width = (DAYS * PITCH - 1) * scale;
  return (
    <svg
      width={width}
      height="24"
      viewBox={`0 0 ${width} 24`}
      role="img"
      aria-label={t("sentence", { percent: successPercent(days), ...sum })}
      strokeWidth={2 * scale}
      className="block max-w-full"
    >
      {d.done && <path d={d.done} stroke="var(--tick-ok)" />}
      {d.failed && <path d={d.failed} stroke="var(--cinnabar-fill)" />}
      {d.none && <path d={d.none} stroke="var(--line-strong)" />}
      {running && (
        <path d={`M${((DAYS - 1) * PITCH + 1) * scale} ${BASE}v-${BAR}`} stroke="var(--azurite-fill)" />
      )}
      <path d={`M0 ${BASE + 0.5}h${width}`} stroke="var(--line-strong)" strokeWidth="1" />
    </svg>
  );
}
