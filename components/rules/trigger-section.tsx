"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Combobox } from "../kit/combobox.tsx";
import type { ComboboxOption } from "../kit/combobox-list.tsx";
import { Field, FieldPart } from "../kit/field.tsx";
import { Input } from "../kit/input.tsx";
import { lazily } from "../kit/lazily.tsx";
import { Switch } from "../kit/switch.tsx";
import { useFieldSentence } from "./field-sentence.ts";
import type { ScheduleDraft } from "./rule-draft.ts";
import { Section } from "./rule-form-sections.tsx";
import type { useRuleForm } from "./use-rule-form.ts";

const ScheduleNote = lazily(() => import("./schedule-note.tsx").then((module) => module.ScheduleNote));

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
      <ScheduleField form={form} />
    </Section>
  );
}

function ScheduleField({ form: { draft, set, errors, check } }: { form: Form }) {
  const t = useTranslations("rules.form");
  const sentence = useFieldSentence();
  const { schedule } = draft;
  const change = (changed: Partial<ScheduleDraft>) => set({ schedule: { ...schedule, ...changed } });
  const error = sentence(errors["schedule.cron"] ?? errors["schedule.timeZone"]);
  return (
    <Field
      label={t("schedule")}
      hint={schedule.on ? <ScheduleNote schedule={schedule} error={error} /> : t("scheduleOffHint")}
    >
      <span className="flex min-h-8 flex-wrap items-center gap-2.5">
        <Switch
          checked={schedule.on}
          onCheckedChange={(on) => change({ on, timeZone: schedule.timeZone || ownTimeZone() })}
        />
        {schedule.on ? (
          <>
            <FieldPart label={t("cron")} invalid={errors["schedule.cron"] !== undefined}>
              <Input
                mono
                className="w-[132px] max-md:w-full"
                value={schedule.cron}
                placeholder="0 2 * * *"
                onChange={(event) => change({ cron: event.target.value })}
                onBlur={() => check("schedule.cron")}
              />
            </FieldPart>
            <FieldPart label={t("timeZone")} invalid={errors["schedule.timeZone"] !== undefined}>
              <Combobox
                className="w-[200px] max-md:w-full"
                options={timeZones(schedule.timeZone)}
                value={schedule.timeZone}
                onValueChange={(timeZone) => change({ timeZone })}
              />
            </FieldPart>
          </>
        ) : (
          t("scheduleOff")
        )}
      </span>
    </Field>
  );
}

const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** Every zone that the browser knows, and the one that is set: another browser may know more. */
function timeZones(current: string): ComboboxOption[] {
  const known = new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), ...(current ? [current] : [])]);
  return [...known].map((value) => ({ value }));
}
