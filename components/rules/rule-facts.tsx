"use client";

import { ListFilter } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatBytes } from "@/lib/format/bytes.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { narrowingOf } from "@/lib/schemas/narrowing.ts";
import type { RuleDetail, RuleRow, RuleTargetRow, TargetState } from "@/lib/schemas/rule.ts";
import { lazily } from "../kit/lazily.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { useUrlParam } from "../kit/use-url-param.ts";
import { NamespaceName } from "./namespace-name.tsx";
import { DASH, strongestOf } from "./path-glyph.tsx";
import { RuleSelection } from "./rule-place.tsx";
import { TriggerFacts } from "./rule-triggers.tsx";
import { SuccessStrip, successPercent } from "./success-strip.tsx";
import { TargetStanding } from "./target-standing.tsx";

const NarrowingFacts = lazily(() => import("./narrowing-facts.tsx").then((module) => module.NarrowingFacts));
const VerifiedFact = lazily(() =>
  import("../verify/verified-fact.tsx").then((module) => module.VerifiedFact),
);
const RuleDays = lazily(() => import("./rule-days.tsx").then((module) => module.RuleDays));

/** Configuration left, the last 30 days in the middle, their figures right. */
export function RuleFacts({ rule }: { rule: RuleDetail }) {
  return (
    <div className="grid gap-x-8 gap-y-4 border-line border-b px-6 pb-4 max-md:px-4 md:max-lg:grid-cols-2 lg:grid-cols-[minmax(0,1fr)_280px_208px]">
      <Configuration rule={rule} />
      <Success rule={rule} />
      <Totals rule={rule} />
    </div>
  );
}

/** The share, its 30 days, how the tasks ended, and the figures behind it. */
function Success({ rule }: { rule: RuleDetail }) {
  const t = useTranslations("rules");
  const [data, setData] = useUrlParam("data");
  const percent = successPercent(rule.days);
  const sum = (of: "succeeded" | "partial" | "failed") =>
    formatCount(rule.days.reduce((total, day) => total + day[of], 0));
  return (
    <div>
      <div className="text-meta text-ink-3">{t("column.success")}</div>
      <div className="mt-0.5 mb-2 flex items-baseline gap-1">
        <span className="font-medium text-figure tracking-[-0.01em]">{percent.replace("%", "")}</span>
        {percent.endsWith("%") ? <span className="text-ink-3">{"%"}</span> : null}
      </div>
      <SuccessStrip days={rule.days} running={rule.lastTask?.status === "running"} scale={1.75} />
      <div className="mt-1.5 flex flex-wrap items-center gap-x-3 text-ink-2 text-meta">
        <span>{t("outcome.succeeded", { n: sum("succeeded") })}</span>
        <span>{t("outcome.partial", { n: sum("partial") })}</span>
        <span>{t("outcome.failed", { n: sum("failed") })}</span>
        <TextAction aria-haspopup="dialog" onClick={() => setData("1")}>
          {t("strip.data")}
        </TextAction>
      </div>
      {data === "1" ? <RuleDays rule={rule} onClose={() => setData(null)} /> : null}
    </div>
  );
}

function Configuration({ rule }: { rule: RuleDetail }) {
  return (
    <div className="grid min-w-0 content-start gap-1.5 md:max-lg:col-span-2">
      {rule.targets.map((target, index) => (
        <TargetLine key={target.id} rule={rule} target={target} state={rule.targetStates[index]} />
      ))}
      <RuleSelection rule={rule} />
      <Narrowed rule={rule} />
      <ConfigurationEnd rule={rule} />
      {rule.verified || rule.verify.after || rule.verify.schedule ? <VerifiedFact rule={rule} /> : null}
    </div>
  );
}

interface TargetLineProps {
  rule: RuleRow;
  target: RuleTargetRow;
  state: TargetState | undefined;
}

/** From where to where, and where that stands. */
function TargetLine({ rule, target, state }: TargetLineProps) {
  const t = useTranslations("rules");
  return (
    <div className="grid min-w-0 gap-0.5 pb-1">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <Place name={rule.sourceInstance.name} namespace={rule.sourceNamespace} />
        <svg width="64" height="10" viewBox="0 0 64 10" aria-hidden="true" className="shrink-0">
          <path
            d="M0 5h58"
            stroke={rule.enabled ? "var(--azurite-fill)" : "var(--slate-fill)"}
            strokeWidth="1.5"
            strokeDasharray={DASH[strongestOf(rule.triggers)]}
          />
          <path d="m57 1.5 6 3.5-6 3.5z" fill={rule.enabled ? "var(--azurite-fill)" : "var(--slate-fill)"} />
        </svg>
        <span className="sr-only">{"→"}</span>
        <Place name={target.instance.name} namespace={target.namespace ?? rule.sourceNamespace} />
        {target.paused ? <span className="text-gamboge-fg text-meta">{t("paused")}</span> : null}
      </div>
      {state ? <TargetStanding state={state} paused={target.paused !== null} /> : null}
    </div>
  );
}

function Narrowed({ rule }: { rule: RuleRow }) {
  const narrowing = narrowingOf(rule);
  return narrowing ? (
    <div className="flex gap-x-1.5 text-ink-2">
      <ListFilter aria-hidden className="mt-[3px] size-3.5 shrink-0 stroke-[1.75]" />
      <div className="flex min-w-0 flex-wrap items-center gap-x-3">
        <NarrowingFacts narrowing={narrowing} />
      </div>
    </div>
  ) : null;
}

function ConfigurationEnd({ rule }: { rule: RuleRow }) {
  const t = useTranslations("rules");
  return (
    <div className="flex flex-wrap items-center gap-x-3 text-ink-2">
      <TriggerFacts rule={rule} />
      {rule.override ? null : <span className="text-ink-3">{t("noOverwrite")}</span>}
    </div>
  );
}

function Place({ name, namespace }: { name: string; namespace: string }) {
  return (
    <span className="inline-flex min-w-0 items-baseline gap-2">
      {/* A long namespace does not eat the name. */}
      <span className="max-w-[60%] shrink-0 truncate">{name}</span>
      <NamespaceName namespace={namespace} className="text-ink-3" />
    </span>
  );
}

function Totals({ rule }: { rule: RuleDetail }) {
  const t = useTranslations("rules.outcome");
  return (
    <div className="grid content-start gap-1">
      <div className="text-meta text-ink-3">{t("title")}</div>
      <dl className="grid gap-1">
        <Outcome label={t("tasks")}>{formatCount(rule.totals.tasks)}</Outcome>
        <Outcome label={t("copied")}>{formatBytes(rule.totals.bytesCopied)}</Outcome>
        <Outcome label={t("reused")}>{formatBytes(rule.totals.bytesReused)}</Outcome>
        <Outcome label={t("changed")}>
          <RelativeTime at={rule.updatedAt} />
          {rule.updatedBy ? <span className="text-ink-3">{` ${rule.updatedBy}`}</span> : null}
        </Outcome>
      </dl>
    </div>
  );
}

function Outcome({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-3">
      <dt className="whitespace-nowrap text-ink-2">{label}</dt>
      <dd className="text-right">{children}</dd>
    </div>
  );
}
