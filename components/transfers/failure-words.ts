import { useLocale, useTranslations } from "next-intl";
import {
  type ErrorSentence,
  type FailureContext,
  failureMessage,
  type SideWords,
} from "@/lib/format/error-sentence.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { FailureFact } from "@/lib/schemas/task.ts";

/** lib/format/error-sentence in the language of the page. */
export function useFailureWords(): (fact: FailureFact, context: FailureContext) => ErrorSentence {
  const t = useTranslations("errors.failure");
  const locale = useLocale() as Locale;
  const side = useSideWords();
  return (fact, context) => {
    const { key, values } = failureMessage(fact, context, locale, side);
    return {
      title: t(`${key}.title`, values),
      short: t(`${key}.short`, values),
      advice: t(`${key}.advice`, values),
    };
  };
}

export function useSideWords(): SideWords {
  const t = useTranslations("errors.failure.side");
  return {
    source: t("source"),
    target: t("target"),
    "unnamed-source": t("unnamed-source"),
    "unnamed-target": t("unnamed-target"),
    repository: t("repository"),
    tag: t("tag"),
  };
}
