"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { triggerRuleAction } from "@/lib/actions/rules.ts";
import type { LastTask } from "@/lib/schemas/task.ts";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { useAction } from "../live/use-action.ts";
import { useTriggerPreview } from "../preview/use-trigger-preview.tsx";

/**
 * 触发同步: starts a task, or joins the one that waits; never an error, never two at once. What would move very much is asked
 * about first: draw `question`.
 */
export function useTrigger(rule: { id: string; name: string; lastTask?: LastTask | null }): {
  trigger: () => Promise<void>;
  busy: boolean;
  question: ReactNode;
} {
  const t = useTranslations("rules.toast");
  const client = useQueryClient();
  const { run, busy } = useAction(triggerRuleAction);
  const start = async () => {
    const started = await run({ ruleId: rule.id });
    if (started) {
      showToast({
        tone: "started",
        message: started.joined
          ? t("joined", { task: `#${started.number}` })
          : t("triggered", { rule: rule.name }),
        action: { label: t("viewTask"), href: `/tasks/${started.taskId}` },
      });
      await client.invalidateQueries();
    }
  };
  const { begin, counting, question } = useTriggerPreview([rule.id], start, rule.lastTask ?? null);
  return { trigger: begin, busy: busy || counting, question };
}

/** Why a rule cannot be triggered now; null when it can. */
export function useTriggerRefusal(rule: { enabled: boolean; may: { operate: boolean } }): string | null {
  const t = useTranslations("rules");
  if (!rule.may.operate) {
    return t("needsOperate");
  }
  return rule.enabled ? null : t("disabledFirst");
}
