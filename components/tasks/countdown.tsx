"use client";

import { useLocale } from "next-intl";
import { useEffect, useState } from "react";
import { formatDuration } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatClock } from "@/lib/format/time.ts";
import { useTimeStyle } from "../kit/relative-time.tsx";

/** Milliseconds until `until`, told anew each second; 0 afterwards. On the server, and at first, null. */
export function useTimeLeft(until: string): number | null {
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const tick = () => setLeft(Math.max(0, Date.parse(until) - Date.now()));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

/** `15:43:40`, and how long that is from now: `38秒`. */
export function useUntil(until: string): { clock: string; left: string | null } {
  const { timeZone } = useTimeStyle();
  const locale = useLocale() as Locale;
  const left = useTimeLeft(until);
  return {
    clock: formatClock(until, timeZone),
    left: left === null || left === 0 ? null : formatDuration(left, locale),
  };
}
