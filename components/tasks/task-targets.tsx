"use client";

import { useTranslations } from "next-intl";
import { formatCount } from "@/lib/format/ratio.ts";
import type { TargetCounts, TaskRow, TransferStatus } from "@/lib/schemas/task.ts";
import { NamespaceName } from "../rules/namespace-name.tsx";
import { TransferStatusIcon } from "../status/transfer-status.tsx";

const COUNTED = [
  ["failed", "failed"],
  ["stopped", "stopped"],
  ["running", "running"],
  ["pending", "waiting"],
  ["copied", "copied"],
  ["up-to-date", "upToDate"],
  ["skipped", "skipped"],
] as const satisfies readonly (readonly [TransferStatus, string])[];

/** What a task with several targets came to at each of them. */
export function TaskTargets({ task }: { task: TaskRow }) {
  const t = useTranslations("lag.targets");
  return (
    <section aria-label={t("title")} className="border-line border-b px-6 py-3 max-md:px-4">
      <h2 className="mb-1 font-normal text-ink-3 text-meta">{t("title")}</h2>
      <ul className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-1">
        {task.targets.map(({ instance, namespace, counts }) => (
          <li key={`${instance.id} ${namespace}`} className="flex min-w-0 flex-wrap items-baseline gap-x-4">
            <span className="inline-flex min-w-0 max-w-full items-baseline gap-1.5 max-md:w-full md:w-[264px]">
              <span className="max-w-[60%] shrink-0 truncate">{instance.name}</span>
              <NamespaceName namespace={namespace ?? task.sourceNamespace} className="text-ink-3" />
            </span>
            <Counts counts={counts ?? {}} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Counts({ counts }: { counts: TargetCounts }) {
  const t = useTranslations("lag.targets");
  const shown = COUNTED.flatMap(([status, word]) => {
    const n = counts[status] ?? 0;
    return n > 0 ? [{ status, words: t(word, { n: formatCount(n) }) }] : [];
  });
  if (shown.length === 0) {
    return <span className="text-ink-3">{t("nothing")}</span>;
  }
  return shown.map(({ status, words }) => (
    <span key={status} className="inline-flex items-baseline gap-1.5 [&>svg]:self-center">
      <TransferStatusIcon status={status} />
      {words}
    </span>
  ));
}
