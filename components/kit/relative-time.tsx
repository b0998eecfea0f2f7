"use client";

import { useLocale } from "next-intl";
import type { Locale } from "@/lib/format/locale.ts";
import { formatAbsolute, formatRelative } from "@/lib/format/time.ts";
import { Tooltip } from "./tooltip.tsx";
import { useNow } from "./use-now.ts";
import { useZone } from "./zone.tsx";

/** 刚刚 · 3分钟前 · 昨天; the absolute time with its zone on hover and focus. `at` is ISO 8601. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const style = useTimeStyle();
  const now = useNow();
  return (
    <Tooltip content={<AbsoluteWords at={at} />}>
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

/** What a tooltip says of a time: worked out when it opens. */
export function AbsoluteWords({ at }: { at: string }) {
  return formatAbsolute(at, useTimeStyle());
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

/** How times are written for the reader (zone.tsx). */
export function useTimeStyle(): { locale: Locale; timeZone: string | undefined } {
  const locale = useLocale() as Locale;
  const timeZone = useZone();
  return { locale, timeZone };
}
