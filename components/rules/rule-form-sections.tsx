"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatCount } from "@/lib/format/ratio.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import { RESOURCE_TYPES } from "@/lib/schemas/rule.ts";
import { Field, InlineLabel } from "../kit/field.tsx";
import { HealthShape } from "../kit/health-mark.tsx";
import { Input } from "../kit/input.tsx";
import { Note } from "../kit/note.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { Switch } from "../kit/switch.tsx";
import { FieldPair } from "./field-pair.tsx";
import { useFieldSentence } from "./field-sentence.ts";
import { MoreSelection } from "./more-selection.tsx";
import { NamespaceField } from "./namespace-field.tsx";
import { PatternField } from "./pattern-field.tsx";
import { ROOT } from "./rule-draft.ts";
import { TargetFields } from "./target-fields.tsx";
import { TYPE_ICON } from "./type-icon.ts";
import type { useRuleForm } from "./use-rule-form.ts";

type Form = ReturnType<typeof useRuleForm>;

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="mt-4 grid gap-1.5">
      <legend className="mb-1.5 font-medium text-section">{title}</legend>
      {children}
    </fieldset>
  );
}

export function IdentitySection({ form: { draft, set, errors, check } }: { form: Form }) {
  const t = useTranslations("rules.form");
  const sentence = useFieldSentence();
  return (
    <FieldPair>
      <Field label={t("name")} required hint={t("nameHint")} error={sentence(errors.name)}>
        <Input
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
          onBlur={() => draft.name && check("name")}
        />
      </Field>
      <Field
        layout="inline"
        label={t("description")}
        hint={t("descriptionHint")}
        error={sentence(errors.description)}
      >
        <Input
          value={draft.description}
          spellCheck
          before={<InlineLabel>{t("description")}</InlineLabel>}
          onChange={(event) => set({ description: event.target.value })}
          onBlur={() => check("description")}
        />
      </Field>
    </FieldPair>
  );
}

interface SourceSectionProps {
  form: Form;
  source: InstanceOption;
  /** Repositories of the namespace, as far as they were listed. */
  repositories: number | null;
}

export function SourceSection({ form, source, repositories }: SourceSectionProps) {
  const t = useTranslations("rules.form");
  const sentence = useFieldSentence();
  const repositoryHint = useRepositoryHint(form.draft.sourceNamespace.trim(), repositories);
  const { draft, set, errors, check } = form;
  return (
    <Section title={t("source")}>
      <FieldPair>
        <Field label={t("sourceInstance")} hint={t("sourceInstanceHint")}>
          <Input readOnly value={source.name} before={<HealthShape status={source.health} />} />
        </Field>
        <NamespaceField
          label={t("namespace")}
          required
          hint={t("namespaceHint")}
          placeholder={t("namespacePlaceholder")}
          instanceId={source.id}
          mayList={source.grants.level === "manage"}
          value={draft.sourceNamespace}
          error={sentence(errors.sourceNamespace)}
          onBlur={() => draft.sourceNamespace && check("sourceNamespace")}
          onChange={(sourceNamespace) => set({ sourceNamespace })}
        />
      </FieldPair>
      <PatternField
        label={t("repository")}
        placeholder={t("repositoryBlank")}
        hint={repositoryHint}
        value={draft.repositoryPattern}
        error={errors.repositoryPattern}
        check={() => check("repositoryPattern")}
        onChange={(repositoryPattern) => set({ repositoryPattern })}
      />
      <PatternField
        label={t("tag")}
        placeholder={t("tagBlank")}
        hint={t("tagHint")}
        value={draft.tagPattern}
        error={errors.tagPattern}
        check={() => check("tagPattern")}
        onChange={(tagPattern) => set({ tagPattern })}
      />
      <TypeField form={form} />
      <MoreSelection form={form} />
    </Section>
  );
}

/** "Blank means all": with their number, once it is known. */
function useRepositoryHint(namespace: string, repositories: number | null): string {
  const t = useTranslations("rules.form");
  const counted = useTranslations("preview.hint");
  if (repositories !== null && namespace !== "") {
    return namespace === ROOT
      ? counted("repositoryRoot", { n: formatCount(repositories) })
      : counted("repository", { ns: namespace, n: formatCount(repositories) });
  }
  return namespace === "" || namespace === ROOT
    ? t("repositoryHintPlain")
    : t("repositoryHint", { ns: namespace });
}

function TypeField({ form: { draft, set } }: { form: Form }) {
  const t = useTranslations("rules");
  return (
    <Field label={t("form.resourceType")}>
      <Segmented
        value={draft.resourceType}
        onValueChange={(resourceType) => set({ resourceType })}
        options={RESOURCE_TYPES.map((type) => {
          const Icon = TYPE_ICON[type];
          return { value: type, label: t(`type.${type}`), icon: <Icon aria-hidden /> };
        })}
      />
    </Field>
  );
}

interface TargetSectionProps {
  form: Form;
  targets: readonly InstanceOption[];
  /** What the preview has counted. */
  totals: PreviewTotals | null;
}

export function TargetSection({ form, targets, totals }: TargetSectionProps) {
  const t = useTranslations("rules.form");
  const sentence = useFieldSentence();
  const overwriteTitle = useOverwriteTitle(totals);
  const { draft, set, errors, check } = form;
  return (
    <Section title={t("target")}>
      {targets.length === 0 ? <Note tone="gamboge">{t("noTargets")}</Note> : null}
      <TargetFields
        targets={draft.targets}
        options={targets}
        sourceNamespace={draft.sourceNamespace}
        errorOf={(path) => sentence(errors[path])}
        check={check}
        onChange={(changed) => set({ targets: changed })}
      />
      <Field label={t("referrers")} hint={t(draft.referrers ? "referrersHint" : "referrersOffHint")}>
        <span className="flex min-h-8 items-center gap-2.5">
          <Switch checked={draft.referrers} onCheckedChange={(referrers) => set({ referrers })} />
          {t("referrersLabel")}
        </span>
      </Field>
      <Field label={t("override")} hint={draft.override ? null : t("overrideOffHint")}>
        <span className="flex min-h-8 items-center gap-2.5">
          <Switch checked={draft.override} onCheckedChange={(override) => set({ override })} />
          {t("overrideLabel")}
        </span>
        {draft.override ? (
          <Note tone="rouge" role="status" className="mt-1.5">
            <strong className="mr-1 font-medium text-ink">{overwriteTitle}</strong>
            {t("overrideOnHint")}
          </Note>
        ) : null}
      </Field>
    </Section>
  );
}

/** How many tags would be replaced, as far as it is known. */
function useOverwriteTitle(totals: PreviewTotals | null): string {
  const t = useTranslations("rules.form");
  const counted = useTranslations("preview.overwriteNote");
  if (!totals) {
    return t("overrideOnTitle");
  }
  const n = totals.verdicts.overwrite;
  if (n > 0) {
    return counted(totals.tags.complete ? "some" : "someAtLeast", { n });
  }
  return totals.tags.complete && totals.verdicts.unknown === 0 ? counted("none") : t("overrideOnTitle");
}
