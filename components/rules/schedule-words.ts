import { useLocale, useTranslations } from "next-intl";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { CronWords } from "@/lib/schemas/cron.ts";

/** A schedule as people say it: 每天02:30; null where only its next runs tell. */
export function useScheduleWords(): (words: CronWords) => string | null {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules.schedule");
  return (words) => {
    switch (words?.kind) {
      case "minutes":
        return t("minutes", { n: words.every });
      case "hourly":
        return t("hourly", { minute: words.minute });
      case "daily":
        return t("daily", { time: words.time });
      case "weekly": {
        const days = words.weekdays.map((weekday) => t(`weekday.${weekday as Weekday}`));
        return t("weekly", { days: joinList(days, locale), time: words.time });
      }
      case "monthly":
        return t("monthly", { day: words.day, time: words.time });
      default:
        return null;
    }
  };
}

type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;
