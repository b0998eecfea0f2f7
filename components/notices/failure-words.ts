import { useTranslations } from "next-intl";

/** Why a notice was not taken, and what to do; null where nobody knows a sentence. */
export function useFailureWords(): (reason: string | null) => string | null {
  const t = useTranslations("notices.failure");
  return (reason) => (reason !== null && t.has(reason) ? t(reason) : null);
}
