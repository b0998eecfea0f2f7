import type { Instant } from "../schemas/task.ts";
import type { Locale } from "./locale.ts";

/** How a person reads a point in time. `timeZone` is an IANA name; without it the runtime's own zone counts. */
export interface TimeStyle {
  locale: Locale;
  timeZone?: string | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const RELATIVE_DAYS = 30;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

interface Wall {
  year: string;
  month: string;
  day: string;
  clock: string;
  /** `UTC+8`, `UTC+5:30`, `UTC`. */
  zone: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
/** Of zones: a server formats for everybody's, and what a visitor calls theirs may be spelled in thousands of ways (`asia/SHANGHAI`). */
const FORMATTERS_KEPT = 100;

function formatter(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? "";
  let found = formatters.get(key);
  if (!found) {
    if (formatters.size >= FORMATTERS_KEPT) {
      formatters.clear();
    }
    found = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "shortOffset",
    });
    formatters.set(key, found);
  }
  return found;
}

/** Times of a list are told as of one moment, which is taken apart once. */
let taken: { now: Instant; timeZone: string | undefined; wall: Wall } | null = null;

function wallNow(now: Instant, timeZone: string | undefined): Wall {
  if (taken?.now !== now || taken.timeZone !== timeZone) {
    taken = { now, timeZone, wall: wall(new Date(now), timeZone) };
  }
  return taken.wall;
}

function wall(at: Date, timeZone: string | undefined): Wall {
  const part = Object.fromEntries(
    formatter(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return {
    year: part.year ?? "",
    month: part.month ?? "",
    day: part.day ?? "",
    clock: `${part.hour}:${part.minute}:${part.second}`,
    zone: (part.timeZoneName ?? "UTC").replace("GMT", "UTC").replace(/^UTC\+0$/, "UTC"),
  };
}

function englishDate({ day, month, year }: Wall): string {
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
}

const isoDate = ({ year, month, day }: Wall): string => `${year}-${month}-${day}`;

/** Days between the calendar days of the two, in the zone. */
function calendarDays(from: Wall, to: Wall): number {
  return Math.round((Date.parse(isoDate(to)) - Date.parse(isoDate(from))) / DAY_MS);
}

/** `2026-11-24 15:36:08 (UTC+8)` / `24 Nov 2026, 15:36:08 (UTC+8)`. */
export function formatAbsolute(instant: Instant, { locale, timeZone }: TimeStyle): string {
  const at = wall(new Date(instant), timeZone);
  return locale === "zh-CN"
    ? `${isoDate(at)} ${at.clock} (${at.zone})`
    : `${englishDate(at)}, ${at.clock} (${at.zone})`;
}

/** For a column: `今天15:36:08`, `11-23 22:18:40`, in another year `2025-11-23 22:18:40`. */
export function formatShort(instant: Instant, now: Instant, { locale, timeZone }: TimeStyle): string {
  const at = wall(new Date(instant), timeZone);
  const today = wallNow(now, timeZone);
  const chinese = locale === "zh-CN";
  if (isoDate(at) === isoDate(today)) {
    return chinese ? `今天${at.clock}` : `Today ${at.clock}`;
  }
  if (at.year === today.year) {
    return chinese
      ? `${at.month}-${at.day} ${at.clock}`
      : `${Number(at.day)} ${MONTHS[Number(at.month) - 1]} ${at.clock}`;
  }
  return chinese ? `${isoDate(at)} ${at.clock}` : `${englishDate(at)} ${at.clock}`;
}

/** The same within a sentence, as of now: `today 15:36:08`. */
export function formatSaid(instant: Instant, style: TimeStyle): string {
  return formatShort(instant, new Date().toISOString(), style).replace(/^Today/, "today");
}

/** A run of a schedule, by the clocks of its zone: `11-25 周三` / `Wed 25 Nov`, `02:30`, `UTC+8`. */
export function formatRun(
  run: Date,
  { locale, timeZone }: TimeStyle,
): { day: string; time: string; zone: string } {
  const { month, day, clock, zone } = wall(run, timeZone);
  const weekday = new Intl.DateTimeFormat(locale, { timeZone, weekday: "short" }).format(run);
  const date =
    locale === "zh-CN"
      ? `${month}-${day} ${weekday}`
      : `${weekday} ${Number(day)} ${MONTHS[Number(month) - 1]}`;
  return { day: date, time: clock.slice(0, 5), zone };
}

/** A moment to come, to the minute: `今天22:00`, `11-25 周三 02:30` / `today 22:00`, `Wed 25 Nov 02:30`. */
export function formatComing(instant: Instant, style: TimeStyle, now = new Date()): string {
  const at = new Date(instant);
  const { day, time } = formatRun(at, style);
  if (isoDate(wall(at, style.timeZone)) === isoDate(wall(now, style.timeZone))) {
    return style.locale === "zh-CN" ? `今天${time}` : `today ${time}`;
  }
  return `${day} ${time}`;
}

/** The same where there is little room: `22:00` of today, else its day alone, `11-25` / `25 Nov`. */
export function formatSoon(instant: Instant, now: Instant, { locale, timeZone }: TimeStyle): string {
  const at = wall(new Date(instant), timeZone);
  if (isoDate(at) === isoDate(wallNow(now, timeZone))) {
    return at.clock.slice(0, 5);
  }
  return locale === "zh-CN" ? `${at.month}-${at.day}` : `${Number(at.day)} ${MONTHS[Number(at.month) - 1]}`;
}

/** `15:36:08` in the zone. */
export function formatClock(instant: Instant, timeZone?: string): string {
  return wall(new Date(instant), timeZone).clock;
}

/** `刚刚`, `3分钟前`, `5小时前`, `昨天`, `6天前`; after 30 days the date. A moment ahead of our clock counts as now. */
export function formatRelative(instant: Instant, now: Instant, { locale, timeZone }: TimeStyle): string {
  const chinese = locale === "zh-CN";
  const age = Math.max(0, Date.parse(now) - Date.parse(instant));
  if (age < MINUTE_MS) {
    return chinese ? "刚刚" : "just now";
  }
  if (age < HOUR_MS) {
    const minutes = Math.floor(age / MINUTE_MS);
    return chinese ? `${minutes}分钟前` : `${minutes} min ago`;
  }
  const at = wall(new Date(instant), timeZone);
  const days = calendarDays(at, wallNow(now, timeZone));
  if (days === 0 || age < 6 * HOUR_MS) {
    const hours = Math.floor(age / HOUR_MS);
    return chinese ? `${hours}小时前` : `${hours} h ago`;
  }
  if (days === 1) {
    return chinese ? "昨天" : "yesterday";
  }
  if (days <= RELATIVE_DAYS) {
    return chinese ? `${days}天前` : `${days} d ago`;
  }
  return chinese ? isoDate(at) : englishDate(at);
}
