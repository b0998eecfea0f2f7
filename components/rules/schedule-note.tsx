"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatRun } from "@/lib/format/time.ts";
import { cronWords, parseCron } from "@/lib/schemas/cron.ts";
import { isTimeZone, nextRuns } from "@/lib/schemas/cron-runs.ts";
import type { ScheduleDraft } from "./rule-draft.ts";
import { useScheduleWords } from "./schedule-words.ts";

/** What is wrong, or the next three runs. */
export function ScheduleNote({ schedule, error }: { schedule: ScheduleDraft; error: string | undefined }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules.form");
  const words = useScheduleWords();
  const now = useClock();
  if (error) {
    return <span className="text-cinnabar-fg">{error}</span>;
  }
  const { cron, timeZone } = schedule;
  if (now === null || !parseCron(cron).ok || !isTimeZone(timeZone)) {
    return t("cronHint");
  }
  const said = words(cronWords(cron));
  const runs = nextRuns({ cron, timeZone }, now, 3).map((run) => formatRun(run, { locale, timeZone }));
  const [first] = runs;
  const { time = "", zone = "" } = first ?? {};
  const next = runs.every((run) => run.time === time && run.zone === zone)
    ? t("nextAlike", {
        runs: joinList(
          runs.map(({ day }) => day),
          locale,
        ),
        time,
        zone,
      })
    : t("next", {
        runs: joinList(
          runs.map((run) => `${run.day} ${run.time}`),
          locale,
        ),
        zone,
      });
  return said === null ? next : t("saidNext", { said: said.charAt(0).toUpperCase() + said.slice(1), next });
}

const TICK_MS = 30_000;

/** The reader's clock; null on the server, whose clock is another. */
function useClock(): Date | null {
  const [now, setNow] = useState<Date | null>(null);
  useEffect(() => {
    setNow(new Date());
    const timer = setInterval(() => setNow(new Date()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
