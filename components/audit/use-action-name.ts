import { useTranslations } from "next-intl";

/** What an action is called; one that has no name yet is shown as it is stored. */
export function useActionName(): (action: string) => string {
  const t = useTranslations("audit.actions");
  return (action) => (t.has(action) ? t(action) : action);
}
