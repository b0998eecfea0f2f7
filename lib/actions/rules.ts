"use server";

import { deleteRules, setRulesEnabled, triggerRules, verifyRules } from "../data/rule-bulk.ts";
import { createRule, deleteRule, setRuleEnabled, updateRule } from "../data/rule-changes.ts";
import { triggerRule, verifyRule } from "../data/rule-trigger.ts";
import {
  CreateRuleInput,
  DeleteRuleInput,
  RuleIdInput,
  SetRuleEnabledInput,
  UpdateRuleInput,
  VerifyRuleInput,
} from "../schemas/rule.ts";
import { BulkDeleteInput, BulkInput, BulkSwitchInput, BulkVerifyInput } from "../schemas/rule-bulk.ts";
import { action } from "./action.ts";

export const createRuleAction = action("rule:create", {
  input: CreateRuleInput,
  subject: ({ sourceInstanceId, targets }) => ({
    instanceId: sourceInstanceId,
    targetInstanceIds: targets.map((target) => target.instanceId),
  }),
  run: createRule,
});

export const updateRuleAction = action("rule:edit", {
  input: UpdateRuleInput,
  subject: ({ ruleId }) => ({ ruleId }),
  run: updateRule,
});

export const deleteRuleAction = action("rule:delete", {
  input: DeleteRuleInput,
  subject: ({ ruleId }) => ({ ruleId }),
  run: deleteRule,
});

export const setRuleEnabledAction = action("rule:switch", {
  input: SetRuleEnabledInput,
  subject: ({ ruleId }) => ({ ruleId }),
  run: setRuleEnabled,
});

export const triggerRuleAction = action("rule:trigger", {
  input: RuleIdInput,
  subject: ({ ruleId }) => ({ ruleId }),
  run: (actor, { ruleId }) => triggerRule(actor, ruleId),
});

export const verifyRuleAction = action("rule:trigger", {
  input: VerifyRuleInput,
  subject: ({ ruleId }) => ({ ruleId }),
  run: verifyRule,
});

export const triggerRulesAction = action("rule:trigger", {
  input: BulkInput,
  subject: () => ({}),
  run: triggerRules,
});

export const verifyRulesAction = action("rule:trigger", {
  input: BulkVerifyInput,
  subject: () => ({}),
  run: verifyRules,
});

export const setRulesEnabledAction = action("rule:switch", {
  input: BulkSwitchInput,
  subject: () => ({}),
  run: setRulesEnabled,
});

export const deleteRulesAction = action("rule:delete", {
  input: BulkDeleteInput,
  subject: () => ({}),
  run: deleteRules,
});
