import { Minus } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { Coverage } from "@/lib/pattern/coverage.ts";
import type { PreviewDraft } from "@/lib/schemas/preview.ts";
import type { Probe } from "@/lib/sync/probe.ts";
import { useRuleCheck } from "../rules/rule-check.ts";
import { VerdictBadge } from "../status/preview-verdict.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";
import type { PreviewQuestion } from "./read-preview.ts";
import { type Preview, usePreview } from "./use-preview.ts";

export interface ProbeAnswerProps {
  /** A draft with its namespace chosen. */
  question: PreviewQuestion & { draft: PreviewDraft };
  source: string;
  /** What was typed. */
  text: string;
}

/** Where the matching of a name stops; the source is asked only when both expressions match. */
export function ProbeAnswer({ question, source, text }: ProbeAnswerProps) {
  const { draft } = question;
  const found: Probe = useRuleCheck()?.probeName(text, { ...draft, namespace: draft.sourceNamespace }) ?? {
    kind: "blank",
  };
  const named = found.kind === "names-match" ? found : null;
  const answer = usePreview(
    named ? { ...question, only: { repository: named.repository, tag: named.tag } } : null,
  );
  return named ? (
    <Answer answer={answer} source={source} newest={draft.newestTags} />
  ) : (
    <span className="flex items-start gap-1">
      {found.kind === "blank" || found.kind === "repository-matches" ? null : (
        <Minus aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      )}
      <Reason found={found} namespace={draft.sourceNamespace} />
    </span>
  );
}

interface AnswerProps {
  answer: Preview;
  source: string;
  /** Tags of each repository that the rule means. */
  newest: number | null;
}

function Answer({ answer, source, newest }: AnswerProps) {
  const t = useTranslations("preview.probe");
  const words = useFailureWords();
  if (answer.failure) {
    return t("failed", { reason: words(answer.failure, { instance: source }).title });
  }
  if (answer.probe === "absent" || answer.probe === "other-type") {
    return t(answer.probe === "absent" ? "absent" : "otherType");
  }
  if (answer.probe !== null && typeof answer.probe === "object") {
    return t("notNewest", { n: newest ?? 0, least: answer.probe.notNewerThan });
  }
  const verdict = answer.rows[0]?.outcomes[0]?.verdict;
  if (answer.probe === "match") {
    return verdict ? <VerdictBadge verdict={verdict} /> : t("match");
  }
  return answer.status === "refused" ? t("match") : t("asking");
}

function Reason({ found, namespace }: { found: Probe; namespace: string }): ReactNode {
  const t = useTranslations("preview.probe");
  switch (found.kind) {
    case "blank":
    case "names-match":
      return null;
    case "no-name":
      return t(found.part === "tag" ? "noTag" : "noRepository", { text: found.text });
    case "outside":
      return namespace === "" ? t("outsideRoot") : t("outside", { ns: namespace });
    case "repository-matches":
      return t("repositoryMatches");
    case "digest-tag":
      return t("digestTag");
    case "excluded":
      return t("excluded");
    case "out-of-range":
      return t("outOfRange", { range: found.range });
    case "repository":
      return <Covered part="repository" text={found.path} coverage={found.coverage} />;
    case "tag":
      return <Covered part="tag" text={found.tag} coverage={found.coverage} />;
  }
}

interface CoveredProps {
  part: "repository" | "tag";
  text: string;
  coverage: Exclude<Coverage, { kind: "whole" }>;
}

/** Which part of a name the expression leaves over, or where it stops. */
function Covered({ part, text, coverage }: CoveredProps) {
  const t = useTranslations("preview.probe");
  switch (coverage.kind) {
    case "prefix":
      return t(`${part}.prefix`, { rest: text.slice(coverage.end) });
    case "suffix":
      return t(`${part}.suffix`, { rest: text.slice(0, coverage.start) });
    case "stops":
      return t(`${part}.stops`, { reached: text.slice(0, coverage.end), wanted: coverage.wanted });
    case "none":
      return t(`${part}.none`, { text });
  }
}
