/** How far clocks are ahead of UTC at an instant, in ms. */
export type OffsetAt = (instantMs: number) => number;

/** Making one takes longer than all that it is asked. Names can be spelt in many ways, and come from outside: those that were made first go. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const MOST_CLOCKS = 100;

/** How far the clocks of a zone are ahead of UTC, in ms, at an instant. */
export function offsetsOf(timeZone: string): OffsetAt {
  const clock = clockOf(timeZone);
  return (instantMs) => {
    const seconds = Math.floor(instantMs / 1000) * 1000;
    const part = Object.fromEntries(
      clock.formatToParts(seconds).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
  };
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const standing = clocks.get(timeZone);
  if (standing) {
    return standing;
  }
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const [oldest] = clocks.keys();
  if (oldest !== undefined && clocks.size >= MOST_CLOCKS) {
    clocks.delete(oldest);
  }
  clocks.set(timeZone, clock);
  return clock;
}
