"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatSpan } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import type { MissingTag, TargetState } from "@/lib/schemas/rule.ts";
import type { TaskStatus } from "@/lib/schemas/words.ts";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { useNow } from "../kit/use-now.ts";
import { TaskStatusBadge } from "../status/task-status.tsx";

interface TargetStandingProps {
  state: TargetState;
  /** Tasks leave the target out: nobody looks whether it is behind. */
  paused?: boolean;
}

/** Their task saw the whole source: after one that failed or was stopped nobody knows whether something is missing. */
const SEEN: ReadonlySet<TaskStatus> = new Set(["succeeded", "partial", "nothing-matched"]);

/** One target of a rule: how its last task did there, and how far it is behind its source. */
export function TargetStanding({ state, paused = false }: TargetStandingProps) {
  const t = useTranslations("lag");
  const { result, missing, succeededAt } = state;
  return (
    <p className="facts text-ink-2 text-meta">
      {result ? (
        <span className="inline-flex min-w-0 flex-wrap items-center gap-x-1.5">
          <span className="sr-only">{t("result")}</span>
          <TaskStatusBadge task={result} />
          <TaskNumber result={result} />
          <RelativeTime at={result.endedAt} className="text-ink-3" />
        </span>
      ) : (
        <span className="text-ink-3">{t("none")}</span>
      )}
      {missing ? (
        <Behind missing={missing} />
      ) : result && !paused && SEEN.has(result.status) ? (
        <span>{t("level")}</span>
      ) : null}
      {result && result.status !== "succeeded" && succeededAt ? (
        <span className="text-ink-3">
          {t("lastSuccess")} <RelativeTime at={succeededAt} />
        </span>
      ) : null}
    </p>
  );
}

function TaskNumber({ result }: { result: NonNullable<TargetState["result"]> }) {
  return result.number === null ? null : (
    <Link href={`/tasks/${result.taskId}`} className="link">
      {`#${result.number}`}
    </Link>
  );
}

/** A page says “more than” beyond this; the data counts one further. */
const MORE_COUNTED = 1_000;

/** The age of the oldest tag that is missing, and which it is. */
function Behind({ missing }: { missing: MissingTag }) {
  const t = useTranslations("lag");
  const locale = useLocale() as Locale;
  const now = useNow();
  const span = formatSpan(Math.max(0, Date.parse(now) - Date.parse(missing.since)), locale);
  const tag = () => <Missing missing={missing} />;
  // In Chinese the count holds the tag that is named.
  const n = missing.more + (locale === "zh-CN" ? 1 : 0);
  const words =
    missing.more === 0
      ? t.rich("oldest", { tag })
      : missing.more >= MORE_COUNTED
        ? t.rich("oldestOfMany", { tag, n: formatCount(MORE_COUNTED) })
        : t.rich("oldestOf", { tag, n });
  return (
    <span className="min-w-0 wrap-anywhere">
      <strong className="font-medium text-ink" suppressHydrationWarning>
        {t("behind", { span })}
      </strong>
      <span className="sep">{"·"}</span>
      {words}
      {missing.taskId === null && missing.transferId === null ? (
        <>
          <span className="sep">{"·"}</span>
          {t("waits")}
        </>
      ) : null}
    </span>
  );
}

function Missing({ missing: { repository, tag, transferId, taskId } }: { missing: MissingTag }) {
  const name = <code className="ms-0.5">{`${repository}:${tag}`}</code>;
  const href = transferId ? `/transfers/${transferId}` : taskId ? `/tasks/${taskId}` : null;
  return href ? (
    <Link href={href} className="link">
      {name}
    </Link>
  ) : (
    name
  );
}
