"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type RefObject, useEffect, useRef, useState } from "react";
import { createRuleAction, updateRuleAction } from "@/lib/actions/rules.ts";
import type { ActionFailure } from "@/lib/schemas/action-state.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { useAction } from "../live/use-action.ts";
import { loadRuleCheck, useRuleCheck } from "./rule-check.ts";
import { draftOf, EMPTY_DRAFT, type FieldErrors, inputOf, type RuleDraft } from "./rule-draft.ts";
import type { Question } from "./save-question.ts";
import { withSuggestedName } from "./suggested-name.ts";

interface RuleForm {
  draft: RuleDraft;
  set: (changed: Partial<RuleDraft>) => void;
  errors: FieldErrors;
  /** Checks one field when it is left. */
  check: (path: string) => void;
  /** Saves, over `version` where one is given; what `ask` answers is asked first, once. */
  submit: (version?: number) => Promise<void>;
  /** What a person is asked before it is saved. */
  asking: Question | null;
  answer: (yes: boolean) => void;
  busy: boolean;
  dirty: boolean;
  failure: { kind: "refused"; sentence: string } | { kind: "conflict"; user: string; at: string } | null;
  takeTheirs: (latest: RuleRow) => void;
}

/** What the form begins with. */
interface Beginning {
  rule: RuleRow | null;
  copied: RuleRow | null;
  targets: readonly InstanceOption[];
  /** Nothing has been synced yet: who saves wants to see the first task. */
  first: boolean;
}

/** State of the rule form: draft, errors by field, what the server refused, and where to go when it is saved. */
export function useRuleForm(
  source: InstanceOption,
  { rule, copied, targets, first }: Beginning,
  form: RefObject<HTMLFormElement | null>,
  ask: (draft: RuleDraft) => Promise<Question | null>,
): RuleForm {
  const [initial] = useState(() => initialDraft(source, { rule, copied, targets }));
  const [draft, setDraft] = useState(initial);
  const [version, setVersion] = useState(rule?.version ?? 0);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<RuleForm["failure"]>(null);
  const [saved, setSaved] = useState(false);
  const engine = useRuleCheck();
  const focusFirstError = useFocusOnError(form);
  const nameOf = (id: string) => targets.find((target) => target.id === id)?.name ?? "";

  const refused = (answer: ActionFailure, sentence: string) => {
    const fields = Object.keys(answer.fields);
    setErrors(answer.fields);
    setFailure(failureOf(answer, sentence));
    if (fields.length > 0) {
      focusFirstError();
    }
  };
  const { save, busy } = useSave({ source, rule, first, refused, setSaved });
  const { asking, answer, saveOrAsk, deciding } = useAsked(ask, save);

  const submit = async (over?: number) => {
    setFailure(null);
    const found = (await loadRuleCheck()).errorsOf(draft);
    setErrors(found);
    if (Object.keys(found).length > 0) {
      focusFirstError();
      return;
    }
    await saveOrAsk(draft, over ?? version);
  };
  return {
    draft,
    set: (changed) => {
      const wanted = { ...draft, ...changed };
      const next = rule ? wanted : withSuggestedName(wanted, draft, nameOf);
      setDraft(next);
      const touched = [...Object.keys(changed), ...(next.name === draft.name ? [] : ["name"])];
      setErrors((before) => stillWrong(before, touched, engine?.errorsOf(next) ?? {}));
    },
    errors,
    check: (path) =>
      void loadRuleCheck().then(({ errorsOf }) =>
        setErrors((before) => withError(before, path, errorsOf(draft)[path])),
      ),
    submit,
    asking,
    answer,
    busy: busy || deciding,
    dirty: !saved && JSON.stringify(draft) !== JSON.stringify(initial),
    failure,
    takeTheirs: (latest) => {
      setDraft(draftOf(latest));
      setVersion(latest.version);
      setErrors({});
      setFailure(null);
    },
  };
}

/** What stands above the form; a refusal of fields stands beside them. */
function failureOf({ reason, values, fields }: ActionFailure, sentence: string): RuleForm["failure"] {
  if (reason === "rule-changed") {
    return { kind: "conflict", user: String(values.user), at: String(values.at) };
  }
  return Object.keys(fields).length === 0 ? { kind: "refused", sentence } : null;
}

type Save = (draft: RuleDraft, version: number) => Promise<void>;

/** Saves at once, or after a yes where there is something to ask. */
function useAsked(ask: (draft: RuleDraft) => Promise<Question | null>, save: Save) {
  const [asked, setAsked] = useState<{ question: Question; saved: () => Promise<void> } | null>(null);
  const [deciding, setDeciding] = useState(false);
  return {
    asking: asked?.question ?? null,
    deciding,
    saveOrAsk: async (draft: RuleDraft, version: number): Promise<void> => {
      setDeciding(true);
      const question = await ask(draft);
      setDeciding(false);
      if (question) {
        setAsked({ question, saved: () => save(draft, version) });
      } else {
        await save(draft, version);
      }
    },
    answer: (yes: boolean): void => {
      setAsked(null);
      if (yes) {
        void asked?.saved();
      }
    },
  };
}

/** A new rule points at the one other instance, where there is no choice. */
function initialDraft(
  source: InstanceOption,
  { rule, copied, targets }: Omit<Beginning, "first">,
): RuleDraft {
  if (rule) {
    return draftOf(rule);
  }
  if (copied) {
    // Whoever copies a rule has not asked for the copy to delete anything.
    return { ...draftOf(copied), backfill: EMPTY_DRAFT.backfill, deletion: EMPTY_DRAFT.deletion };
  }
  const others = targets.filter(({ id }) => id !== source.id);
  const [only] = others;
  return only && others.length === 1
    ? { ...EMPTY_DRAFT, targets: [{ key: 0, instanceId: only.id, namespace: "" }] }
    : EMPTY_DRAFT;
}

interface SaveOptions {
  source: InstanceOption;
  /** Null: a new one. */
  rule: RuleRow | null;
  first: boolean;
  refused: (answer: ActionFailure, sentence: string) => void;
  setSaved: (saved: boolean) => void;
}

/** Creates the rule or saves it over `version`, and goes where it can be seen. */
function useSave({ source, rule, first, refused, setSaved }: SaveOptions) {
  const create = useAction(createRuleAction, refused);
  const update = useAction(updateRuleAction, refused);
  const done = useDone(source, first, setSaved);
  const save = async (draft: RuleDraft, version: number) => {
    if (rule) {
      if (await update.run({ ...inputOf(draft), ruleId: rule.id, version })) {
        done.saved(rule.id);
      }
      return;
    }
    const { backfill } = draft;
    const result = await create.run({ ...inputOf(draft), sourceInstanceId: source.id, backfill });
    if (result) {
      done.created(result);
    }
  };
  return { save, busy: create.busy || update.busy };
}

/** What was refused stays until its own field changes; then it stays only if it is still wrong. */
function stillWrong(errors: FieldErrors, changed: readonly string[], found: FieldErrors): FieldErrors {
  const kept = Object.entries(errors).flatMap(([path, error]) => {
    const touched = changed.includes(path.split(".")[0] ?? path);
    const now = touched ? found[path] : error;
    return now ? [[path, now] as const] : [];
  });
  return Object.fromEntries(kept);
}

function withError(errors: FieldErrors, path: string, error: FieldErrors[string] | undefined): FieldErrors {
  const { [path]: _, ...rest } = errors;
  return error ? { ...rest, [path]: error } : rest;
}

/** Puts the focus on the first refused field, after the errors were drawn. */
function useFocusOnError(form: RefObject<HTMLFormElement | null>): () => void {
  const [asked, setAsked] = useState(0);
  const handled = useRef(0);
  useEffect(() => {
    if (asked > handled.current) {
      handled.current = asked;
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [asked, form]);
  return () => setAsked((count) => count + 1);
}

function useDone(source: InstanceOption, first: boolean, setSaved: (saved: boolean) => void) {
  const t = useTranslations("rules.toast");
  const router = useRouter();
  const client = useQueryClient();
  const leave = (message: string, href: string) => {
    setSaved(true);
    showToast({ message });
    void client.invalidateQueries({ queryKey: ["rules"] });
    router.push(href);
  };
  return {
    saved: (ruleId: string) => {
      void client.invalidateQueries({ queryKey: ["rule", ruleId] });
      leave(t("saved"), `/rules/${ruleId}`);
    },
    created: (result: { taskId: string | null }) =>
      leave(
        t(result.taskId ? "createdSyncing" : "created"),
        first && result.taskId ? `/tasks/${result.taskId}` : `/rules?instance=${source.id}`,
      ),
  };
}
