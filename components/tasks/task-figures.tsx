"use client";

import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { byteFigure, formatBytes } from "@/lib/format/bytes.ts";
import { joinClauses } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount, successRatio } from "@/lib/format/ratio.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";

/** One number that matters, its unit, and a line below. */
export function Figure({
  label,
  value,
  unit,
  children,
}: {
  label: string;
  value: ReactNode;
  unit?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="min-w-0">
      <dt className="text-meta text-ink-3">{label}</dt>
      <dd className="mt-0.5">
        <span className="flex items-baseline gap-1 whitespace-nowrap">
          <span className="font-medium text-figure tracking-[-0.01em]">{value}</span>
          {unit ? <span className="text-ink-3">{unit}</span> : null}
        </span>
        <span className="block min-h-[18px] text-meta text-ink-3">{children}</span>
      </dd>
    </div>
  );
}

/** The counters of a task: share of success, repositories, bytes that were sent and bytes that were there. */
export function TaskFigures({ task }: { task: TaskRow }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("tasks.figure");
  const { counters } = task;
  const ratio = successRatio(counters, task.scanEndedAt);
  const copied = byteFigure(counters.bytesCopied);
  const reused = byteFigure(counters.bytesMounted + counters.bytesSkipped);
  const remarks = [
    counters.failed > 0 ? t("failed", { n: formatCount(counters.failed) }) : null,
    counters.skipped > 0 ? t("skipped", { n: formatCount(counters.skipped) }) : null,
    counters.stopped > 0 ? t("stopped", { n: formatCount(counters.stopped) }) : null,
  ].filter((remark) => remark !== null);
  return (
    <dl className="grid grid-cols-2 content-start gap-x-6 gap-y-2.5">
      <Figure
        label={t("ratio")}
        value={ratio ? formatCount(ratio.done) : "—"}
        unit={ratio ? `/ ${formatCount(ratio.of)}` : null}
      >
        {ratio || task.endedAt ? joinClauses(remarks, locale) : t("afterScan")}
      </Figure>
      <Figure label={t("repositories")} value={formatCount(counters.repositories)}>
        {t("transfers", { n: formatCount(counters.total) })}
      </Figure>
      <Figure label={t("copied")} value={copied.value} unit={copied.unit}>
        {counters.bytesTotal > 0 ? t("ofBytes", { bytes: formatBytes(counters.bytesTotal) }) : null}
      </Figure>
      <Figure label={t("reused")} value={reused.value} unit={reused.unit}>
        {t("reusedHint")}
      </Figure>
    </dl>
  );
}
