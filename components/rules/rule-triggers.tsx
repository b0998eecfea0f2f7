"use client";

import { useTranslations } from "next-intl";
import { formatSaid } from "@/lib/format/time.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { lazily } from "../kit/lazily.tsx";
import { Note } from "../kit/note.tsx";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { ScheduleSaid } from "./schedule-said.tsx";
import { TriggerName } from "./trigger-name.tsx";

const NextRun = lazily(() => import("./next-run.tsx").then((module) => module.NextRun));

/** On the page of a rule: each trigger, and when the schedule runs next. */
export function TriggerFacts({ rule }: { rule: RuleRow }) {
  const { schedule } = rule;
  return (
    <>
      {rule.triggers.map((trigger) => (
        <TriggerName key={trigger} trigger={trigger} />
      ))}
      {schedule ? (
        <>
          <span>
            <ScheduleSaid schedule={schedule} />
          </span>
          <span className="text-ink-3">{schedule.timeZone}</span>
          {rule.enabled && schedule.missedSince === null ? <NextRun schedule={schedule} /> : null}
        </>
      ) : null}
    </>
  );
}

/** The schedule was due and nobody fired it. */
export function MissedNote({ since }: { since: string }) {
  const t = useTranslations("rules.schedule");
  const style = useTimeStyle();
  return <Note tone="gamboge">{t("missedNote", { at: formatSaid(since, style) })}</Note>;
}
