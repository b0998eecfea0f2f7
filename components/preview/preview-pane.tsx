"use client";

import { RefreshCw } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useEffect } from "react";
import { formatCount } from "@/lib/format/ratio.ts";
import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import { Button } from "../kit/button.tsx";
import { lazily } from "../kit/lazily.tsx";
import { Note } from "../kit/note.tsx";
import { Skeleton } from "../kit/skeleton.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";
import { PreviewFigures } from "./preview-figures.tsx";
import type { PreviewPlace } from "./preview-table.tsx";
import type { Preview } from "./use-preview.ts";

const loadTable = () => import("./preview-table.tsx").then((module) => module.PreviewTable);
const PreviewTable = lazily(loadTable);

interface PreviewPaneProps {
  preview: Preview;
  source: string;
  namespace: string;
  targets: readonly PreviewPlace[];
  tagsMarked: boolean;
  /** The field whose last valid expression is used; null when all are as typed. */
  stale: "repositoryPattern" | "tagPattern" | "both" | "narrowing" | null;
  /** Between the figures and the table. */
  probe?: ReactNode;
}

/** What a rule would do: figures, verdicts, the list. */
export function PreviewPane(props: PreviewPaneProps) {
  const { preview, stale, probe } = props;
  return (
    <>
      <div className="px-6 pt-4 max-md:px-4">
        <PaneHead preview={preview} stale={stale} />
        {preview.status === "idle" || isEmptyFailure(preview) ? null : (
          <PreviewFigures totals={preview.totals} running={preview.status === "running"} />
        )}
        {probe ? <div className="mt-3">{probe}</div> : null}
        <Trouble preview={preview} source={props.source} />
      </div>
      <PaneBody {...props} />
    </>
  );
}

/** Nothing but noughts, and not because there is nothing. */
function isEmptyFailure({ failure, refusal, totals }: Preview): boolean {
  return refusal !== null || (failure !== null && (totals?.repositories.matched ?? 0) === 0);
}

function PaneHead({ preview, stale }: Pick<PreviewPaneProps, "preview" | "stale">) {
  const t = useTranslations("preview");
  const locale = useLocale();
  const idle = preview.status === "idle";
  const seconds = Math.max(0.1, (preview.elapsedMs ?? 0) / 1000).toLocaleString(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return (
    <div className="flex min-h-6 flex-wrap items-baseline gap-x-3">
      <h2 className="text-section">{t("title")}</h2>
      {stale && !idle ? (
        <span role="status" className="text-gamboge-fg text-meta">
          {t(`stale.${stale}`)}
        </span>
      ) : null}
      {idle ? null : (
        <span className="ml-auto flex items-center gap-1.5 text-ink-3 text-meta">
          {preview.status === "running" ? t("counting") : null}
          {preview.status === "done" ? t("took", { seconds }) : null}
          <Button
            size="sm"
            variant="quiet"
            aria-label={t("refresh")}
            busy={preview.status === "running"}
            icon={<RefreshCw aria-hidden />}
            onClick={preview.refresh}
            className="-my-1 size-6! max-md:size-11!"
          />
        </span>
      )}
    </div>
  );
}

/** Why the figures are not the whole truth. */
function Trouble({ preview, source }: Pick<PreviewPaneProps, "preview" | "source">) {
  const t = useTranslations("preview");
  const errors = useTranslations("errors");
  const words = useFailureWords();
  const { failure, refusal, limit } = preview;
  if (refusal) {
    const reason = errors.has(refusal.reason) ? refusal.reason : "unknown";
    return (
      <Note tone="cinnabar" role="alert" className="mt-3">
        <strong className="font-medium text-ink">{t("failed")}</strong>
        <p>{errors(reason, { id: refusal.requestId ?? "—", ...refusal.values })}</p>
      </Note>
    );
  }
  if (failure) {
    const { title, advice } = words(failure, { instance: source });
    return (
      <Note tone="cinnabar" role="alert" className="mt-3">
        {t.rich("failedSentence", {
          title,
          advice,
          b: (chunks) => <strong className="font-medium text-ink">{chunks}</strong>,
        })}
        {preview.rows.length > 0 ? <p>{t("failedKept")}</p> : null}
      </Note>
    );
  }
  return limit ? (
    <Note tone="gamboge" className="mt-3">
      {t(`limit.${limit}`)}
    </Note>
  ) : null;
}

function PaneBody({ preview, source, namespace, targets, tagsMarked }: PreviewPaneProps) {
  const t = useTranslations("preview");
  const { rows, totals, status } = preview;
  if (status === "idle") {
    return <p className="px-6 pt-2 text-ink-2 text-prose max-md:px-4">{t("empty.namespace")}</p>;
  }
  if (rows.length === 0) {
    return (
      <div className="px-6 pt-4 text-ink-2 max-md:px-4">
        {status === "running" ? <Waiting /> : null}
        {status === "done" && totals && !preview.failure ? (
          <Nothing totals={totals} source={source} namespace={namespace} />
        ) : null}
      </div>
    );
  }
  return (
    <div className="mt-3">
      <PreviewTable rows={rows} source={source} targets={targets} tagsMarked={tagsMarked} />
      {totals ? <Foot rows={rows.length} totals={totals} namespace={namespace} /> : null}
    </div>
  );
}

function Waiting() {
  // The rows will be there in a moment; so should be what draws them.
  useEffect(() => void loadTable(), []);
  return (
    <div aria-hidden className="late grid gap-4">
      {[168, 132, 150, 118, 141].map((width) => (
        <div key={width} className="flex gap-6">
          <Skeleton width={width} />
          <Skeleton width={64} />
          <Skeleton width={80} />
        </div>
      ))}
    </div>
  );
}

function Nothing({
  totals,
  source,
  namespace,
}: {
  totals: PreviewTotals;
  source: string;
  namespace: string;
}) {
  const t = useTranslations("preview.empty");
  const { listed, matched } = totals.repositories;
  if (listed === 0) {
    return t("nothingListed", { instance: source, ns: namespace || "/" });
  }
  return matched === 0 ? t("noRepository", { n: listed ?? 0 }) : t("noTag");
}

function Foot({ rows, totals, namespace }: { rows: number; totals: PreviewTotals; namespace: string }) {
  const t = useTranslations("preview");
  const join = useTranslations("common")("listSeparator");
  const { tags, repositories } = totals;
  const left = (repositories.listed ?? 0) - repositories.matched;
  const values = { shown: formatCount(rows), total: formatCount(tags.matched) };
  const names = repositories.unmatched
    .map((name) => (namespace ? name.slice(namespace.length + 1) : name))
    .join(join);
  return (
    <p className="px-6 py-2 text-ink-3 text-meta wrap-anywhere max-md:px-4">
      {tags.matched > rows ? `${t(tags.complete ? "firstRows" : "firstRowsAtLeast", values)} ` : null}
      {left > 0
        ? t("unmatched", {
            n: left,
            names: left > repositories.unmatched.length ? `${names}${join}${t("more")}` : names,
          })
        : null}
    </p>
  );
}
