"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatSaid } from "@/lib/format/time.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { Button } from "../kit/button.tsx";
import { DifferenceTable } from "../kit/difference-table.tsx";
import { Note } from "../kit/note.tsx";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import {
  deletionText,
  differingFields,
  draftOf,
  platformText,
  type RuleDraft,
  scheduleText,
  verifyText,
} from "./rule-draft.ts";

interface RuleConflictProps {
  ruleId: string;
  mine: RuleDraft;
  by: { user: string; at: string };
  /** Instances that may be targets, for their names. */
  options: readonly InstanceOption[];
  /** Saves over the other's version, which is now known. */
  onKeepMine: (latest: RuleRow) => void;
  onTakeTheirs: (latest: RuleRow) => void;
}

/**
 * Somebody else saved meanwhile: who and when, what differs, and whose counts. Nothing that was typed is lost but by the button that
 * says so, and not before the difference was seen.
 */
export function RuleConflict(props: RuleConflictProps) {
  const { ruleId, mine, by, options, onKeepMine, onTakeTheirs } = props;
  const t = useTranslations("rules.conflict");
  const style = useTimeStyle();
  const [shown, setShown] = useState(false);
  const { data: latest } = useQuery({
    queryKey: ["rule", ruleId, "latest", by.at],
    queryFn: ({ signal }) => fetchJson<RuleRow>(`/api/rules/${ruleId}`, signal),
    staleTime: 0,
  });
  return (
    <Note tone="gamboge" role="alert" className="mb-3">
      <p className="font-medium text-ink">{t("sentence", { user: by.user, at: formatSaid(by.at, style) })}</p>
      {latest && shown ? <Differences mine={mine} latest={latest} options={options} /> : null}
      {latest ? (
        <div className="mt-2 flex flex-wrap gap-2">
          {shown ? null : (
            <Button size="sm" variant="primary" onClick={() => setShown(true)}>
              {t("show")}
            </Button>
          )}
          <Button size="sm" variant={shown ? "primary" : "plain"} onClick={() => onKeepMine(latest)}>
            {t("keepMine")}
          </Button>
          {shown ? (
            <Button size="sm" variant="danger" onClick={() => onTakeTheirs(latest)}>
              {t("takeTheirs")}
            </Button>
          ) : null}
        </div>
      ) : null}
    </Note>
  );
}

interface DifferencesProps extends Pick<RuleConflictProps, "mine" | "options"> {
  latest: RuleRow;
}

function Differences({ mine, latest, options }: DifferencesProps) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules");
  const depth = useTranslations("verify.form.depth");
  const theirs = draftOf(latest);
  const names = new Map(
    [...options, ...latest.targets.map(({ instance }) => instance)].map(({ id, name }) => [id, name]),
  );
  const text = (draft: RuleDraft, field: keyof RuleDraft): string => {
    if (field === "targets") {
      return joinList(
        draft.targets.map(({ instanceId, namespace }) =>
          `${names.get(instanceId) ?? instanceId} ${namespace}`.trim(),
        ),
        locale,
      );
    }
    if (field === "schedule") {
      return scheduleText(draft.schedule) || t("form.off");
    }
    if (field === "platforms") {
      return platformText(draft.platforms) || t("allPlatforms");
    }
    if (field === "deletion") {
      return deletionText(draft.deletion) || t("form.off");
    }
    if (field === "verifySchedule") {
      return verifyText(draft.verifySchedule) || t("form.off");
    }
    if (field === "verifyAfter") {
      return depth(draft.verifyAfter);
    }
    if (field === "override" || field === "referrers" || field === "onEvent" || field === "backfill") {
      return t(draft[field] ? "form.on" : "form.off");
    }
    return field === "resourceType" ? t(`type.${draft.resourceType}`) : draft[field] || "—";
  };
  const fields = differingFields(mine, theirs);
  if (fields.length === 0) {
    return <p className="mt-1">{t("conflict.same")}</p>;
  }
  return (
    <DifferenceTable
      heads={{ field: t("conflict.field"), theirs: t("conflict.theirs"), mine: t("conflict.mine") }}
      differences={fields.map((field) => ({
        field: t(`form.${field}`),
        theirs: text(theirs, field),
        mine: text(mine, field),
      }))}
    />
  );
}
