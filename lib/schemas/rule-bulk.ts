import { z } from "zod";
import type { AppErrorCode } from "../errors.ts";
import { VERIFY_DEPTHS } from "./verify-words.ts";
import { BULK_LIMIT, RESOURCE_TYPES, RULE_STATES } from "./words.ts";

/** What a bulk action is for: these rules, or every rule that a list shows under these filters. Unknown filters are refused. */
export const RuleSelection = z.union([
  z.strictObject({ ruleIds: z.array(z.uuid()).min(1).max(BULK_LIMIT) }),
  z.strictObject({
    filter: z.strictObject({
      instance: z.uuid(),
      view: z.enum(["rules", "incoming"]),
      q: z.string().trim().max(128).optional(),
      state: z.enum(RULE_STATES).optional(),
      target: z.uuid().optional(),
      type: z.enum(RESOURCE_TYPES).optional(),
    }),
  }),
]);
export type RuleSelection = z.infer<typeof RuleSelection>;

export const BulkInput = z.object({ selection: RuleSelection });
export const BulkVerifyInput = z.object({
  selection: RuleSelection,
  depth: z.enum(VERIFY_DEPTHS, { error: "verify-depth-unknown" }),
});
export const BulkSwitchInput = z.object({ selection: RuleSelection, enabled: z.boolean() });
/** `confirmCount`: how many rules the user was told of and typed; another number by now deletes nothing. */
export const BulkDeleteInput = z.object({ selection: RuleSelection, confirmCount: z.coerce.number().int() });

/** What came of a bulk action, rule by rule. */
export interface BulkResult {
  /** Rules that were changed, triggered, or begun to be verified. */
  done: number;
  /** Of them, triggers that joined a waiting task. */
  joined: number;
  refused: RefusedRule[];
}

/** `reason` and `values`: a key of messages/<locale>/errors.json. */
export interface RefusedRule {
  ruleId: string;
  name: string | null;
  code: AppErrorCode;
  reason: string;
  values: Record<string, string | number>;
}

/** What a bulk action meets; `tasks` is counted up to a limit. */
export interface BulkImpact {
  rules: number;
  disabled: number;
  openTasks: number;
  tasks: number;
}
