import type { RuleListRow } from "@/lib/schemas/rule.ts";
import type { Page } from "@/lib/schemas/task.ts";

/** How many rules have each state, whatever filter is set. */
export interface RuleCounts {
  all: number;
  active: number;
  failed: number;
  partial: number;
  nothingMatched: number;
  disabled: number;
}

/** What /api/rules answers. */
export type RulePage = Page<RuleListRow> & { counts: RuleCounts };
