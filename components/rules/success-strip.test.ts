import { afterEach, expect, test, vi } from "vitest";
import { everyDay } from "./success-strip.tsx";

afterEach(() => {
  vi.useRealTimers();
});

test("the last thirty days of UTC, today last, and from midnight on the next ones", () => {
  vi.useFakeTimers({ now: new Date("2026-11-28T23:59:59.999Z") });
  const failed = { day: "2026-11-27", succeeded: 0, partial: 0, failed: 2 };
  const before = everyDay([failed]);
  expect(before).toHaveLength(30);
  expect(before[0]).toEqual({ day: "2026-10-30", succeeded: 0, partial: 0, failed: 0 });
  expect(before.at(-2)).toEqual(failed);
  expect(before.at(-1)?.day).toBe("2026-11-28");
  vi.setSystemTime(new Date("2026-11-29T00:00:00.000Z"));
  expect(everyDay([failed]).map(({ day }) => day)).toEqual([
    ...before.slice(1).map(({ day }) => day),
    "2026-11-29",
  ]);
});
