"use client";

import { useLocale, useTranslations } from "next-intl";
import { sentenceGap } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { type FailureKey, failureKey } from "@/lib/schemas/failure-key.ts";
import type { Instant, TaskRow, Trigger } from "@/lib/schemas/task.ts";
import { lazily } from "../kit/lazily.tsx";
import { Link } from "../kit/link.tsx";
import { Note } from "../kit/note.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { isRateLimit, JoinedBadge } from "../status/task-status.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";
import { useUntil } from "./countdown.tsx";

const ThrottleNote = lazily(() =>
  import("../limits/throttle-note.tsx").then((module) => module.ThrottleNote),
);

export interface TaskJoin {
  id: string;
  at: Instant;
  trigger: Trigger;
  by: string | null;
}

/** What must be said before any figure: why it waits, why the scan broke off, why nothing matched, who stopped it. */
export function TaskNotes({ task, joins: initial }: { task: TaskRow; joins: readonly TaskJoin[] }) {
  const joins = useJoins(task, initial);
  const notes = [
    task.waiting && !task.endedAt ? <WaitingNote key="waiting" task={task} waiting={task.waiting} /> : null,
    task.throttle && !task.endedAt ? <ThrottleNote key="throttle" throttle={task.throttle} /> : null,
    task.failure ? <ScanFailureNote key="failure" task={task} /> : null,
    task.status === "nothing-matched" ? <NothingMatchedNote key="nothing" task={task} /> : null,
    task.status === "stopped" ? <StoppedNote key="stopped" task={task} /> : null,
    task.status === "pending" ? <PendingNote key="pending" task={task} /> : null,
  ].filter((note) => note !== null);
  if (notes.length === 0 && joins.length === 0) {
    return null;
  }
  return (
    <div className="grid gap-2 px-6 pt-3 max-md:px-4">
      {notes}
      <JoinLines joins={joins} />
    </div>
  );
}

function WaitingNote({ task, waiting }: { task: TaskRow; waiting: NonNullable<TaskRow["waiting"]> }) {
  const t = useTranslations("tasks.note");
  const gap = sentenceGap(useLocale() as Locale);
  const { clock, left } = useUntil(waiting.until);
  const instance = waiting.instanceName || task.sourceInstance.name;
  return (
    <Note tone="gamboge">
      {t(isRateLimit(waiting.reason) ? "rateLimited" : "backingOff", { instance, time: clock })}
      {gap}
      <span suppressHydrationWarning>{left === null ? null : t("left", { left })}</span>
    </Note>
  );
}

function ScanFailureNote({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.note");
  const words = useFailureWords();
  if (!task.failure) {
    return null;
  }
  const { title, advice } = words(task.failure, {
    instance: task.failure.side === "target" ? undefined : task.sourceInstance.name,
    namespace: task.sourceNamespace,
  });
  const key = failureKey(task.failure);
  return (
    <Note tone="cinnabar">
      {/* Nothing was scanned where there is no target to scan for. */}
      <p className="font-medium text-ink">
        {key === "targets-paused" ? title : t("scanFailed", { reason: title })}
      </p>
      <p>
        {advice} <WayToMend task={task} failure={key} />
      </p>
      {task.failure.request ? <code className="block wrap-anywhere">{task.failure.request}</code> : null}
      {task.failure.registryMessage ? (
        <code className="block wrap-anywhere">{task.failure.registryMessage}</code>
      ) : null}
    </Note>
  );
}

/** To where the advice is followed: the rule whose targets are set anew, the source whose credential is replaced; and the rule that is triggered again. */
function WayToMend({ task, failure }: { task: TaskRow; failure: FailureKey }) {
  const t = useTranslations("tasks.note");
  if (failure === "targets-paused") {
    return (
      <Link href={`/rules/${task.ruleId}/edit`} className="link">
        {t("editRule")}
      </Link>
    );
  }
  return (
    <>
      {failure === "credentials" && task.failure?.side !== "target" ? (
        <Link href={`/instances/${task.sourceInstance.id}`} className="link mr-3">
          {t("viewInstance", { instance: task.sourceInstance.name })}
        </Link>
      ) : null}
      <Link href={`/rules/${task.ruleId}`} className="link">
        {t("toRule")}
      </Link>
    </>
  );
}

function NothingMatchedNote({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.note");
  const gap = sentenceGap(useLocale() as Locale);
  const { repositoriesScanned, tagsScanned } = task.counters;
  return (
    <Note tone="gamboge">
      {t(repositoriesScanned === 0 ? "emptyNamespace" : "nothingMatched", {
        namespace: task.sourceNamespace,
        instance: task.sourceInstance.name,
        n: formatCount(repositoriesScanned),
        m: formatCount(tagsScanned),
      })}
      {gap}
      {task.closestName
        ? t.rich("closest", {
            name: task.closestName,
            code: (name) => <code className="mx-0.5">{name}</code>,
          })
        : null}{" "}
      <Link href={`/rules/${task.ruleId}/edit`} className="link">
        {t("editRule")}
      </Link>
    </Note>
  );
}

function StoppedNote({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.note");
  return (
    <Note tone="azurite">
      {t(task.stoppedBy ? "stoppedBy" : "stopped", {
        user: task.stoppedBy ?? "",
        n: formatCount(task.counters.copied),
      })}
    </Note>
  );
}

/** What it waits for: the task of its rule that is at work, or a worker. */
function PendingNote({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks.note");
  const { behind = null, ahead = 0 } = task.queue ?? {};
  return (
    <Note tone="azurite">
      {behind
        ? t.rich("behindTask", {
            task: `#${behind.number}`,
            link: (words) => (
              <Link href={`/tasks/${behind.id}`} className="link">
                {words}
              </Link>
            ),
          })
        : ahead > 0
          ? t("behind", { n: ahead })
          : t("waitsForWorker")}
    </Note>
  );
}

/** Triggers that joined this task while it waited (已合并). */
function JoinLines({ joins }: { joins: readonly TaskJoin[] }) {
  const t = useTranslations("tasks.join");
  const trigger = useTranslations("status.trigger");
  if (joins.length === 0) {
    return null;
  }
  return (
    <ul aria-label={t("label")} className="grid gap-0.5 text-meta">
      {joins.map((join) => (
        <li key={join.id} className="flex flex-wrap items-center gap-x-2 text-ink-3">
          <JoinedBadge />
          {join.by ? t("by", { user: join.by, trigger: trigger(join.trigger) }) : trigger(join.trigger)}
          <RelativeTime at={join.at} />
        </li>
      ))}
    </ul>
  );
}

/** Only a task that waits can be joined. */
function useJoins(task: TaskRow, initial: readonly TaskJoin[]): readonly TaskJoin[] {
  const { data } = useQuery({
    queryKey: queryKeys.joins(task.id),
    queryFn: ({ signal }) => fetchJson<TaskJoin[]>(`/api/tasks/${task.id}/joins`, signal),
    initialData: [...initial],
    enabled: task.status === "pending",
  });
  return data;
}
