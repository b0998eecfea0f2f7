"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Field } from "../kit/field.tsx";
import { Switch } from "../kit/switch.tsx";
import { Section } from "./rule-form-sections.tsx";
import { ScheduleField } from "./schedule-field.tsx";
import type { useRuleForm } from "./use-rule-form.ts";

type Form = ReturnType<typeof useRuleForm>;

/** 触发方式: what starts the rule beside a person. */
export function TriggerSection({ form, heard }: { form: Form; heard: ReactNode }) {
  const t = useTranslations("rules.form");
  const { draft, set } = form;
  return (
    <Section title={t("triggers")}>
      <Field label={t("event")} hint={t(draft.onEvent ? "onEventHint" : "onEventOffHint")}>
        <span className="flex min-h-8 flex-wrap items-center gap-x-2.5">
          <Switch checked={draft.onEvent} onCheckedChange={(onEvent) => set({ onEvent })} />
          {t("onEvent")}
          {draft.onEvent ? heard : null}
        </span>
      </Field>
      <ScheduleField
        form={form}
        label={t("schedule")}
        off={t("scheduleOff")}
        offHint={t("scheduleOffHint")}
        path="schedule"
        schedule={draft.schedule}
        onChange={(changed) => set({ schedule: { ...draft.schedule, ...changed } })}
      />
    </Section>
  );
}
