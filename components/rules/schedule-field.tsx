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
import type { useRuleForm } from "./use-rule-form.ts";

const ScheduleNote = lazily(() => import("./schedule-note.tsx").then((module) => module.ScheduleNote));

interface ScheduleFieldProps {
  form: Pick<ReturnType<typeof useRuleForm>, "errors" | "check">;
  label: string;
  /** Beside the switch, and below it, while it is off. */
  off: string;
  offHint: string;
  /** Of the schedule in what the action takes. */
  path: "schedule" | "verify.schedule";
  schedule: ScheduleDraft;
  onChange: (changed: Partial<ScheduleDraft>) => void;
  /** What belongs to it while it is on. */
  children?: ReactNode;
}

/** A switch, five fields and a time zone, with what they mean. */
export function ScheduleField({
  form: { errors, check },
  label,
  off,
  offHint,
  path,
  schedule,
  onChange,
  children,
}: ScheduleFieldProps) {
  const t = useTranslations("rules.form");
  const sentence = useFieldSentence();
  const [cronError, zoneError] = [errors[`${path}.cron`], errors[`${path}.timeZone`]];
  return (
    <Field
      label={label}
      hint={
        schedule.on ? <ScheduleNote schedule={schedule} error={sentence(cronError ?? zoneError)} /> : offHint
      }
    >
      <span className="flex min-h-8 flex-wrap items-center gap-2.5">
        <Switch
          checked={schedule.on}
          onCheckedChange={(on) => onChange({ on, timeZone: schedule.timeZone || ownTimeZone() })}
        />
        {schedule.on ? (
          <>
            <FieldPart label={t("cron")} invalid={cronError !== undefined}>
              <Input
                mono
                className="w-[132px] max-md:w-full"
                value={schedule.cron}
                placeholder="0 2 * * *"
                onChange={(event) => onChange({ cron: event.target.value })}
                onBlur={() => check(`${path}.cron`)}
              />
            </FieldPart>
            <FieldPart label={t("timeZone")} invalid={zoneError !== undefined}>
              <Combobox
                className="w-[200px] max-md:w-full"
                options={timeZones(schedule.timeZone)}
                value={schedule.timeZone}
                onValueChange={(timeZone) => onChange({ timeZone })}
              />
            </FieldPart>
            {children}
          </>
        ) : (
          off
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
