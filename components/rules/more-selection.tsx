"use client";

import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { DisclosureButton } from "../kit/disclosure-button.tsx";
import { lazily } from "../kit/lazily.tsx";
import type { useRuleForm } from "./use-rule-form.ts";

const SelectionFields = lazily(() =>
  import("./selection-fields.tsx").then((module) => module.SelectionFields),
);

/** What few rules need: which of the matching tags, and which platforms. Unfolded where something is set or wrong. */
export function MoreSelection({ form }: { form: ReturnType<typeof useRuleForm> }) {
  const t = useTranslations("rules.form");
  const id = useId();
  const { draft, errors } = form;
  const { excludeTagPattern, semverRange, newestTags, platforms } = draft;
  /** What a person chose; null: nothing yet. */
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isSet =
    excludeTagPattern !== "" || semverRange !== "" || newestTags !== "" || platforms.mode !== "all";
  const open = (chosen ?? isSet) || Object.keys(errors).some((path) => NARROWING.test(path));
  return (
    <div>
      <DisclosureButton
        open={open}
        controls={id}
        hint={t("moreSelectionHint")}
        onToggle={() => setChosen(!open)}
      >
        {t("moreSelection")}
      </DisclosureButton>
      <div id={id} hidden={!open} className="mt-1.5 grid gap-1.5">
        {open ? <SelectionFields form={form} /> : null}
      </div>
    </div>
  );
}

const NARROWING = /^(?:excludeTagPattern|semverRange|newestTags|platforms)/;
