"use client";

import { useTranslations } from "next-intl";
import { RATE_UNITS, type RateUnit, type TypedRate } from "@/lib/schemas/limits.ts";
import { FieldPart } from "../kit/field.tsx";
import { Input } from "../kit/input.tsx";
import { Select } from "../kit/select.tsx";

const UNITS = RATE_UNITS.map((unit) => ({ value: unit, label: `${unit}/s` }));

/** A figure and its unit; blank is no limit. */
export function RateInput({ rate, onRate }: { rate: TypedRate; onRate: (rate: TypedRate) => void }) {
  const t = useTranslations("limits");
  return (
    <span className="flex items-center gap-2">
      <Input
        inputMode="decimal"
        className="w-[112px]"
        value={rate.value}
        placeholder={t("unlimited")}
        onChange={(event) => onRate({ ...rate, value: event.target.value })}
      />
      <FieldPart label={t("unit")} invalid={false}>
        <Select
          className="w-[92px]"
          options={UNITS}
          value={rate.unit}
          onValueChange={(unit) => onRate({ ...rate, unit: unit as RateUnit })}
        />
      </FieldPart>
    </span>
  );
}
