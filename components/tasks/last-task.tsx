"use client";

import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatSpeed } from "@/lib/format/bytes.ts";
import { formatShortDuration } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount, formatRatio, handled, successRatio, taskPercent } from "@/lib/format/ratio.ts";
import type { FailureFact, LastTask as Task } from "@/lib/schemas/task.ts";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { FAILED_TEXT } from "../status/look.tsx";
import { TaskStatusBadge } from "../status/task-status.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";
import { ProgressBar } from "./progress-bar.tsx";

/** Between two remarks, with half a letter's room on either side. */
const DOT = "\u2002·\u2002";

/** What a rule's last task came to: two lines, three while it syncs. */
export function LastTask({ task, source }: { task: Task | null; source: string }) {
  const t = useTranslations("tasks.last");
  if (!task) {
    return <span className="text-ink-3">{t("none")}</span>;
  }
  return task.status === "running" ? (
    <RunningTask task={task} />
  ) : (
    <RestingTask task={task} source={source} />
  );
}

function Lines({ task, figure, children }: { task: Task; figure: string; children: ReactNode }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Link href={`/tasks/${task.id}`} className="min-w-0 hover:underline">
          <TaskStatusBadge task={task} />
        </Link>
        <span className="ml-auto whitespace-nowrap text-ink-2">{figure}</span>
      </div>
      {children}
    </>
  );
}

function RunningTask({ task }: { task: Task }) {
  const t = useTranslations("tasks");
  const bytesPerSecond = task.pace?.bytesPerSecond ?? null;
  const done = handled(task.counters);
  const percent = taskPercent(task.counters);
  const ratio = formatRatio(done, task.counters.total);
  return (
    <Lines task={task} figure={`${percent}%`}>
      <div className="mt-1">
        <ProgressBar percent={percent} label={t("progress.label")} text={t("progress.text", { ratio })} />
      </div>
      <div className="flex justify-between text-meta text-ink-3">
        <span>{ratio}</span>
        <span>{bytesPerSecond === null ? null : formatSpeed(bytesPerSecond)}</span>
      </div>
    </Lines>
  );
}

function RestingTask({ task, source }: { task: Task; source: string }) {
  const t = useTranslations("tasks.last");
  const { counters } = task;
  const ratio = successRatio(counters, task.scanEndedAt);
  if (task.status === "scanning") {
    return (
      <Lines task={task} figure={t("repositories", { n: formatCount(counters.repositoriesScanned) })}>
        <SecondLine
          at={task.claimedAt ?? task.createdAt}
          remarks={[t("tags", { n: formatCount(counters.tagsScanned) })]}
        />
      </Lines>
    );
  }
  return (
    <Lines task={task} figure={ratio ? formatRatio(ratio.done, ratio.of) : "—"}>
      {task.failure ? <Failure failure={task.failure} source={source} /> : <Remarked task={task} />}
    </Lines>
  );
}

/** A component of its own: its texts are looked up where a task failed, not in each row. */
function Failure({ failure, source }: { failure: FailureFact; source: string }) {
  const { title } = useFailureWords()(failure, { instance: source });
  return (
    <div
      className={`truncate text-meta max-md:line-clamp-2 max-md:whitespace-normal ${FAILED_TEXT}`}
      title={title}
    >
      {title}
    </div>
  );
}

/** What is worth saying after the time, what failed first: the end is cut where there is no room. */
function Remarked({ task }: { task: Task }) {
  const t = useTranslations("tasks.last");
  const queued = useTranslations("tasks.remark");
  const locale = useLocale() as Locale;
  const { counters } = task;
  const remarks: string[] = [];
  if (counters.failed > 0) {
    remarks.push(t("failed", { n: formatCount(counters.failed) }));
  }
  if (task.queue?.behind) {
    remarks.push(queued("behindTask", { task: `#${task.queue.behind.number}` }));
  } else if (task.queue && task.queue.ahead > 0) {
    remarks.push(queued("behind", { n: task.queue.ahead }));
  } else if (task.status === "stopped" && task.stoppedBy) {
    remarks.push(t("stoppedBy", { user: task.stoppedBy }));
  } else if (task.status === "nothing-matched") {
    remarks.push(t("scanned", { n: formatCount(counters.repositoriesScanned) }));
  } else if (task.claimedAt && task.endedAt) {
    remarks.push(formatShortDuration(Date.parse(task.endedAt) - Date.parse(task.claimedAt), locale));
  }
  if (counters.skipped > 0) {
    remarks.push(t("skipped", { n: formatCount(counters.skipped) }));
  }
  return <SecondLine at={task.endedAt ?? task.createdAt} remarks={remarks} />;
}

/** The line is cut where there is no room: the remarks are whole in their title. */
function SecondLine({ at, remarks }: { at: string; remarks: readonly string[] }) {
  return (
    <div className="truncate text-meta text-ink-3">
      <RelativeTime at={at} />
      {remarks.length > 0 ? (
        <span title={remarks.join(DOT)}>{remarks.map((remark) => DOT + remark).join("")}</span>
      ) : null}
    </div>
  );
}
