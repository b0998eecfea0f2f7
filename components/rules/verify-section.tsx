"use client";

import { useTranslations } from "next-intl";
import { VERIFY_DEPTHS } from "@/lib/schemas/verify-words.ts";
import { Checkbox } from "../kit/checkbox.tsx";
import { Field } from "../kit/field.tsx";
import { Segmented } from "../kit/segmented.tsx";
import type { VerifyScheduleDraft } from "./rule-draft.ts";
import { Section } from "./rule-form-sections.tsx";
import { ScheduleField } from "./schedule-field.tsx";
import type { useRuleForm } from "./use-rule-form.ts";

/** 校验: whether tasks prove what they brought, and when all of it is proven. */
export function VerifySection({ form }: { form: ReturnType<typeof useRuleForm> }) {
  const t = useTranslations("verify.form");
  const { draft, set } = form;
  const { verifyAfter, verifySchedule } = draft;
  const change = (changed: Partial<VerifyScheduleDraft>) =>
    set({ verifySchedule: { ...verifySchedule, ...changed } });
  return (
    <Section title={t("section")}>
      <Field label={t("after")} hint={t(`afterHint.${verifyAfter}`)}>
        <Segmented
          value={verifyAfter}
          onValueChange={(value) => set({ verifyAfter: value })}
          options={(["none", ...VERIFY_DEPTHS] as const).map((value) => ({
            value,
            label: t(`depth.${value}`),
          }))}
        />
      </Field>
      <ScheduleField
        form={form}
        label={t("schedule")}
        off={t("scheduleOff")}
        offHint={t("scheduleOffHint")}
        path="verify.schedule"
        schedule={verifySchedule}
        onChange={change}
      >
        <Checkbox checked={verifySchedule.deep} onCheckedChange={(deep) => change({ deep })}>
          <span title={t("deepHint")}>{t("deep")}</span>
        </Checkbox>
      </ScheduleField>
    </Section>
  );
}
