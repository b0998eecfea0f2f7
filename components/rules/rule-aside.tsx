"use client";

import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import { PreviewPane } from "../preview/preview-pane.tsx";
import { ProbeField } from "../preview/probe-field.tsx";
import { useRuleCheck } from "./rule-check.ts";
import { blanksOf, inputOf, type RuleDraft } from "./rule-draft.ts";
import type { DraftPreview } from "./use-draft-preview.ts";

interface RuleAsideProps {
  draft: RuleDraft;
  source: InstanceOption;
  options: readonly InstanceOption[];
  /** The rule that is edited: it is no loop with itself. */
  ruleId: string | null;
  shown: DraftPreview;
}

/** What the rule will do, and whether one may: beside the form while it is filled in, below it where there is no room. */
export function RuleAside({ draft, source, options, ruleId, shown }: RuleAsideProps) {
  const t = useTranslations("rules.aside");
  const title = useTranslations("preview")("title");
  const { question, preview } = shown;
  const namespace = question?.draft.sourceNamespace ?? "";
  return (
    <aside
      aria-label={title}
      className="relative min-w-0 flex-1 bg-canvas lg:border-line lg:border-l max-lg:border-line max-lg:border-t"
    >
      {/* As tall as the form beside it, however long the list. */}
      <div className="flex flex-col lg:absolute lg:inset-0">
        <section
          aria-label={title}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="relative min-h-0 flex-1 overflow-y-auto pb-2 -outline-offset-2"
        >
          <PreviewPane
            preview={preview}
            source={source.name}
            namespace={namespace}
            targets={shown.targets}
            tagsMarked={(question?.draft.tagPattern ?? "") !== ""}
            stale={shown.stale}
            probe={question ? <ProbeField question={question} source={source.name} /> : null}
          />
        </section>
        <div className="border-line border-t px-6 py-3 max-md:px-4">
          <h2 className="mb-1.5 font-normal text-meta text-ink-3">{t("permissions")}</h2>
          <ul className="grid gap-1.5">
            <GrantLines draft={draft} source={source} options={options} />
            <ReadLine shown={shown} source={source} />
            <CycleLine draft={draft} sourceId={source.id} ruleId={ruleId} />
          </ul>
        </div>
      </div>
    </aside>
  );
}

function Line({ ok, children }: { ok: boolean; children: ReactNode }) {
  const Icon = ok ? CircleCheck : TriangleAlert;
  return (
    <li className="flex items-start gap-2">
      <Icon
        aria-hidden
        className={`mt-[3px] size-3.5 shrink-0 stroke-[1.75] ${ok ? "text-malachite-fg" : "text-gamboge-fg"}`}
      />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </li>
  );
}

function GrantLines({ draft, source, options }: Pick<RuleAsideProps, "draft" | "source" | "options">) {
  const t = useTranslations("rules.aside");
  const targets = draft.targets.flatMap(({ instanceId }) => options.filter(({ id }) => id === instanceId));
  if (targets.length === 0) {
    return <Line ok={source.grants.level === "manage"}>{t("manage", { source: source.name })}</Line>;
  }
  return targets.map((target) => (
    <Line key={target.id} ok={target.grants.receive}>
      {t(target.grants.receive ? "manageReceive" : "noReceive", { source: source.name, target: target.name })}
    </Line>
  ));
}

/** Reading is proved by the preview; writing is by nothing short of a write. */
function ReadLine({ shown: { preview, question }, source }: { shown: DraftPreview; source: InstanceOption }) {
  const t = useTranslations("preview");
  const root = useTranslations("rules")("root");
  const { totals, failure, status } = preview;
  const proved = status === "done" && !failure && totals !== null && totals.tags.matched > 0;
  return proved && question ? (
    <Line ok>{t("canRead", { instance: source.name, ns: question.draft.sourceNamespace || root })}</Line>
  ) : null;
}

const SETTLE_MS = 500;

interface CycleLineProps {
  draft: RuleDraft;
  sourceId: string;
  ruleId: string | null;
}

/** A loop over several rules is allowed: equal content is not copied again. */
function CycleLine({ draft, sourceId, ruleId }: CycleLineProps) {
  const t = useTranslations("rules.aside");
  const { sourceNamespace, targets } = inputOf(draft);
  // What was not touched yet is a stored rule, or blank.
  const check = useRuleCheck();
  const complete = !Object.keys(check?.errorsOf(draft) ?? blanksOf(draft)).some((path) =>
    /^(?:sourceNamespace|targets)/.test(path),
  );
  const question = useSettled(
    complete ? JSON.stringify({ sourceInstanceId: sourceId, sourceNamespace, targets, ruleId }) : "",
  );
  const { data } = useQuery({
    queryKey: ["cycle", question],
    queryFn: ({ signal }) =>
      fetchJson<{ path: string[] }>(`/api/rules/cycle?draft=${encodeURIComponent(question)}`, signal),
    enabled: question !== "",
    retry: false,
  });
  return data && data.path.length > 0 ? (
    <Line ok={false}>{t("cycle", { path: data.path.join(" → ") })}</Line>
  ) : null;
}

/** The value once it has rested for half a second. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
