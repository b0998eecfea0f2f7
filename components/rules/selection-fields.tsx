"use client";

import { useTranslations } from "next-intl";
import { PLATFORM_MODES } from "@/lib/schemas/platform.ts";
import { Field, FieldPart } from "../kit/field.tsx";
import { Input } from "../kit/input.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { useFieldSentence } from "./field-sentence.ts";
import { PatternField } from "./pattern-field.tsx";
import type { PlatformDraft } from "./rule-draft.ts";
import type { useRuleForm } from "./use-rule-form.ts";

type Form = ReturnType<typeof useRuleForm>;

/** Exclude, version range, newest, platforms: in the order in which they are applied. */
export function SelectionFields({ form }: { form: Form }) {
  const t = useTranslations("rules.form");
  const sentence = useFieldSentence();
  const { draft, set, errors, check } = form;
  return (
    <>
      <PatternField
        label={t("excludeTagPattern")}
        placeholder={t("excludeTagBlank")}
        hint={t("excludeTagHint")}
        value={draft.excludeTagPattern}
        error={errors.excludeTagPattern}
        check={() => check("excludeTagPattern")}
        onChange={(excludeTagPattern) => set({ excludeTagPattern })}
      />
      <Field label={t("semverRange")} hint={t("semverRangeHint")} error={sentence(errors.semverRange)}>
        <Input
          mono
          value={draft.semverRange}
          placeholder={t("semverRangeBlank")}
          onChange={(event) => set({ semverRange: event.target.value })}
          onBlur={() => check("semverRange")}
        />
      </Field>
      <Field label={t("newestTags")} hint={t("newestTagsHint")} error={sentence(errors.newestTags)}>
        <Input
          inputMode="numeric"
          className="w-[96px]"
          value={draft.newestTags}
          placeholder={t("newestTagsBlank")}
          onChange={(event) => set({ newestTags: event.target.value })}
          onBlur={() => check("newestTags")}
        />
      </Field>
      <PlatformFields form={form} />
    </>
  );
}

const MODES = ["all", ...PLATFORM_MODES] as const;
const LABEL = { all: "platformsAll", sparse: "platformsSparse", single: "platformsSingle" } as const;
const HINT = {
  all: "platformsAllHint",
  sparse: "platformsSparseHint",
  single: "platformsSingleHint",
} as const;

/** What is copied of an image for several platforms, and what that means at the target. */
function PlatformFields({ form: { draft, set, errors, check } }: { form: Form }) {
  const t = useTranslations("rules.form");
  const sentence = useFieldSentence();
  const { platforms } = draft;
  const change = (changed: Partial<PlatformDraft>) => set({ platforms: { ...platforms, ...changed } });
  const error = errors["platforms.names"] ?? errors["platforms.mode"];
  return (
    <Field label={t("platforms")} hint={t(HINT[platforms.mode])} error={sentence(error)}>
      <span className="flex flex-wrap items-center gap-2">
        <Segmented
          value={platforms.mode}
          onValueChange={(mode) => change({ mode })}
          options={MODES.map((mode) => ({ value: mode, label: t(LABEL[mode]) }))}
        />
        {platforms.mode === "all" ? null : (
          <span className="min-w-[180px] flex-1">
            <FieldPart
              label={t(platforms.mode === "single" ? "platformName" : "platformNames")}
              invalid={error !== undefined}
            >
              <Input
                mono
                value={platforms.names}
                placeholder={platforms.mode === "single" ? ONE : SOME}
                onChange={(event) => change({ names: event.target.value })}
                onBlur={() => check("platforms.names")}
              />
            </FieldPart>
          </span>
        )}
      </span>
    </Field>
  );
}

const ONE = "linux/amd64";
const SOME = "linux/amd64, linux/arm64";
