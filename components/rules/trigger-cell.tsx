"use client";

import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { RuleListRow } from "@/lib/schemas/rule.ts";
import { lazily } from "../kit/lazily.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { ScheduleSaid } from "./schedule-said.tsx";
import { TriggerName } from "./trigger-name.tsx";

const NextRunSoon = lazily(() => import("./next-run.tsx").then((module) => module.NextRunSoon));

/** In a list: the first trigger with its icon, and when the schedule runs; or that it has not, and since when. */
export function TriggerCell({ rule }: { rule: RuleListRow }) {
  const [first = "manual"] = rule.triggers;
  const { schedule } = rule;
  if (schedule?.missedSince) {
    return <Missed since={schedule.missedSince} />;
  }
  return (
    <>
      <TriggerName trigger={first} />
      {schedule ? (
        <div className="truncate pl-5 text-ink-3 text-meta" title={`${schedule.cron} ${schedule.timeZone}`}>
          {schedule.said === null && rule.enabled ? (
            <NextRunSoon schedule={schedule} />
          ) : (
            <ScheduleSaid schedule={schedule} />
          )}
        </div>
      ) : null}
    </>
  );
}

function Missed({ since }: { since: string }) {
  const t = useTranslations("rules.schedule");
  return (
    <div className="text-gamboge-fg">
      <span className="inline-flex items-center gap-1.5 whitespace-nowrap align-top">
        <TriangleAlert aria-hidden className="size-3.5 shrink-0 stroke-[1.75]" />
        {t("missed")}
      </span>
      <div className="pl-5 text-meta">
        <RelativeTime at={since} className="whitespace-nowrap" />
      </div>
    </div>
  );
}
