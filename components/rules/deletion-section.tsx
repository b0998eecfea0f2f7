"use client";

import { useTranslations } from "next-intl";
import { Field } from "../kit/field.tsx";
import { lazily } from "../kit/lazily.tsx";
import { Switch } from "../kit/switch.tsx";
import { Section } from "./rule-form-sections.tsx";
import type { useRuleForm } from "./use-rule-form.ts";

const DeletionFields = lazily(() => import("./deletion-fields.tsx").then((module) => module.DeletionFields));

/** 跟随删除: off unless somebody turns it on, and then with what it means. */
export function DeletionSection({ form }: { form: ReturnType<typeof useRuleForm> }) {
  const t = useTranslations("deletions.form");
  const { draft, set } = form;
  const { deletion } = draft;
  return (
    <Section title={t("section")}>
      <Field label={t("label")} hint={deletion.on ? null : t("offHint")}>
        <span className="flex min-h-8 items-center gap-2.5">
          <Switch checked={deletion.on} onCheckedChange={(on) => set({ deletion: { ...deletion, on } })} />
          {t("switch")}
        </span>
        {deletion.on ? <DeletionFields form={form} /> : null}
      </Field>
    </Section>
  );
}
