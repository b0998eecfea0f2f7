import type { RuleSchedule } from "@/lib/schemas/rule.ts";
import { useScheduleWords } from "./schedule-words.ts";

/** When a schedule runs, as people say it, or its expression. */
export function ScheduleSaid({
  schedule: { cron, said },
}: {
  schedule: Pick<RuleSchedule, "cron" | "said">;
}) {
  const words = useScheduleWords();
  return words(said) ?? <code>{cron}</code>;
}
