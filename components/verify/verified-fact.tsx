"use client";

import { ShieldCheck } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { joinClauses } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { formatSaid } from "@/lib/format/time.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { Note } from "../kit/note.tsx";
import { RelativeTime, useTimeStyle } from "../kit/relative-time.tsx";
import { TextLink } from "../kit/text-action.tsx";
import { ScheduleSaid } from "../rules/schedule-said.tsx";

/** On the page of a rule: when it is verified, and what that last came to. */
export function VerifiedFact({ rule }: { rule: RuleRow }) {
  const t = useTranslations("verify.fact");
  const { after, schedule } = rule.verify;
  return (
    <div className="flex gap-x-1.5 text-ink-2">
      <ShieldCheck aria-hidden className="mt-[3px] size-3.5 shrink-0 stroke-[1.75]" />
      <div className="flex min-w-0 flex-wrap items-center gap-x-3">
        {after ? <span>{t(after === "deep" ? "afterDeep" : "after")}</span> : null}
        {schedule ? (
          <span>
            {t(schedule.deep ? "everyDeep" : "every")} <ScheduleSaid schedule={schedule} />{" "}
            <span className="text-ink-3">{schedule.timeZone}</span>
          </span>
        ) : null}
        {rule.verified ? <LastVerified verified={rule.verified} /> : null}
      </div>
    </div>
  );
}

function LastVerified({ verified }: { verified: NonNullable<RuleRow["verified"]> }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("verify.fact");
  const { taskId, number, depth, at, repaired, unproven } = verified;
  const words = [
    t("complete", { n: verified.verified }),
    repaired > 0 ? t("repaired", { n: formatCount(repaired) }) : null,
  ].filter((word) => word !== null);
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-1.5">
      <span className="text-ink-3">{t(depth === "deep" ? "lastDeep" : "last")}</span>
      <RelativeTime at={at} />
      <span>{joinClauses(words, locale)}</span>
      {unproven > 0 ? (
        <span className="text-cinnabar-fg">{t("incomplete", { n: formatCount(unproven) })}</span>
      ) : null}
      <TextLink href={`/tasks/${taskId}`}>{`#${number}`}</TextLink>
    </span>
  );
}

/** A verification was due and nobody began. */
export function VerifyMissedNote({ since }: { since: string }) {
  const t = useTranslations("verify.fact");
  const style = useTimeStyle();
  return <Note tone="gamboge">{t("missed", { at: formatSaid(since, style) })}</Note>;
}
