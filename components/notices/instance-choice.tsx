"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { Checkbox } from "../kit/checkbox.tsx";
import { Field } from "../kit/field.tsx";
import { Segmented } from "../kit/segmented.tsx";

interface InstanceChoiceProps {
  address: NoticeAddressRow | null;
  instances: readonly InstanceOption[];
  error: string | undefined;
}

/** Every source instance, also those to come, or some of them. */
export function InstanceChoice({ address, instances, error }: InstanceChoiceProps) {
  const t = useTranslations("notices.form");
  const [all, setAll] = useState(address?.allInstances ?? true);
  const [chosen, setChosen] = useState<readonly string[]>(address?.instances.map(({ id }) => id) ?? []);
  const turn = (id: string, on: boolean) =>
    setChosen(on ? [...chosen, id] : chosen.filter((each) => each !== id));
  return (
    <div className="mt-1">
      <Field layout="stacked" label={t("where")} error={error}>
        <Segmented
          value={all ? "all" : "some"}
          onValueChange={(value) => setAll(value === "all")}
          options={[
            { value: "all", label: t("all") },
            { value: "some", label: t("some") },
          ]}
        />
      </Field>
      {all ? null : (
        <fieldset className="max-h-44 overflow-y-auto rounded-sm px-2.5 shadow-[inset_0_0_0_1px_var(--line-control)]">
          <legend className="sr-only">{t("instances")}</legend>
          {instances.map(({ id, name }) => (
            <Checkbox key={id} checked={chosen.includes(id)} onCheckedChange={(on) => turn(id, on)}>
              {name}
            </Checkbox>
          ))}
        </fieldset>
      )}
      <input
        type="hidden"
        name="json"
        value={JSON.stringify({ allInstances: all, instanceIds: all ? [] : chosen })}
      />
    </div>
  );
}
