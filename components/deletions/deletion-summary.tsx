import Link from "next/link";
import { useTranslations } from "next-intl";
import type { DeletionCounts } from "@/lib/schemas/deletion.ts";

/** On the page of a rule: that it follows deletions, and what waits. */
export function DeletionSummary({ ruleId, counts }: { ruleId: string; counts: DeletionCounts }) {
  const t = useTranslations("deletions.summary");
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
