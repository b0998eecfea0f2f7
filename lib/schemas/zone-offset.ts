/** How far clocks are ahead of UTC at an instant, in ms. */
export type OffsetAt = (instantMs: number) => number;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** How far the clocks of a zone are ahead of UTC, in ms, at an instant. */
export function offsetsOf(timeZone: string): OffsetAt {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  clocks.set(timeZone, clock);
  return (instantMs) => {
    const seconds = Math.floor(instantMs / 1000) * 1000;
    const part = Object.fromEntries(
      clock.formatToParts(seconds).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
  };
}
