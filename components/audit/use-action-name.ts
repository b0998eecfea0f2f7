import { useTranslations } from "next-intl";
import type { AuditRow } from "@/lib/schemas/user.ts";

/** Actions that turn something on or off, and the change that says which. */
const SWITCHES: Record<string, string> = { "user:disable": "disabled", "rule:switch": "enabled" };

/**
 * What an action is called; one that has no name yet is shown as it is stored. With its changes, a switch is named by which way
 * it was turned: 停用账号 instead of 停用或启用账号.
 */
export function useActionName(): (action: string, changes?: AuditRow["changes"]) => string {
  const t = useTranslations("audit");
  return (action, changes) => {
    const turned = changes?.[SWITCHES[action] ?? ""]?.after;
    if (typeof turned === "boolean" && t.has(`switched.${action}.${turned}`)) {
      return t(`switched.${action}.${turned}`);
    }
    return t.has(`actions.${action}`) ? t(`actions.${action}`) : action;
  };
}
