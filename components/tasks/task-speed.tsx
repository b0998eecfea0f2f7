"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { formatSpeed } from "@/lib/format/bytes.ts";
import { keepingPage } from "@/lib/format/search-href.ts";
import type { TaskRow, TaskSample } from "@/lib/schemas/task.ts";
import { lazily } from "../kit/lazily.tsx";
import { TextLink } from "../kit/text-action.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { curveOf } from "./curve.ts";
import { meanSpeed } from "./task-outcome.tsx";
import { ThroughputChart } from "./throughput-chart.tsx";

const ThroughputTable = lazily(() =>
  import("./throughput-table.tsx").then((module) => module.ThroughputTable),
);

/** The worker writes a point every two seconds or less often; what came since is in the task's row. */
const SAMPLES_MS = 10_000;
/** Rows of the table of numbers. */
const TABLE_ROWS = 60;

interface TaskSpeedProps {
  task: TaskRow;
  initial: TaskSample[];
  /** The numbers are shown instead of the curve. */
  asData: boolean;
  search: string;
}

/** How fast it goes now, and went over its whole time: as a curve, or as numbers. */
export function TaskSpeed({ task, initial, asData, search }: TaskSpeedProps) {
  const t = useTranslations("tasks.figure");
  const chart = useTranslations("tasks.chart");
  const live = task.endedAt === null;
  const samples = useSamples(task, initial);
  const now = task.pace ? { at: task.pace.at, bytesCopied: task.counters.bytesCopied } : null;
  const curve = curveOf(samples, now, asData ? TABLE_ROWS : undefined);
  const mean = meanSpeed(task);
  return (
    <section aria-label={t(live ? "speed" : "meanSpeed")} className="min-w-0">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <span className="text-ink-3 text-meta">{t(live ? "speed" : "meanSpeed")}</span>
        <span className="font-medium">
          <Speed task={task} mean={mean} />
        </span>
        {curve && mean !== null ? (
          <span className="ml-auto text-ink-3 text-meta md:max-lg:whitespace-nowrap xl:whitespace-nowrap">
            {live ? (
              <>
                {chart("mean", { speed: formatSpeed(mean) })}
                <span className="sep">{"·"}</span>
              </>
            ) : null}
            {chart("peak", { speed: formatSpeed(curve.peak) })}
            <span className="sep">{"·"}</span>
            <TextLink
              href={keepingPage(`/tasks/${task.id}`, search, { data: asData ? null : "1" })}
              scroll={false}
              className="text-meta"
            >
              {chart(asData ? "showCurve" : "showData")}
            </TextLink>
          </span>
        ) : null}
      </div>
      {curve ? (
        asData ? (
          <ThroughputTable curve={curve} />
        ) : (
          <ThroughputChart curve={curve} mean={mean} live={live} />
        )
      ) : task.claimedAt ? (
        <p className="mt-2 text-ink-3 text-meta">
          {chart(live ? "tooEarly" : task.counters.bytesCopied === 0 ? "nothingSent" : "tooShort")}
        </p>
      ) : null}
    </section>
  );
}

/** The curve of a task that has ended is another one: its end is in it. */
function useSamples(task: TaskRow, initial: TaskSample[]): TaskSample[] {
  const ended = task.endedAt !== null;
  const [initiallyEnded] = useState(ended);
  const { data } = useQuery({
    queryKey: queryKeys.samples(task.id, ended),
    queryFn: ({ signal }) => fetchJson<TaskSample[]>(`/api/tasks/${task.id}/samples`, signal),
    initialData: ended === initiallyEnded ? initial : undefined,
    placeholderData: (previous) => previous,
    staleTime: SAMPLES_MS,
    refetchInterval: !ended && task.claimedAt !== null ? SAMPLES_MS : false,
  });
  return data ?? initial;
}

function Speed({ task, mean }: { task: TaskRow; mean: number | null }) {
  const t = useTranslations("tasks.figure");
  if (task.endedAt) {
    return mean === null || task.counters.bytesCopied === 0 ? "—" : formatSpeed(mean);
  }
  const speed = task.pace?.bytesPerSecond ?? null;
  return speed === null ? t(task.claimedAt ? "measuring" : "notStarted") : formatSpeed(speed);
}
