"use client";

import { Trash2 } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { Locale } from "@/lib/format/locale.ts";
import type { TypedRate } from "@/lib/schemas/limits.ts";
import { Button } from "../kit/button.tsx";
import { Checkbox } from "../kit/checkbox.tsx";
import { Field } from "../kit/field.tsx";
import { Input } from "../kit/input.tsx";
import { dayName, WEEK } from "./limit-words.ts";
import { RateInput } from "./rate-input.tsx";
import { typedClock } from "./typed-clock.ts";

export interface WindowDraft {
  /** Of the row, for as long as the form is open. */
  key: string;
  days: number[];
  from: string;
  to: string;
  read: TypedRate;
  write: TypedRate;
}

interface WindowFieldsProps {
  number: number;
  window: WindowDraft;
  error: (path: string) => string | undefined;
  onChange: (changed: Partial<WindowDraft>) => void;
  onRemove: () => void;
}

/** One window: days, from, to, and what counts within. */
export function WindowFields({ number, window, error, onChange, onRemove }: WindowFieldsProps) {
  const t = useTranslations("limits");
  const locale = useLocale() as Locale;
  const { days, from, to, read, write } = window;
  return (
    <fieldset className="mb-2 rounded-md border border-line p-3">
      <legend className="sr-only">{t("window", { n: number })}</legend>
      <div className="flex items-start gap-2">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset inside of one would need a legend that is seen */}
        <div role="group" aria-label={t("days")} className="flex flex-1 flex-wrap gap-x-3">
          {WEEK.map((day) => (
            <Checkbox
              key={day}
              checked={days.includes(day)}
              onCheckedChange={(on) =>
                onChange({ days: on ? [...days, day] : days.filter((each) => each !== day) })
              }
            >
              {dayName(day, locale)}
            </Checkbox>
          ))}
        </div>
        <Button
          variant="quiet"
          size="sm"
          aria-label={t("removeWindow", { n: number })}
          icon={<Trash2 aria-hidden />}
          onClick={onRemove}
        />
      </div>
      {error("days") ? <p className="pb-1 text-cinnabar-fg text-meta">{error("days")}</p> : null}
      <div className="mt-1 -mb-5 grid gap-x-4 *:pb-0 sm:grid-cols-2">
        <Field layout="stacked" label={t("from")} error={error("from")}>
          <ClockInput value={from} onValue={(value) => onChange({ from: value })} />
        </Field>
        <Field layout="stacked" label={t(to <= from ? "nextDay" : "to")} error={error("to")}>
          <ClockInput value={to} onValue={(value) => onChange({ to: value })} />
        </Field>
        <Field layout="stacked" label={t("read")} error={error("read") ?? error("read.value")}>
          <RateInput rate={read} onRate={(value) => onChange({ read: value })} />
        </Field>
        <Field layout="stacked" label={t("write")} error={error("write") ?? error("write.value")}>
          <RateInput rate={write} onRate={(value) => onChange({ write: value })} />
        </Field>
      </div>
    </fieldset>
  );
}

function ClockInput({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  return (
    <Input
      inputMode="numeric"
      className="w-[112px]"
      value={value}
      placeholder="00:00"
      onChange={(event) => onValue(event.target.value)}
      onBlur={() => onValue(typedClock(value))}
    />
  );
}
