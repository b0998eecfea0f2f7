"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { Locale } from "@/lib/format/locale.ts";
import { formatRun, formatSoon } from "@/lib/format/time.ts";
import { isTimeZone, nextRun } from "@/lib/schemas/cron-runs.ts";
import type { RuleSchedule } from "@/lib/schemas/rule.ts";
import { useNow } from "../kit/use-now.ts";

/** When a schedule fires next; loaded where there is one. */
export function NextRun({ schedule }: { schedule: RuleSchedule }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules.schedule");
  const [now, setNow] = useState<Date | null>(null);
  useEffect(() => setNow(new Date()), []);
  // A browser may know fewer zones than the server.
  if (now === null || !isTimeZone(schedule.timeZone)) {
    return null;
  }
  const run = nextRun(schedule, now);
  return (
    <span className="text-ink-3">{t("next", formatRun(run, { locale, timeZone: schedule.timeZone }))}</span>
  );
}

/** In a list, of a schedule that no words say: when it fires next, by the clocks of its zone. */
export function NextRunSoon({ schedule }: { schedule: RuleSchedule }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules.schedule");
  const now = useNow();
  const { cron, timeZone } = schedule;
  if (!isTimeZone(timeZone)) {
    return <code>{cron}</code>;
  }
  const run = nextRun(schedule, new Date(now)).toISOString();
  return (
    <span suppressHydrationWarning>{t("soon", { when: formatSoon(run, now, { locale, timeZone }) })}</span>
  );
}
