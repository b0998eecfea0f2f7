"use client";

import clsx from "clsx";
import { useLocale, useTranslations } from "next-intl";
import { formatDuration, formatEstimate } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount, formatRatio, handled, runningShare, taskPercent } from "@/lib/format/ratio.ts";
import type { TaskRow, TransferStatus } from "@/lib/schemas/task.ts";
import { lazily } from "../kit/lazily.tsx";
import { TRANSFER_FILL } from "../status/fills.ts";
import { Tread, type TreadState } from "./tread.tsx";

// Most tasks prove nothing.
const VerifyTread = lazily(() => import("../verify/verify-tread.tsx").then((module) => module.VerifyTread));

const FIRST_RISE = 0;
const SECOND_RISE = 8;

interface Part {
  status: TransferStatus;
  count: number;
}

/** The parts of the bar, in the order of the legend; what waits is the track itself, and what runs counts as far as it is. */
export function partsOf({ counters }: Pick<TaskRow, "counters">): Part[] {
  return [
    { status: "copied", count: counters.copied },
    { status: "up-to-date", count: counters.upToDate },
    { status: "skipped", count: counters.skipped },
    { status: "failed", count: counters.failed },
    { status: "stopped", count: counters.stopped },
    { status: "running", count: counters.running * runningShare(counters) },
  ];
}

/** Two treads, 扫描 and 同步, and 校验 where the task does that, each one step up; risers join them. */
export function PhaseTrack({ task, remainingMs }: { task: TaskRow; remainingMs: number | null }) {
  return (
    <section className="flex px-6 pt-3 max-md:flex-col max-md:gap-3 max-md:px-4">
      <ScanTread task={task} />
      <i
        aria-hidden
        className="w-0.5 self-end max-md:hidden"
        style={{ height: 16, marginBottom: FIRST_RISE, background: TRANSFER_FILL.pending }}
      />
      <SyncTread task={task} remainingMs={remainingMs} />
      {task.verify ? <VerifyTread task={task} depth={task.verify} /> : null}
    </section>
  );
}

function ScanTread({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.phase");
  const locale = useLocale() as Locale;
  const { counters } = task;
  const scanned = task.scanEndedAt !== null;
  const broken = !scanned && task.endedAt !== null;
  const state = scanned ? "done" : broken ? "broken" : task.status === "pending" ? "waiting" : "active";
  const took =
    task.claimedAt && task.scanEndedAt
      ? formatDuration(Date.parse(task.scanEndedAt) - Date.parse(task.claimedAt), locale)
      : t(`state.${state}`);
  return (
    <Tread
      name={t("scan")}
      state={state}
      beside={took}
      rise={FIRST_RISE}
      className={task.verify ? "flex-[3.6]" : "flex-[2.4] md:max-xl:flex-[3.8]"}
      result={t("scanned", {
        repositories: formatCount(counters.repositoriesScanned),
        tags: formatCount(counters.tagsScanned),
      })}
    >
      <div
        role="progressbar"
        aria-label={t("scan")}
        aria-valuetext={t("scanned", {
          repositories: counters.repositoriesScanned,
          tags: counters.tagsScanned,
        })}
        className="h-2 overflow-hidden bg-track"
      >
        {/* How much there is to list is not known before its end: a part of the tread moves. */}
        <div
          className={clsx("h-full", state === "active" && "animate-pulse motion-reduce:animate-none")}
          style={{
            width: state === "done" ? "100%" : state === "waiting" ? 0 : "35%",
            background:
              state === "done"
                ? TRANSFER_FILL.copied
                : state === "broken"
                  ? TRANSFER_FILL.failed
                  : TRANSFER_FILL.running,
          }}
        />
      </div>
    </Tread>
  );
}

/** Where nothing was to be synced, nothing is done either. */
function endOf({ total, failed, stopped }: TaskRow["counters"]): TreadState {
  return total === 0 ? "waiting" : failed + stopped > 0 ? "broken" : "done";
}

/** Why nothing has been synced, where there is nothing to count. */
function nothingOf({ endedAt, scanEndedAt }: TaskRow) {
  return endedAt ? (scanEndedAt ? "nothing" : "never") : "afterScan";
}

function SyncTread({ task, remainingMs }: { task: TaskRow; remainingMs: number | null }) {
  const t = useTranslations("tasks.phase");
  const locale = useLocale() as Locale;
  const { counters } = task;
  const done = handled(counters);
  const active = task.status === "running";
  const state = task.endedAt ? endOf(counters) : active ? "active" : "waiting";
  const ratio = formatRatio(done, counters.total);
  const estimate = formatEstimate(remainingMs, locale);
  const result =
    counters.total === 0
      ? t(nothingOf(task))
      : active && !task.waiting && !task.stopRequestedAt
        ? t("handledLeft", { ratio, estimate })
        : t("handled", { ratio });
  const percent = taskPercent(counters);
  return (
    <Tread
      name={t("sync")}
      state={state}
      beside={counters.total > 0 ? `${percent}%` : null}
      rise={SECOND_RISE}
      className={task.verify ? "flex-[5]" : "flex-[7.6]"}
      result={result}
    >
      <div
        role="progressbar"
        aria-label={t("sync")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={result}
        className="flex h-2 gap-px bg-track"
      >
        {partsOf(task).map(({ status, count }) =>
          count > 0 ? (
            <div
              key={status}
              className="h-full min-w-0.5 transition-[width] duration-1000 ease-linear motion-reduce:transition-none"
              style={{
                width: `${(count / Math.max(1, counters.total)) * 100}%`,
                background: TRANSFER_FILL[status],
              }}
            />
          ) : null,
        )}
      </div>
    </Tread>
  );
}
