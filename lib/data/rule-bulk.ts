import "server-only";
import { inArray, sql } from "drizzle-orm";
import { v5 as uuidv5 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { namedGranters } from "../db/granters.ts";
import { tasks } from "../db/schema/tasks.ts";
import { AppError } from "../errors.ts";
import type { BulkImpact, BulkResult, RuleSelection } from "../schemas/rule-bulk.ts";
import type { VerifyDepth } from "../schemas/verify-words.ts";
import { BULK_LIMIT } from "../schemas/words.ts";
import { recordEvent } from "./audit.ts";
import { COUNT_LIMIT } from "./cursor.ts";
import { deleteRule, setRuleEnabled } from "./rule-changes.ts";
import { triggerRule, verifyRule } from "./rule-trigger.ts";
import { type SelectedRule, selectedRules } from "./rules.ts";
import { instanceNames } from "./task-names.ts";
import { asUnavailable } from "./unavailable.ts";
import { holds, notFound } from "./visibility.ts";

/** Rules under way at the same time; each is a transaction of its own. */
const LANES = 4;
/** Whoever waits for the answer still waits: what is not begun by then is refused as `bulk-out-of-time`. */
const BULK_MS = 20_000;

type BulkActor = Actor<"rule:trigger"> | Actor<"rule:switch"> | Actor<"rule:delete">;

/** 触发同步 for each rule of a selection. @throws {AppError} INVALID bulk-too-many */
export function triggerRules(
  actor: Actor<"rule:trigger">,
  { selection }: { selection: RuleSelection },
): Promise<BulkResult> {
  return each(actor, selection, async ({ id }) => (await triggerRule(forRule(actor, id), id)).joined);
}

/** 校验 for each rule of a selection. @throws {AppError} INVALID bulk-too-many */
export function verifyRules(
  actor: Actor<"rule:trigger">,
  { selection, depth }: { selection: RuleSelection; depth: VerifyDepth },
): Promise<BulkResult> {
  return each(
    actor,
    selection,
    async ({ id }) => (await verifyRule(forRule(actor, id), { ruleId: id, depth })).joined,
  );
}

/** 启用 or 停用 for each rule of a selection. @throws {AppError} INVALID bulk-too-many */
export function setRulesEnabled(
  actor: Actor<"rule:switch">,
  { selection, enabled }: { selection: RuleSelection; enabled: boolean },
): Promise<BulkResult> {
  return each(actor, selection, async ({ id }) => {
    await setRuleEnabled(actor, { ruleId: id, enabled });
    return false;
  });
}

/** 删除 for each rule of a selection. @throws {AppError} INVALID bulk-too-many; CONFLICT bulk-count-changed */
export async function deleteRules(
  actor: Actor<"rule:delete">,
  { selection, confirmCount }: { selection: RuleSelection; confirmCount: number },
): Promise<BulkResult> {
  const count =
    "ruleIds" in selection ? new Set(selection.ruleIds).size : (await chosenRules(actor, selection)).length;
  if (count !== confirmCount) {
    throw new AppError("CONFLICT", "bulk-count-changed", { values: { count, confirmed: confirmCount } });
  }
  return each(actor, selection, async ({ id, name }) => {
    await deleteRule(actor, { ruleId: id, confirmName: name });
    return false;
  });
}

/** What a bulk action meets. @throws {AppError} INVALID bulk-too-many */
export async function bulkImpact(actor: Actor<"rule:switch">, selection: RuleSelection): Promise<BulkImpact> {
  const chosen = await chosenRules(actor, selection);
  const ids = chosen.map(({ id }) => id);
  if (ids.length === 0) {
    return { rules: 0, disabled: 0, openTasks: 0, tasks: 0 };
  }
  const { rows } = await database().execute<{ tasks: number; open: number }>(sql`
    select (
      select count(*)::int from (
        select from ${tasks} where ${inArray(tasks.ruleId, ids)} limit ${COUNT_LIMIT + 1}
      ) some_tasks
    ) as tasks, (
      select count(*)::int from ${tasks}
      where ${inArray(tasks.ruleId, ids)} and ${tasks.status} in ('pending', 'scanning', 'running')
    ) as open`);
  return {
    rules: ids.length,
    disabled: chosen.filter(({ enabled }) => !enabled).length,
    openTasks: rows[0]?.open ?? 0,
    tasks: rows[0]?.tasks ?? 0,
  };
}

/** The key of the form stands for the whole selection: each of its rules has one made of both, so that a repetition counts once for it too. */
const forRule = (actor: Actor<"rule:trigger">, ruleId: string): Actor<"rule:trigger"> => ({
  ...actor,
  submission: actor.submission && uuidv5(ruleId, actor.submission),
});

async function chosenRules(actor: Actor, selection: RuleSelection): Promise<SelectedRule[]> {
  const chosen = await selectedRules(actor, selection, BULK_LIMIT + 1);
  if (chosen.length > BULK_LIMIT) {
    throw new AppError("INVALID", "bulk-too-many", { values: { limit: BULK_LIMIT } });
  }
  return chosen;
}

/** Each rule is authorized, changed and audited on its own: what one is refused for keeps no other from it. */
async function each(
  actor: BulkActor,
  selection: RuleSelection,
  change: (rule: SelectedRule) => Promise<boolean>,
): Promise<BulkResult> {
  const chosen = await chosenRules(actor, selection);
  const result: BulkResult = { done: 0, joined: 0, refused: [] };
  const refusals = await refusalsOf(actor, selection, chosen);
  const deadline = Date.now() + BULK_MS;
  const waiting = chosen.filter(({ id }) => !refusals.has(id));
  const lane = async () => {
    for (let rule = waiting.shift(); rule; rule = waiting.shift()) {
      try {
        const joined = await inTime(deadline, change, rule);
        result.joined += joined ? 1 : 0;
        result.done += 1;
      } catch (error) {
        const refusal = error instanceof AppError ? error : asUnavailable(error);
        if (!refusal) {
          throw error;
        }
        refusals.set(rule.id, refusal);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const names = new Map(chosen.map(({ id, name }) => [id, name]));
  for (const [ruleId, error] of refusals) {
    const name = names.get(ruleId) ?? null;
    await auditRefusal(actor, { id: ruleId, name }, error);
    result.refused.push({ ruleId, name, code: error.code, reason: error.reason, values: error.values });
  }
  return result;
}

function inTime(
  deadline: number,
  change: (rule: SelectedRule) => Promise<boolean>,
  rule: SelectedRule,
): Promise<boolean> {
  if (Date.now() > deadline) {
    throw new AppError("CONFLICT", "bulk-out-of-time");
  }
  return change(rule);
}

/** Rules that the actor does not see are not there; those of which it lacks the grant at the source say which. */
async function refusalsOf(
  actor: BulkActor,
  selection: RuleSelection,
  chosen: readonly SelectedRule[],
): Promise<Map<string, AppError>> {
  const seen = new Set(chosen.map(({ id }) => id));
  const asked = "ruleIds" in selection ? selection.ruleIds : [];
  const refusals = new Map(asked.filter((id) => !seen.has(id)).map((id) => [id, notFound()]));
  const lacking = chosen.filter((rule) => !holds(actor.holds, rule.sourceInstanceId));
  if (lacking.length > 0) {
    const names = await instanceNames(lacking.map((rule) => rule.sourceInstanceId));
    const who = await namedGranters();
    const grant = actor.permission === "rule:delete" ? "manage" : "operate";
    for (const { id, sourceInstanceId } of lacking) {
      const instance = names.get(sourceInstanceId)?.name ?? "—";
      refusals.set(
        id,
        new AppError("FORBIDDEN", "grant-missing", { values: { grant, instance, granters: who } }),
      );
    }
  }
  return refusals;
}

/** Without a database that takes it there is nowhere to write it, and what was done is to be told all the same. */
async function auditRefusal(
  actor: BulkActor,
  rule: { id: string; name: string | null },
  error: AppError,
): Promise<void> {
  const denied = error.code === "FORBIDDEN" || error.code === "NOT_FOUND";
  try {
    await recordEvent(actor, {
      outcome: denied ? "denied" : "invalid",
      subject: { kind: "rule", ...rule },
      changes: { reason: { after: error.reason } },
    });
  } catch (cause) {
    if (!asUnavailable(cause)) {
      throw cause;
    }
  }
}
