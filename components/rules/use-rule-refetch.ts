import type { RuleListRow } from "@/lib/schemas/rule.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { isOpen } from "./rule-actions.tsx";

/** A run that nobody fires sends no event: who shows schedules looks for it. */
const MISSED_MS = 60_000;

/** `refetchInterval` of a query for these rules. */
export function useRuleRefetch(rules: readonly RuleListRow[]): number | false {
  const interval = useRefetchInterval(rules.some((rule) => isOpen(rule.lastTask)));
  return interval === false && rules.some((rule) => rule.enabled && rule.schedule) ? MISSED_MS : interval;
}
