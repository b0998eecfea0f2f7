import { useLocale, useTranslations } from "next-intl";
import { sentenceGap } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { Link } from "../kit/link.tsx";
import { Note } from "../kit/note.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";

/** Why the last task of a rule came to nothing, and what to do: what whoever opens a rule that failed looks for. */
export function LastFailure({
  rule: { lastTask, sourceInstance, sourceNamespace, targets },
}: {
  rule: RuleRow;
}) {
  const t = useTranslations("rules");
  const words = useFailureWords();
  const gap = sentenceGap(useLocale() as Locale);
  const failure = lastTask?.failure;
  // Targets that are paused are told above, with what to do.
  if (!lastTask || !failure || targets.every((target) => target.paused)) {
    return null;
  }
  const { title, advice } = words(failure, {
    instance: failure.side === "target" ? undefined : sourceInstance.name,
    namespace: sourceNamespace,
  });
  return (
    <div className="px-6 pb-3 max-md:px-4">
      <Note tone="cinnabar">
        <span className="font-medium text-ink">{t("lastFailed", { reason: title })}</span>
        {gap}
        {advice}{" "}
        <Link href={`/tasks/${lastTask.id}`} className="link">
          {t("viewTask")}
        </Link>
      </Note>
    </div>
  );
}
