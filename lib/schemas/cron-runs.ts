import { type Cron, onDay, parseCron } from "./cron.ts";
import { type OffsetAt, offsetsOf } from "./zone-offset.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** 29 February on a certain weekday comes every 28 years, 40 around 2100. */
const SEARCH_DAYS = 41 * 366;
/** No zone is further from UTC than this, with an hour to spare. */
const WIDEST_MS = 15 * HOUR_MS;

export interface Schedule {
  /** Valid: see {@link parseCron}. */
  cron: string;
  /** IANA name. */
  timeZone: string;
}

/**
 * The first moment after `after` at which the schedule is due, read on the clocks of its zone.
 *
 * When clocks change (crontab(8), as Debian's cron does): a schedule with fixed hours runs once a matching time of day. What falls
 * into the hour that is left out runs when the clocks jump, what comes twice runs the first time. A schedule of every
 * hour (or every n-th) keeps to what the clocks show: it has no run in the hour left out, and runs in both that are alike.
 *
 * @throws {RangeError} when expression or zone are not valid
 */
export function nextRun({ cron: expression, timeZone }: Schedule, after: Date): Date {
  const parsed = parseCron(expression);
  if (!parsed.ok) {
    throw new RangeError("not a cron expression");
  }
  const offsetAt = offsetsOf(timeZone);
  const from = after.getTime();
  // A wall-clock day, held as if it were in UTC. The day before may still end after `after` where clocks go back.
  const first = Math.floor((from + offsetAt(from)) / DAY_MS) * DAY_MS - DAY_MS;
  for (let index = 0; index < SEARCH_DAYS; index += 1) {
    const day = first + index * DAY_MS;
    const date = new Date(day);
    const calendar = { month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() };
    if (onDay(parsed.cron, calendar)) {
      const found = firstOfDay(parsed.cron, { day, offsetAt, from });
      if (found !== null) {
        return new Date(found);
      }
    }
  }
  throw new RangeError("the schedule is never due");
}

/** The next `count` moments after `after`. @throws {RangeError} as {@link nextRun} */
export function nextRuns(schedule: Schedule, after: Date, count: number): Date[] {
  const runs: Date[] = [];
  for (let last = after; runs.length < count; ) {
    last = nextRun(schedule, last);
    runs.push(last);
  }
  return runs;
}

/** Whether Intl knows the zone by a name of the tz database; offsets such as `+08:00` know no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) {
    return false;
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

interface DaySearch {
  /** Midnight of the wall-clock day, as if in UTC. */
  day: number;
  offsetAt: OffsetAt;
  /** The run is after this. */
  from: number;
}

/** The first run of a day after `from`, or null. */
function firstOfDay(cron: Cron, search: DaySearch): number | null {
  const { day, offsetAt, from } = search;
  const before = offsetAt(day - WIDEST_MS);
  const changes = before !== offsetAt(day + DAY_MS + WIDEST_MS);
  let best: number | null = null;
  for (const hour of cron.hours) {
    for (const minute of cron.minutes) {
      const wall = day + hour * HOUR_MS + minute * MINUTE_MS;
      const instants = changes ? instantsOf(wall, cron, search) : [wall - before];
      for (const instant of instants) {
        if (instant > from && (best === null || instant < best)) {
          best = instant;
        }
      }
      if (best !== null && !changes) {
        return best;
      }
    }
  }
  return best;
}

/** When clocks show `wall`: never, once or twice, made into runs as the schedule asks. */
function instantsOf(wall: number, cron: Cron, { offsetAt }: DaySearch): number[] {
  const offsets = new Set([offsetAt(wall - WIDEST_MS), offsetAt(wall + WIDEST_MS)]);
  const instants = [...offsets]
    .map((offset) => wall - offset)
    .filter((instant) => instant + offsetAt(instant) === wall)
    .sort((a, b) => a - b);
  if (cron.any.hour) {
    return instants;
  }
  return [instants[0] ?? jumpOver(wall, [...offsets], offsetAt)];
}

/** The moment at which clocks jump over `wall`. */
function jumpOver(wall: number, offsets: readonly number[], offsetAt: OffsetAt): number {
  let low = wall - Math.max(...offsets);
  let high = wall - Math.min(...offsets);
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
