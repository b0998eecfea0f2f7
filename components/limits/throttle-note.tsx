"use client";

import { useLocale, useTranslations } from "next-intl";
import { sentenceGap } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { TaskThrottle } from "@/lib/schemas/task.ts";
import { Note } from "../kit/note.tsx";
import { useLimitWords } from "./limit-words.ts";

/** 限速中: the limit that a task is at, and when it changes. */
export function ThrottleNote({ throttle }: { throttle: TaskThrottle }) {
  const t = useTranslations("limits.note");
  const words = useLimitWords();
  const gap = sentenceGap(useLocale() as Locale);
  const { instance, kind, limit, next } = throttle;
  if (limit === null) {
    return <Note tone="azurite">{t("hidden", { instance: instance.name })}</Note>;
  }
  return (
    <Note tone="azurite">
      {kind === "copies"
        ? t("copies", { instance: instance.name, limit })
        : t(kind, { instance: instance.name, limit: words.rate(limit) })}
      {gap}
      {next ? (
        <span suppressHydrationWarning>
          {next.limit === null
            ? t.rich("nextNone", { at: () => <At>{words.moment(next.at)}</At> })
            : t.rich("next", { at: () => <At>{words.moment(next.at)}</At>, limit: words.rate(next.limit) })}
        </span>
      ) : null}
    </Note>
  );
}

/** A date does not break at its hyphen. */
function At({ children }: { children: string }) {
  return <span className="whitespace-nowrap">{children}</span>;
}
