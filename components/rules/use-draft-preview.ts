"use client";

import { useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { PreviewDraft } from "@/lib/schemas/preview.ts";
import type { PreviewQuestion } from "../preview/read-preview.ts";
import { type Preview, usePreview } from "../preview/use-preview.ts";
import { useRuleCheck } from "./rule-check.ts";
import { blanksOf, type FieldErrors, inputOf, type RuleDraft } from "./rule-draft.ts";

export interface DraftPreview {
  preview: Preview;
  /** What is asked; null while the namespace is not chosen. */
  question: (PreviewQuestion & { draft: PreviewDraft }) | null;
  /** Names of the targets that are complete, in the order of the question. */
  targets: { name: string }[];
  stale: "repositoryPattern" | "tagPattern" | "both" | "narrowing" | null;
  /** Repositories of the namespace, once listed. */
  repositories: number | null;
}

interface DraftPreviewOptions {
  draft: RuleDraft;
  source: InstanceOption;
  options: readonly InstanceOption[];
  /** The rule that is edited. */
  ruleId: string | null;
}

/** The preview of a rule as it stands in the form: by the last expressions that compile, for the targets that are complete. */
export function useDraftPreview({ draft, source, options, ruleId }: DraftPreviewOptions): DraftPreview {
  const repositoryPattern = useLastValid(draft.repositoryPattern);
  const tagPattern = useLastValid(draft.tagPattern);
  const check = useRuleCheck();
  const narrowed = useLastRight(draft);
  const asked = { ...narrowed, repositoryPattern, tagPattern };
  const errors = check?.errorsOf(asked) ?? blanksOf(asked);
  const { question, targets } = questionOf(asked, { source, options, ruleId, errors });
  const preview = usePreview(question);
  return {
    preview,
    question,
    targets,
    stale:
      staleOf(repositoryPattern !== draft.repositoryPattern, tagPattern !== draft.tagPattern) ??
      (narrowed === draft ? null : "narrowing"),
    repositories: useListed(question?.draft.sourceNamespace ?? null, preview),
  };
}

function questionOf(
  draft: RuleDraft,
  { source, options, ruleId, errors }: Omit<DraftPreviewOptions, "draft"> & { errors: FieldErrors },
): Pick<DraftPreview, "question" | "targets"> {
  const { sourceNamespace, targets, ...input } = inputOf(draft);
  if (sourceNamespace === undefined || errors.sourceNamespace) {
    return { question: null, targets: [] };
  }
  const complete = targets.filter(
    (_, index) => !errors[`targets.${index}.instanceId`] && !errors[`targets.${index}.namespace`],
  );
  const { repositoryPattern, tagPattern, excludeTagPattern, semverRange, resourceType, override } = input;
  return {
    targets: complete.map(({ instanceId }) => ({
      name: options.find(({ id }) => id === instanceId)?.name ?? "",
    })),
    question: {
      draft: {
        sourceInstanceId: source.id,
        sourceNamespace,
        repositoryPattern,
        tagPattern,
        excludeTagPattern,
        semverRange,
        newestTags: typeof input.newestTags === "number" ? input.newestTags : null,
        resourceType,
        platforms: input.platforms,
        override,
        targets: complete,
      },
      ...(ruleId ? { ruleId } : {}),
    },
  };
}

/** The expression as typed, or the last one that compiled. */
function useLastValid(source: string): string {
  const engine = useRuleCheck();
  const [valid, setValid] = useState(source);
  if (source !== valid && engine?.compile(source).ok) {
    setValid(source);
    return source;
  }
  return valid;
}

const NARROWING = ["excludeTagPattern", "semverRange", "newestTags", "platforms"] as const;

/** The draft itself, or with what narrows it as it last was without an error. */
function useLastRight(draft: RuleDraft): RuleDraft {
  const engine = useRuleCheck();
  const [right, setRight] = useState(draft);
  if (NARROWING.every((field) => draft[field] === right[field])) {
    return draft;
  }
  const wrong = Object.keys(engine?.errorsOf(draft) ?? {});
  if (engine && !NARROWING.some((field) => wrong.some((path) => path.split(".")[0] === field))) {
    setRight(draft);
    return draft;
  }
  const { excludeTagPattern, semverRange, newestTags, platforms } = right;
  return { ...draft, excludeTagPattern, semverRange, newestTags, platforms };
}

function staleOf(repository: boolean, tag: boolean): DraftPreview["stale"] {
  if (repository && tag) {
    return "both";
  }
  return repository ? "repositoryPattern" : tag ? "tagPattern" : null;
}

/** An expression of nothing but names asks for no list: what was listed for the same namespace before still holds. */
function useListed(namespace: string | null, { totals, status }: Preview): number | null {
  const [known, setKnown] = useState<{ namespace: string; listed: number } | null>(null);
  const listed = status === "done" && totals?.repositories.complete ? totals.repositories.listed : null;
  if (namespace !== null && listed !== null && (known?.namespace !== namespace || known.listed !== listed)) {
    setKnown({ namespace, listed });
  }
  return known?.namespace === namespace ? known.listed : null;
}
