"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { byteFigure, formatBytes, formatSpeed } from "@/lib/format/bytes.ts";
import { formatCount, formatPercent } from "@/lib/format/ratio.ts";
import type { Overview } from "@/lib/schemas/overview.ts";
import { TASK_STATUSES, type TaskStatus } from "@/lib/schemas/words.ts";
import { Link } from "../kit/link.tsx";
import { TaskStatusIcon } from "../status/task-status.tsx";

const DAY = "/tasks?since=24h";
const ENDED = ["succeeded", "partial", "failed"] as const satisfies readonly TaskStatus[];

/** The numbers of the last 24 hours; each leads to the list behind it. */
export function Figures({ overview }: { overview: Overview }) {
  const t = useTranslations("overview.figures");
  const { tasks, tagsCopied, tagsUpToDate, bytesCopied, running } = overview;
  const all = TASK_STATUSES.reduce((sum, status) => sum + tasks[status], 0);
  const ended = ENDED.reduce((sum, status) => sum + tasks[status], 0);
  const bytes = byteFigure(bytesCopied);
  return (
    <section
      aria-label={t("label")}
      className="grid grid-cols-[1.6fr_1fr_1fr_1fr_1fr] gap-x-6 gap-y-5 border-line border-b px-6 py-5 max-md:grid-cols-2 max-md:px-4 md:max-xl:grid-cols-3"
    >
      <Figure label={t("tasks")} href={DAY} value={formatCount(all)} wide>
        {all === 0 ? t("noTasks") : <ByStatus tasks={tasks} />}
      </Figure>
      <Figure
        label={t("success")}
        href={`${DAY}&status=succeeded`}
        value={formatPercent(tasks.succeeded, ended)}
      >
        {ended === 0
          ? t("nothingEnded")
          : t("successOf", { ok: formatCount(tasks.succeeded), of: formatCount(ended) })}
      </Figure>
      <Figure label={t("tags")} href={DAY} value={formatCount(tagsCopied)}>
        {tagsUpToDate > 0 ? t("tagsUpToDate", { n: formatCount(tagsUpToDate) }) : null}
      </Figure>
      <Figure label={t("bytes")} href={DAY} value={bytes.value} unit={bytes.unit}>
        {all > 0 ? t("bytesMean", { bytes: formatBytes(bytesCopied / all) }) : null}
      </Figure>
      <Figure label={t("running")} href="/tasks?status=running" value={formatCount(running.count)}>
        <Speed overview={overview} />
      </Figure>
    </section>
  );
}

function Figure({
  label,
  value,
  unit,
  href,
  wide = false,
  children,
}: {
  label: string;
  value: string;
  unit?: string;
  href: string;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={wide ? "min-w-0 max-md:col-span-2" : "min-w-0"}>
      <Link href={href} className="group block w-fit">
        <span className="block text-ink-3 text-meta group-hover:text-azurite-fg">{label}</span>
        <span className="block font-medium text-figure group-hover:underline group-hover:underline-offset-4">
          {value}
          {unit ? <span className="ml-1 font-normal text-body text-ink-2">{unit}</span> : null}
        </span>
      </Link>
      <div className="text-ink-3 text-meta">{children}</div>
    </div>
  );
}

/** How the tasks stand, those that are none left out; success is not louder than the rest. */
function ByStatus({ tasks }: { tasks: Overview["tasks"] }) {
  const t = useTranslations("status.task");
  const shown = TASK_STATUSES.filter((status) => tasks[status] > 0).sort(
    (a, b) => Number(b === "succeeded") - Number(a === "succeeded"),
  );
  return (
    <ul className="flex flex-wrap gap-x-3">
      {shown.map((status) => (
        <li key={status}>
          <Link
            href={`${DAY}&status=${status}`}
            className="inline-flex min-h-6 items-center gap-1 whitespace-nowrap text-ink-2 hover:underline"
          >
            <TaskStatusIcon status={status} />
            {t(status)}
            <span>{formatCount(tasks[status])}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Of the tasks shown together. */
function Speed({ overview: { running } }: { overview: Overview }) {
  const t = useTranslations("overview.figures");
  if (running.count === 0) {
    return t("noneRunning");
  }
  const speeds = running.rows.flatMap(({ pace }) => pace?.bytesPerSecond ?? []);
  return speeds.length === 0
    ? t("measuring")
    : t("speed", { speed: formatSpeed(speeds.reduce((sum, speed) => sum + speed, 0)) });
}
