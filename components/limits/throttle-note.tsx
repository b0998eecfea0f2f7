"use client";

import { useTranslations } from "next-intl";
import type { TaskThrottle } from "@/lib/schemas/task.ts";
import { Note } from "../kit/note.tsx";
import { useLimitWords } from "./limit-words.ts";

/** 限速中: the limit that a task is at, and when it changes. */
export function ThrottleNote({ throttle }: { throttle: TaskThrottle }) {
  const t = useTranslations("limits.note");
  const words = useLimitWords();
  const { instance, kind, limit, next } = throttle;
  if (limit === null) {
    return <Note tone="azurite">{t("hidden", { instance: instance.name })}</Note>;
  }
  return (
    <Note tone="azurite">
      {kind === "copies"
        ? t("copies", { instance: instance.name, limit })
        : t(kind, { instance: instance.name, limit: words.rate(limit) })}{" "}
      {next ? (
        <span suppressHydrationWarning>
          {next.limit === null
            ? t("nextNone", { at: words.moment(next.at) })
            : t("next", { at: words.moment(next.at), limit: words.rate(next.limit) })}
        </span>
      ) : null}
    </Note>
  );
}
