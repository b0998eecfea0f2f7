/**
 * Cron expressions of five fields: minute hour day month weekday (crontab(5)). Pure, so that the form, the server and the
 * workers read them alike. Lists, ranges, steps, English names of months and weekdays; Sunday is 0 or 7. Where day and
 * weekday are both restricted, either will do.
 */

interface FieldRange {
  min: number;
  max: number;
  names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] as const;
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

const FIELDS: readonly FieldRange[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 7, names: WEEKDAYS },
];

export const CRON_MAX_LENGTH = 100;

export interface Cron {
  minutes: readonly number[];
  hours: readonly number[];
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  /** 0 is Sunday. */
  weekdays: ReadonlySet<number>;
  /** Which of these was written as `*` or `*` with a step. */
  any: { hour: boolean; day: boolean; weekday: boolean };
}

export type CronProblem =
  /** The field of this number, from 1, is not one. */
  | { code: "cron-field"; field: number; text: string }
  /** Not five fields: a sixth would be seconds, and nothing here is faster than once a minute. */
  | { code: "cron-count"; count: number }
  /** Well-formed, and on no day of any calendar: 30 February. */
  | { code: "cron-never" };

export type CronResult = { ok: true; cron: Cron } | { ok: false; problem: CronProblem };

/** Reads an expression; never throws. */
export function parseCron(expression: string): CronResult {
  const texts = expression.trim() === "" ? [] : expression.trim().split(/[ \t]+/);
  if (texts.length !== FIELDS.length) {
    return { ok: false, problem: { code: "cron-count", count: texts.length } };
  }
  const sets: ReadonlySet<number>[] = [];
  for (const [index, range] of FIELDS.entries()) {
    const text = texts[index] ?? "";
    const values = fieldValues(text, range);
    if (values === null) {
      return { ok: false, problem: { code: "cron-field", field: index + 1, text } };
    }
    sets.push(values);
  }
  const [minutes, hours, days, months, weekdays] = sets as [Values, Values, Values, Values, Values];
  const any = (index: number): boolean => texts[index]?.startsWith("*") ?? false;
  const cron = {
    minutes: ascending(minutes),
    hours: ascending(hours),
    days,
    months,
    weekdays: new Set([...weekdays].map((weekday) => weekday % 7)),
    any: { hour: any(1), day: any(2), weekday: any(4) },
  };
  return possible(cron) ? { ok: true, cron } : { ok: false, problem: { code: "cron-never" } };
}

/** Single spaces, as it is stored. */
export function normalCron(expression: string): string {
  return expression.trim().replace(/[ \t]+/g, " ");
}

/** Whether a calendar day is one of the expression's. */
export function onDay(cron: Cron, day: { month: number; day: number; weekday: number }): boolean {
  if (!cron.months.has(day.month)) {
    return false;
  }
  const byDay = cron.days.has(day.day);
  const byWeekday = cron.weekdays.has(day.weekday);
  return cron.any.day || cron.any.weekday ? byDay && byWeekday : byDay || byWeekday;
}

type Values = ReadonlySet<number>;

const ascending = (values: Values): number[] => [...values].sort((a, b) => a - b);

const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function possible({ days, months, any }: Cron): boolean {
  const weekdayAlone = !any.day && !any.weekday;
  const first = Math.min(...days);
  return weekdayAlone || [...months].some((month) => first <= (DAYS_OF_MONTH[month - 1] ?? 0));
}

function fieldValues(text: string, range: FieldRange): Values | null {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const found = partValues(part, range);
    if (found === null) {
      return null;
    }
    for (const value of found) {
      values.add(value);
    }
  }
  return values;
}

const PART = /^(?:(\*)|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:\/([0-9]{1,2}))?$/i;

/** `*`, `5`, `1-5`, each with `/step`; `5/15` goes on to the end of the range. */
function partValues(part: string, range: FieldRange): number[] | null {
  const match = PART.exec(part);
  if (!match) {
    return null;
  }
  const [, star, from = "", to, step] = match;
  const low = star ? range.min : numberOf(from, range);
  const high = star || (step && !to) ? range.max : to ? numberOf(to, range) : low;
  const by = step ? Number(step) : 1;
  if (low === null || high === null || high < low || by < 1) {
    return null;
  }
  return Array.from({ length: Math.floor((high - low) / by) + 1 }, (_, index) => low + index * by);
}

function numberOf(text: string, { min, max, names }: FieldRange): number | null {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  const value = named >= 0 ? named + min : Number(text);
  return Number.isInteger(value) && value >= min && value <= max ? value : null;
}

/** What people say of the usual expressions; the rest is told by its next runs alone. */
export type CronWords =
  | { kind: "minutes"; every: number }
  | { kind: "hourly"; minute: string }
  | { kind: "daily"; time: string }
  | { kind: "weekly"; weekdays: readonly number[]; time: string }
  | { kind: "monthly"; day: number; time: string }
  | null;

/** @param expression valid */
export function cronWords(expression: string): CronWords {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = normalCron(expression).split(" ");
  const parsed = parseCron(expression);
  if (!parsed.ok || month !== "*") {
    return null;
  }
  const { cron } = parsed;
  const everyDay = day === "*" && weekday === "*";
  const every = minute === "*" ? 1 : Number(/^\*\/(\d+)$/.exec(minute)?.[1] ?? 0);
  if (everyDay && hour === "*") {
    // A step that does not divide the hour begins anew each hour: not "every 7 minutes".
    return every > 0 && 60 % every === 0
      ? { kind: "minutes", every }
      : cron.minutes.length === 1
        ? { kind: "hourly", minute: two(cron.minutes[0]) }
        : null;
  }
  if (cron.hours.length !== 1 || cron.minutes.length !== 1) {
    return null;
  }
  const time = `${two(cron.hours[0])}:${two(cron.minutes[0])}`;
  if (everyDay) {
    return { kind: "daily", time };
  }
  if (day === "*") {
    return {
      kind: "weekly",
      weekdays: [...cron.weekdays].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7)),
      time,
    };
  }
  const [only] = cron.days;
  return weekday === "*" && only !== undefined && cron.days.size === 1
    ? { kind: "monthly", day: only, time }
    : null;
}

const two = (value = 0): string => String(value).padStart(2, "0");
