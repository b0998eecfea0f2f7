"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatBytes, formatSpeed } from "@/lib/format/bytes.ts";
import { joinClauses } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount, formatRatio, handled, successRatio, taskPercent } from "@/lib/format/ratio.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";
import { FAILED_TEXT, WAITING_TEXT } from "../status/look.tsx";
import { TaskStatusBadge } from "../status/task-status.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";
import { useUntil } from "./countdown.tsx";
import { ProgressBar } from "./progress-bar.tsx";

/** 同步状态: the word, and what is most worth knowing beside it; in a cell that cuts what it has no room for. */
export function TaskOutcome({ task }: { task: TaskRow }) {
  if (task.waiting && !task.endedAt) {
    return (
      <>
        <TaskStatusBadge task={task} />
        <WaitingRemark until={task.waiting.until} />
      </>
    );
  }
  return task.status === "running" ? (
    <RunningOutcome task={task} />
  ) : (
    <>
      <TaskStatusBadge task={task} />
      <OutcomeRemark task={task} />
    </>
  );
}

/** How far it is. What is left is no part of a list's rows: the page of the task says it. */
function RunningOutcome({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks");
  const done = handled(task.counters);
  const percent = taskPercent(task.counters);
  const ratio = formatRatio(done, task.counters.total);
  return (
    <div>
      <div className="mb-1 flex items-center gap-2">
        <TaskStatusBadge task={task} />
        <span className="ml-auto text-ink-2">{`${percent}%`}</span>
      </div>
      <ProgressBar percent={percent} label={t("progress.label")} text={t("progress.text", { ratio })} />
    </div>
  );
}

function OutcomeRemark({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.remark");
  const locale = useLocale() as Locale;
  const failure = useFailureWords();
  const { counters } = task;
  if (task.failure) {
    const { title } = failure(task.failure, { instance: task.sourceInstance.name });
    // A line of its own: it says what to mend. On a phone it takes as many as it needs.
    return (
      <span className={`block truncate text-meta max-md:whitespace-normal ${FAILED_TEXT}`} title={title}>
        {title}
      </span>
    );
  }
  const words =
    task.status === "scanning"
      ? t("scanning", { n: formatCount(counters.tagsScanned) })
      : counters.failed > 0
        ? joinClauses(
            [
              t("failed", { n: formatCount(counters.failed) }),
              ...(task.status === "stopped" && task.stoppedBy
                ? [t("stoppedBy", { user: task.stoppedBy })]
                : []),
            ],
            locale,
          )
        : task.status === "stopped" && task.stoppedBy
          ? t("stoppedBy", { user: task.stoppedBy })
          : task.queue
            ? task.queue.behind
              ? t("behindTask", { task: `#${task.queue.behind.number}` })
              : task.queue.ahead > 0
                ? t("behind", { n: task.queue.ahead })
                : null
            : task.status === "nothing-matched"
              ? t("scanned", { n: formatCount(counters.repositoriesScanned) })
              : null;
  return words === null ? null : <span className="ml-2 text-meta text-ink-3">{words}</span>;
}

/** Until when it waits, counting down. */
export function WaitingRemark({ until }: { until: string }) {
  const t = useTranslations("tasks.remark");
  const { clock, left } = useUntil(until);
  return (
    <span className="block truncate text-gamboge-fg text-meta" suppressHydrationWarning>
      {left === null ? (
        t("until", { time: clock })
      ) : (
        <>
          <span className="md:max-xl:hidden">{t("untilLeft", { time: clock, left })}</span>
          {/* No room for both: the page of the task tells what is left. */}
          <span className="hidden md:max-xl:inline">{t("until", { time: clock })}</span>
        </>
      )}
    </span>
  );
}

/** Whether there are figures; else a word or `—` stands for them. */
export const hasRatio = ({ counters, scanEndedAt }: TaskRow): boolean =>
  successRatio(counters, scanEndedAt) !== null;

/** 成功比例: n/m, 跳过 k beside it; `—` until the scan has ended. Its cell is quiet and does not break. */
export function TaskRatio({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks");
  const ratio = successRatio(task.counters, task.scanEndedAt);
  const { skipped, failed } = task.counters;
  if (!ratio) {
    return skipped > 0 && task.scanEndedAt ? t("skippedOnly", { n: formatCount(skipped) }) : "—";
  }
  return (
    <>
      <span className={failed === 0 ? "text-ink" : ratio.done > 0 ? WAITING_TEXT : FAILED_TEXT}>
        {formatCount(ratio.done)}
      </span>
      {`/${formatCount(ratio.of)}`}
      {skipped > 0 ? (
        <span className="block text-meta">{t("skipped", { n: formatCount(skipped) })}</span>
      ) : null}
    </>
  );
}

/** The mean speed, as the cell of the bytes says it on hover. */
export function meanSpeedWords(task: TaskRow): string | undefined {
  const mean = meanSpeed(task);
  return mean ? formatSpeed(mean) : undefined;
}

/** 字节 / 速度: what was sent, and how fast while it runs. */
export function TaskBytes({ task }: { task: TaskRow }) {
  const bytesPerSecond = task.pace?.bytesPerSecond ?? null;
  const { bytesCopied } = task.counters;
  if (task.claimedAt === null) {
    return "—";
  }
  return (
    <>
      {formatBytes(bytesCopied)}
      {task.status === "running" && bytesPerSecond !== null ? (
        <span className="block text-meta text-ink-3">{formatSpeed(bytesPerSecond)}</span>
      ) : null}
    </>
  );
}

/** Bytes per second over the whole task, or over its time until now; null for one that took no time yet. */
export function meanSpeed(task: TaskRow): number | null {
  const until = task.endedAt ?? task.pace?.at;
  if (!task.claimedAt || !until) {
    return null;
  }
  const ms = Date.parse(until) - Date.parse(task.claimedAt);
  return ms > 0 ? (task.counters.bytesCopied * 1000) / ms : null;
}
