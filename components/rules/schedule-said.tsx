"use client";

import { useScheduleWords } from "./schedule-words.ts";

/** When a schedule runs, as people say it, or its expression. */
export function ScheduleSaid({ cron }: { cron: string }) {
  const words = useScheduleWords();
  return words(cron) ?? <code>{cron}</code>;
}
