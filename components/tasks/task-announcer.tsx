"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { formatEstimate } from "@/lib/format/duration.ts";
import { joinClauses } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatRatio, handled } from "@/lib/format/ratio.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";

const QUIET_MS = 10_000;

/** The one polite live region of the page: a summary at most every ten seconds; a first failure and the end at once. */
export function TaskAnnouncer({ task, remainingMs }: { task: TaskRow; remainingMs: number | null }) {
  const t = useTranslations("tasks.announce");
  const status = useTranslations("status.task");
  const locale = useLocale() as Locale;
  const [said, setSaid] = useState("");
  const last = useRef({ atMs: 0, failed: task.counters.failed, status: task.status });
  const ratio = formatRatio(handled(task.counters), task.counters.total);
  const sentence =
    task.status === "running"
      ? t("running", { ratio, estimate: formatEstimate(remainingMs, locale) })
      : task.endedAt
        ? t("ended", { status: status(task.status), ratio })
        : status(task.status);
  useEffect(() => {
    const urgent = task.counters.failed > last.current.failed || task.status !== last.current.status;
    const due = task.endedAt === null && Date.now() - last.current.atMs >= QUIET_MS;
    if (urgent || due) {
      last.current = { atMs: Date.now(), failed: task.counters.failed, status: task.status };
      setSaid(
        task.counters.failed > 0
          ? joinClauses([sentence, t("failed", { n: task.counters.failed })], locale)
          : sentence,
      );
    }
  }, [task, sentence, t, locale]);
  return (
    <p aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
