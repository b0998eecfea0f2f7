"use client";

import { useTranslations } from "next-intl";
import { FieldPart } from "../kit/field.tsx";
import { Input } from "../kit/input.tsx";
import { Note } from "../kit/note.tsx";
import { useFieldSentence } from "./field-sentence.ts";
import type { DeletionDraft } from "./rule-draft.ts";
import type { useRuleForm } from "./use-rule-form.ts";

/** How long it waits, how much may go at once, and what that means. */
export function DeletionFields({
  form: { draft, set, errors, check },
}: {
  form: ReturnType<typeof useRuleForm>;
}) {
  const t = useTranslations("deletions.form");
  const sentence = useFieldSentence();
  const { deletion } = draft;
  const change = (changed: Partial<DeletionDraft>) => set({ deletion: { ...deletion, ...changed } });
  const delayError = errors["deletion.delayHours"];
  const shareError = errors["deletion.share"];
  return (
    <span className="grid gap-1.5">
      <span className="flex flex-wrap items-center gap-2">
        <FieldPart label={t("delay")} invalid={delayError !== undefined}>
          <Input
            inputMode="numeric"
            className="w-[72px]"
            value={deletion.delayHours}
            onChange={(event) => change({ delayHours: event.target.value })}
            onBlur={() => check("deletion.delayHours")}
          />
        </FieldPart>
        {t("hours")}
        <span className="flex items-center gap-2 whitespace-nowrap">
          <FieldPart label={t("share")} invalid={shareError !== undefined}>
            <Input
              inputMode="numeric"
              className="w-[64px]"
              value={deletion.share}
              onChange={(event) => change({ share: event.target.value })}
              onBlur={() => check("deletion.share")}
            />
          </FieldPart>
          {t("percent")}
        </span>
      </span>
      {delayError || shareError ? (
        <span role="alert" className="text-cinnabar-fg text-meta">
          {sentence(delayError ?? shareError)}
        </span>
      ) : null}
      <Note tone="gamboge" role="status">
        <strong className="mr-1 font-medium text-ink">{t("impactTitle")}</strong>
        {t("impact", { hours: deletion.delayHours || "—", share: deletion.share || "—" })}
        <span className="mt-1 block">{t("preview")}</span>
      </Note>
    </span>
  );
}
