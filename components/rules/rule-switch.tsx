"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { setRuleEnabledAction } from "@/lib/actions/rules.ts";
import { Switch } from "../kit/switch.tsx";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { useAction } from "../live/use-action.ts";

interface RuleSwitchProps {
  rule: { id: string; name: string; enabled: boolean; may: { operate: boolean } };
}

/** 启用: turns at once and back again, with a toast, when the server refuses. */
export function RuleSwitch({ rule }: RuleSwitchProps) {
  const t = useTranslations("rules");
  const client = useQueryClient();
  const { run, busy } = useAction(setRuleEnabledAction);
  /** What was asked for, until the rule itself says so. */
  const [asked, setAsked] = useState<boolean | null>(null);
  useEffect(() => {
    if (asked === rule.enabled) {
      setAsked(null);
    }
  }, [asked, rule.enabled]);

  const turn = async (enabled: boolean) => {
    setAsked(enabled);
    const done = await run({ ruleId: rule.id, enabled });
    if (done === null) {
      setAsked(null);
      return;
    }
    showToast({ message: t(enabled ? "toast.enabled" : "toast.disabled", { rule: rule.name }) });
    await Promise.all([
      client.invalidateQueries({ queryKey: ["rules"] }),
      client.invalidateQueries({ queryKey: ["rule", rule.id] }),
    ]);
    setAsked(null);
  };

  return (
    <Switch
      checked={asked ?? rule.enabled}
      pending={busy}
      label={t("switch", { rule: rule.name })}
      disabledReason={rule.may.operate ? null : t("needsOperate")}
      onCheckedChange={(enabled) => void turn(enabled)}
    />
  );
}
