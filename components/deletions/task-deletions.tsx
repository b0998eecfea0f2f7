"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { formatShort } from "@/lib/format/time.ts";
import { Note } from "../kit/note.tsx";
import { useTimeStyle } from "../kit/relative-time.tsx";

interface TaskDeletionsProps {
  ruleId: string;
  pending: number;
  held: number;
  dueAt: string | null;
}

/** What the scan of this task missed at the source, and what comes of it. */
export function TaskDeletions({ ruleId, pending, held, dueAt }: TaskDeletionsProps) {
  const t = useTranslations("deletions.task");
  const style = useTimeStyle();
  return (
    <div className="px-6 pt-3 max-md:px-4">
      <Note tone="gamboge">
        <span suppressHydrationWarning>
          {dueAt
            ? t("pending", { n: pending, at: formatShort(dueAt, new Date().toISOString(), style) })
            : null}
        </span>
        {held > 0 ? t("held", { n: held }) : null}
        <Link href={`/rules/${ruleId}/deletions`} className="link ml-2">
          {t("open")}
        </Link>
      </Note>
    </div>
  );
}
