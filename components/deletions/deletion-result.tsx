"use client";

import { useTranslations } from "next-intl";
import { Fragment, type ReactNode } from "react";
import { formatSaid } from "@/lib/format/time.ts";
import type { DeletionRow } from "@/lib/schemas/deletion.ts";
import { useTimeStyle } from "../kit/relative-time.tsx";

/** What is to come of it, or what became of it, and why. */
export function DeletionResult({ deletion }: { deletion: DeletionRow }) {
  const t = useTranslations("deletions");
  const lines = useLines(deletion);
  const { failure, reason } = deletion;
  return (
    <span className="grid gap-0.5 py-1">
      <span suppressHydrationWarning>{lines.join(" · ")}</span>
      <span className="text-pretty text-ink-3 text-meta wrap-anywhere">
        {reason ? t.rich(`reason.${reason}`, { setting: breakable }) : t(`cause.${deletion.cause}`)}
        {failure?.httpStatus
          ? t("result.answer", {
              said: [t("result.status", { status: failure.httpStatus }), failure.registryMessage]
                .filter(Boolean)
                .join(" "),
            })
          : null}
      </span>
    </span>
  );
}

/** A long setting breaks after an underscore, not amid a word. */
function breakable(setting: ReactNode) {
  const parts = String(setting).split(/(?<=_)/);
  return (
    <code className="mx-0.5">
      {parts.map((part) => (
        <Fragment key={part}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}

function useLines(deletion: DeletionRow): string[] {
  const t = useTranslations("deletions.result");
  const style = useTimeStyle();
  const { state, reason, dueAt, deletedAt, undoUntil, restoring } = deletion;
  const by = deletion.decidedBy ?? "—";
  const at = (instant: string) => formatSaid(instant, style);
  switch (state) {
    case "pending":
      return dueAt ? [t(reason ? "again" : "due", { at: at(dueAt) })] : [];
    case "deleted":
      return [
        deletedAt ? t("deleted", { at: at(deletedAt) }) : "",
        restoring ? t("restoring") : undoUntil ? t("undoUntil", { at: at(undoUntil) }) : "",
      ].filter((line) => line !== "");
    case "kept":
      return [t("kept", { by })];
    case "restored":
      return [t("restored", { by })];
    default:
      return [];
  }
}
