"use client";

import { OctagonX } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { Button } from "../kit/button.tsx";
import { Checkbox } from "../kit/checkbox.tsx";
import { lazily } from "../kit/lazily.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { Note } from "../kit/note.tsx";
import { UnsavedGuard } from "../kit/unsaved-guard.tsx";
import type { Preview } from "../preview/use-preview.ts";
import { DeletionSection } from "./deletion-section.tsx";
import { RuleAside } from "./rule-aside.tsx";
import { loadRuleCheck } from "./rule-check.ts";
import type { RuleDraft } from "./rule-draft.ts";
import { IdentitySection, SourceSection, TargetSection } from "./rule-form-sections.tsx";
import { questionFor } from "./save-question.ts";
import { TriggerSection } from "./trigger-section.tsx";
import { useDraftPreview } from "./use-draft-preview.ts";
import { useRuleForm } from "./use-rule-form.ts";

const dialogs = () => import("../preview/confirm-dialogs.tsx");
const OverwriteDialog = lazily(() => dialogs().then((module) => module.OverwriteDialog), { layer: true });
const LargeDialog = lazily(() => dialogs().then((module) => module.LargeDialog), { layer: true });
const VerifySection = lazily(() => import("./verify-section.tsx").then((module) => module.VerifySection));
const RuleConflict = lazily(() => import("./rule-conflict.tsx").then((module) => module.RuleConflict));

interface RuleFormProps {
  source: InstanceOption;
  /** Instances that the user may write to, and those the rule names already. */
  targets: readonly InstanceOption[];
  rule: RuleRow | null;
  /** A rule that a new one begins as. */
  copied?: RuleRow | null;
  /** `#1042` of a task that still runs by the old rule. */
  runningTask: string | null;
  /** Nothing has been synced yet: saving leads to the first task. */
  first?: boolean;
  /** Whether pushes at the source are heard of, in a sentence. */
  heard: ReactNode;
}

/** 新建实例同步规则 and 配置同步规则: every parameter of a rule, what it will do beside it. */
export function RuleForm({
  source,
  targets,
  rule,
  copied = null,
  runningTask,
  first = false,
  heard,
}: RuleFormProps) {
  const t = useTranslations("rules.form");
  const element = useRef<HTMLFormElement>(null);
  const counted = useRef<Preview>(null);
  const form = useRuleForm(source, { rule, copied, targets, first }, element, (draft) =>
    questionFor(draft, rule, counted),
  );
  const shown = useDraftPreview({ draft: form.draft, source, options: targets, ruleId: rule?.id ?? null });
  useEffect(() => {
    counted.current = shown.preview;
  });
  const { totals } = shown.preview;
  const back = rule ? `/rules/${rule.id}` : `/rules?instance=${source.id}`;
  return (
    <div className="flex flex-1 max-lg:flex-col">
      <UnsavedGuard dirty={form.dirty} />
      <form
        ref={element}
        noValidate
        className="flex min-w-0 flex-col lg:w-[min(620px,54%)] lg:shrink-0"
        onInputCapture={loadRuleCheck}
        onPointerDownCapture={loadRuleCheck}
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void form.submit();
          }
        }}
      >
        <div className="grid flex-1 content-start gap-1.5 px-6 py-4 max-md:px-4">
          {runningTask ? (
            <Note tone="azurite" className="mb-3">
              {t("editWhileRunning", { task: runningTask })}
            </Note>
          ) : null}
          <Failure form={form} rule={rule} options={targets} />
          <IdentitySection form={form} />
          <SourceSection form={form} source={source} repositories={shown.repositories} />
          <TargetSection form={form} targets={targets} totals={totals} />
          <TriggerSection form={form} heard={heard} />
          <VerifySection form={form} />
          <DeletionSection form={form} />
        </div>
        <FormFooter
          count={Object.keys(form.errors).length}
          beside={
            rule ? null : (
              <Checkbox
                checked={form.draft.backfill}
                onCheckedChange={(backfill) => form.set({ backfill })}
                hint={t(backfillHint(form.draft))}
              >
                {t("backfill")}
              </Checkbox>
            )
          }
        >
          <Button
            type="submit"
            variant={form.failure?.kind === "conflict" ? "plain" : "primary"}
            busy={form.busy}
            busyLabel={t("saving")}
          >
            {t(rule ? "save" : "submit")}
          </Button>
          <LinkButton variant="quiet" href={back}>
            {t("cancel")}
          </LinkButton>
        </FormFooter>
      </form>
      <RuleAside
        draft={form.draft}
        source={source}
        options={targets}
        ruleId={rule?.id ?? null}
        shown={shown}
      />
      {form.asking === "overwrite" ? <OverwriteDialog open totals={totals} onAnswer={form.answer} /> : null}
      {form.asking === "large" ? <LargeDialog open totals={totals} onAnswer={form.answer} /> : null}
    </div>
  );
}

/** When what is there already is copied. */
function backfillHint({ backfill, onEvent, schedule }: RuleDraft) {
  if (backfill) {
    return "backfillOn";
  }
  return onEvent ? "backfillByReconcile" : schedule.on ? "backfillBySchedule" : "backfillOff";
}

interface FailureProps {
  form: ReturnType<typeof useRuleForm>;
  rule: RuleRow | null;
  options: readonly InstanceOption[];
}

function Failure({ form, rule, options }: FailureProps) {
  const { failure } = form;
  if (failure?.kind === "conflict" && rule) {
    return (
      <RuleConflict
        ruleId={rule.id}
        mine={form.draft}
        by={failure}
        options={options}
        onKeepMine={(latest) => void form.submit(latest.version)}
        onTakeTheirs={form.takeTheirs}
      />
    );
  }
  return failure?.kind === "refused" ? (
    <Note tone="cinnabar" role="alert" className="mb-3">
      {failure.sentence}
    </Note>
  ) : null;
}

interface FormFooterProps {
  /** How many fields are wrong. */
  count: number;
  beside: ReactNode;
  children: ReactNode;
}

/** The buttons, how many fields are wrong, and what happens once it is created. */
function FormFooter({ count, beside, children }: FormFooterProps) {
  const t = useTranslations("common");
  return (
    <div className="sticky bottom-0 flex min-h-[60px] flex-wrap items-center gap-x-3 gap-y-1 border-line border-t bg-surface px-6 py-2 max-md:px-4">
      {children}
      <span role="status" className="flex items-center gap-1.5 text-cinnabar-fg">
        {count > 0 ? (
          <>
            <OctagonX aria-hidden className="size-3.5 stroke-[1.75]" />
            {t("fieldsToFix", { n: count })}
          </>
        ) : null}
      </span>
      <div className="ml-auto max-md:ml-0">{beside}</div>
    </div>
  );
}
