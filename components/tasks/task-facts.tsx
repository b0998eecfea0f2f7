"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatDuration } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";
import { lazily } from "../kit/lazily.tsx";
import { Link } from "../kit/link.tsx";
import { AbsoluteTime } from "../kit/relative-time.tsx";
import { NamespaceName } from "../rules/namespace-name.tsx";
import { TaskDuration } from "./task-time.tsx";

const NarrowingFacts = lazily(() =>
  import("../rules/narrowing-facts.tsx").then((module) => module.NarrowingFacts),
);

/** One line: who started it, when, from where to where, and what it repeats. */
export function TaskFacts({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.facts");
  // Which they are is told with their results, right below.
  const several = task.targets.length > 1;
  return (
    <p className="facts text-meta text-ink-3">
      <span>
        {task.triggeredBy === null && (task.trigger === "manual" || task.trigger === "verify")
          ? t(task.trigger === "manual" ? "byHand" : "verifyBySchedule")
          : t(task.trigger, { user: task.triggeredBy ?? "" })}
      </span>
      <span>
        {t("created")} <AbsoluteTime at={task.createdAt} />
      </span>
      <span className="min-w-0">
        <span className="inline-flex min-w-0 max-w-full flex-wrap items-baseline gap-x-1.5">
          {task.sourceInstance.name}
          <NamespaceName namespace={task.sourceNamespace} className="text-ink-2" />
          {/* A scan that failed since every target is paused has none. */}
          {task.targets.length > 0 ? <span>→</span> : null}
          {several ? (
            t("targets", { count: task.targets.length })
          ) : (
            <Target target={task.targets[0]} sourceNamespace={task.sourceNamespace} />
          )}
        </span>
      </span>
      {task.narrowing ? <NarrowingFacts narrowing={task.narrowing} /> : null}
      {task.claimedAt ? (
        <span>
          {t(task.endedAt ? "took" : "taking")} <TaskDuration task={task} prose />
          <QueuedFor task={task} />
        </span>
      ) : null}
      {task.retryOf ? (
        <Link href={`/tasks/${task.retryOf.id}`} className="link">
          {t("retryOf", { task: `#${task.retryOf.number}` })}
        </Link>
      ) : null}
    </p>
  );
}

function Target({
  target,
  sourceNamespace,
}: {
  target: TaskRow["targets"][number] | undefined;
  sourceNamespace: string;
}) {
  return target ? (
    <>
      {target.instance.name}
      <NamespaceName namespace={target.namespace ?? sourceNamespace} className="min-w-0 text-ink-2" />
    </>
  ) : null;
}

/** A wait in the queue worth telling; it is no part of 任务耗时. */
const WORTH_TELLING_MS = 3_000;

function QueuedFor({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.facts");
  const locale = useLocale() as Locale;
  const ms = task.claimedAt ? Date.parse(task.claimedAt) - Date.parse(task.createdAt) : 0;
  return ms < WORTH_TELLING_MS ? null : t("queued", { duration: formatDuration(ms, locale) });
}
