"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { Locale } from "@/lib/format/locale.ts";
import { formatRun } from "@/lib/format/time.ts";
import { isTimeZone, nextRun } from "@/lib/schemas/cron-runs.ts";
import type { RuleSchedule } from "@/lib/schemas/rule.ts";

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
