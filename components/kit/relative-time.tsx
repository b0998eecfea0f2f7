"use client";

import { useLocale, useTimeZone } from "next-intl";
import { useEffect, useState } from "react";
import type { Locale } from "@/lib/format/locale.ts";
import { formatAbsolute, formatRelative } from "@/lib/format/time.ts";
import { Tooltip } from "./tooltip.tsx";

/** 刚刚 · 3分钟前 · 昨天; the absolute time with its zone on hover and focus. `at` is ISO 8601. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const style = useTimeStyle();
  const now = useNow();
  return (
    <Tooltip content={formatAbsolute(at, style)}>
      <time
        dateTime={at}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the absolute time must be reachable by keyboard
        tabIndex={0}
        suppressHydrationWarning
        className={className}
      >
        {formatRelative(at, now, style)}
      </time>
    </Tooltip>
  );
}

/** `2026-11-24 15:36:08 (UTC+8)` in the reader's zone. */
export function AbsoluteTime({ at, className }: { at: string; className?: string }) {
  const style = useTimeStyle();
  return (
    <time dateTime={at} className={className}>
      {formatAbsolute(at, style)}
    </time>
  );
}

/** The first paint, made on the server, uses the server's zone; then the reader's own counts. */
export function useTimeStyle(): { locale: Locale; timeZone: string | undefined } {
  const locale = useLocale() as Locale;
  const serverZone = useTimeZone();
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  return { locale, timeZone: mounted ? undefined : serverZone };
}

const TICK_MS = 30_000;
function useNow(): string {
  const [now, setNow] = useState(() => new Date().toISOString());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date().toISOString()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
