import { useLocale, useTranslations } from "next-intl";
import { formatSpeed } from "@/lib/format/bytes.ts";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatComing } from "@/lib/format/time.ts";
import type { LimitWindow } from "@/lib/schemas/limits.ts";
import { useTimeStyle } from "../kit/relative-time.tsx";

/** Monday first, as both languages count. */
export const WEEK = [1, 2, 3, 4, 5, 6, 0] as const;
/** A Sunday. */
const SUNDAY = Date.UTC(2026, 0, 4);
const DAY_MS = 86_400_000;

/** 周一 · Mon. 0 is Sunday. */
export function dayName(day: number, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(SUNDAY + day * DAY_MS);
}

interface Rates {
  readBytesPerSecond: number | null;
  writeBytesPerSecond: number | null;
}

/** Limits as people say them. */
export function useLimitWords() {
  const t = useTranslations("limits");
  const locale = useLocale() as Locale;
  const style = useTimeStyle();
  const rate = (bytesPerSecond: number | null) =>
    bytesPerSecond === null ? t("unlimited") : formatSpeed(bytesPerSecond);
  const days = (chosen: readonly number[]): string => {
    const inWeek = WEEK.filter((day) => chosen.includes(day));
    const [first, last] = [inWeek[0], inWeek.at(-1)];
    if (inWeek.length === WEEK.length || first === undefined || last === undefined) {
      return t("everyDay");
    }
    const inARow = WEEK.indexOf(last) - WEEK.indexOf(first) === inWeek.length - 1;
    return inARow && inWeek.length > 2
      ? t("daysFrom", { from: dayName(first, locale), to: dayName(last, locale) })
      : joinList(
          inWeek.map((day) => dayName(day, locale)),
          locale,
        );
  };
  return {
    rate,
    rates: ({ readBytesPerSecond, writeBytesPerSecond }: Rates) =>
      t("rates", { read: rate(readBytesPerSecond), write: rate(writeBytesPerSecond) }),
    span: ({ days: chosen, from, to }: LimitWindow) =>
      t(to <= from ? "spanNextDay" : "span", { days: days(chosen), from, to }),
    /** A moment that comes, by the reader's clocks: 今天22:00, 11-25 周三 02:30. */
    moment: (at: string) => formatComing(at, style),
  };
}
