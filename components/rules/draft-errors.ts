import type { FieldError } from "@/lib/schemas/action-state.ts";
import { CreateRuleInput } from "@/lib/schemas/rule.ts";
import { type FieldErrors, inputOf, type RuleDraft } from "./rule-draft.ts";

const ANY_ID = "00000000-0000-7000-8000-000000000000";

/** The first error of each field, by the same schema that the server uses. */
export function draftErrors(draft: RuleDraft): FieldErrors {
  const parsed = CreateRuleInput.safeParse({ ...inputOf(draft), sourceInstanceId: ANY_ID });
  const errors: Record<string, FieldError> = {};
  for (const issue of parsed.error?.issues ?? []) {
    const path = issue.path.join(".");
    const params = issue.code === "custom" ? (issue.params as FieldError["values"]) : undefined;
    errors[path] ??= { key: issue.message, ...(params ? { values: params } : {}) };
  }
  return errors;
}
