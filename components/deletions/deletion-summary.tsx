"use client";

import { useTranslations } from "next-intl";
import type { DeletionCounts } from "@/lib/schemas/deletion.ts";
import { Link } from "../kit/link.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";

interface DeletionSummaryProps {
  ruleId: string;
  /** The rule follows deletions: said even while nothing waits. */
  following: boolean;
  initial: DeletionCounts;
}

/** On the page of a rule: that it follows deletions, and what waits. */
export function DeletionSummary({ ruleId, following, initial }: DeletionSummaryProps) {
  const t = useTranslations("deletions.summary");
  const refetchInterval = useRefetchInterval(false);
  const { data: counts } = useQuery({
    queryKey: queryKeys.deletions(ruleId, "counts"),
    queryFn: ({ signal }) => fetchJson<DeletionCounts>(`/api/rules/${ruleId}/deletions/counts`, signal),
    initialData: initial,
    refetchInterval,
  });
  if (!following && counts.held + counts.pending === 0) {
    return null;
  }
  const refused = counts.refused + counts.failed;
  const parts = [
    counts.pending > 0 ? t("pending", { n: counts.pending }) : null,
    counts.held > 0 ? t("held", { n: counts.held }) : null,
    refused > 0 ? t("refused", { n: refused }) : null,
  ].filter((part) => part !== null);
  return (
    <p className="flex flex-wrap items-center gap-x-3 border-line border-b px-6 py-2 text-ink-2 text-meta max-md:px-4">
      <span className="font-medium text-ink">{t("following")}</span>
      <span className={counts.held > 0 ? "font-medium text-gamboge-fg" : undefined}>
        {parts.length > 0 ? parts.join(" · ") : t("none")}
      </span>
      <Link href={`/rules/${ruleId}/deletions`} className="link ml-auto">
        {t("open")}
      </Link>
    </p>
  );
}
