"use client";

import { useTranslations } from "next-intl";
import { formatSaid } from "@/lib/format/time.ts";
import type { TaskDeletions as Deletions } from "@/lib/schemas/deletion.ts";
import { Link } from "../kit/link.tsx";
import { Note } from "../kit/note.tsx";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";

interface TaskDeletionsProps {
  task: { id: string; ruleId: string };
  initial: Deletions;
}

/** What the scan of this task missed at the source, and what comes of it; nothing where it missed nothing. */
export function TaskDeletions({ task: { id, ruleId }, initial }: TaskDeletionsProps) {
  const t = useTranslations("deletions.task");
  const style = useTimeStyle();
  const refetchInterval = useRefetchInterval(false);
  const { data } = useQuery({
    queryKey: queryKeys.deletions(ruleId, "task", id),
    queryFn: ({ signal }) => fetchJson<Deletions>(`/api/tasks/${id}/deletions`, signal),
    initialData: initial,
    refetchInterval,
  });
  const { pending, held, dueAt } = data;
  return pending + held > 0 ? (
    <div className="px-6 pt-3 max-md:px-4">
      <Note tone="gamboge">
        <span suppressHydrationWarning>
          {dueAt ? t("pending", { n: pending, at: formatSaid(dueAt, style) }) : null}
        </span>
        {held > 0 ? t("held", { n: held }) : null}
        <Link href={`/rules/${ruleId}/deletions`} className="link ml-2">
          {t("open")}
        </Link>
      </Note>
    </div>
  ) : null;
}
