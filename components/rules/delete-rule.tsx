"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { deleteRuleAction } from "@/lib/actions/rules.ts";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { TypeNameDialog } from "../kit/dialog.tsx";
import { showToast } from "../kit/toast.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery, useQueryClient } from "../live/query.tsx";
import { useAction } from "../live/use-action.ts";

export interface RuleToDelete {
  id: string;
  name: string;
  targets: readonly { instance: { name: string } }[];
}

interface RuleImpact {
  openTasks: number;
  tasks: number;
}

interface DeleteRuleProps {
  rule: RuleToDelete;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDeleted?: () => void;
}

/** 删除: the name has to be typed; what goes with the rule is counted first. */
export function DeleteRuleDialog({ rule, open, onOpenChange, onDeleted }: DeleteRuleProps) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules.delete");
  const client = useQueryClient();
  const [refused, setRefused] = useState<string | null>(null);
  const { run, busy } = useAction(deleteRuleAction, (_failure, sentence) => setRefused(sentence));
  const { data: impact, isError: uncounted } = useQuery({
    queryKey: ["impact", rule.id],
    queryFn: ({ signal }) => fetchJson<RuleImpact>(`/api/rules/${rule.id}/impact`, signal),
    enabled: open,
    staleTime: 0,
  });
  const instances = joinList([...new Set(rule.targets.map(({ instance }) => instance.name))], locale);
  const remove = async (confirmName: string) => {
    setRefused(null);
    const done = await run({ ruleId: rule.id, confirmName });
    if (done !== null) {
      onOpenChange(false);
      showToast({ message: t("done", { rule: rule.name }) });
      onDeleted?.();
      await client.invalidateQueries({ queryKey: ["rules"] });
    }
  };
  return (
    <TypeNameDialog
      open={open}
      onOpenChange={(next) => {
        setRefused(null);
        onOpenChange(next);
      }}
      title={t("title", { rule: rule.name })}
      description={
        <>
          {impact === undefined ? t(uncounted ? "uncounted" : "counting") : null}
          {impact && impact.openTasks > 0 ? t("openTasks", { n: formatCount(impact.openTasks) }) : null}
          {impact ? t("tasks", { n: formatCount(impact.tasks) }) : null}
          {t("images", { instances })}
        </>
      }
      name={rule.name}
      inputLabel={t("input")}
      confirmLabel={t(impact && impact.openTasks > 0 ? "confirmStopping" : "confirm")}
      busy={busy}
      error={refused}
      onConfirm={(typed) => void remove(typed)}
    />
  );
}
