import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { databaseNow } from "../db/clock.ts";
import type { rules } from "../db/schema/rules.ts";
import { nextRun } from "../schemas/cron-runs.ts";
import type { CreateRuleInput } from "../schemas/rule.ts";

type StoredRule = typeof rules.$inferSelect;

/** What a form sets of a rule, its targets apart. */
type RuleFields = Omit<CreateRuleInput, "sourceInstanceId" | "backfill" | "targets">;

/** What the form and the row call alike. */
function plain(rule: Omit<RuleFields, "schedule" | "deletion" | "platforms">) {
  const {
    name,
    description,
    sourceNamespace,
    repositoryPattern,
    tagPattern,
    excludeTagPattern,
    semverRange,
    newestTags,
    resourceType,
    override,
    referrers,
    onEvent,
  } = rule;
  return {
    name,
    description,
    sourceNamespace,
    repositoryPattern,
    tagPattern,
    excludeTagPattern,
    semverRange,
    newestTags,
    resourceType,
    override,
    referrers,
    onEvent,
  };
}

/** A rule as an audit row tells it: a word or a line each field. */
export function shownFields(fields: RuleFields) {
  const { schedule, deletion, platforms } = fields;
  return {
    ...plain(fields),
    platforms: platforms ? `${platforms.mode}: ${platforms.names.join(", ")}` : null,
    schedule: schedule ? `${schedule.cron} ${schedule.timeZone}` : null,
    deletion: deletion ? `${deletion.delayHours} h, ${deletion.share} %` : null,
  };
}

/** The same of a stored one. */
export function shownRule(rule: StoredRule) {
  const { cron, timeZone, followDeletions, deletionDelayHours: delayHours, deletionShare: share } = rule;
  return shownFields({
    ...plain(rule),
    platforms: rule.platforms,
    schedule: cron && timeZone ? { cron, timeZone } : null,
    deletion: followDeletions ? { delayHours, share } : null,
  });
}

/**
 * What is stored. A schedule that stays as it was keeps its next run, also one that is overdue; a new one begins now.
 * @param stored null: a new rule
 */
export async function columnsOf(tx: Tx, fields: RuleFields, stored: StoredRule | null) {
  const { schedule, deletion, platforms } = fields;
  const same = stored !== null && schedule?.cron === stored.cron && schedule?.timeZone === stored.timeZone;
  return {
    ...plain(fields),
    platforms,
    partsBefore: stored?.partsBefore || stored?.platforms?.mode === "sparse",
    followDeletions: deletion !== null,
    // What was set stays while it is off.
    ...(deletion ? { deletionDelayHours: deletion.delayHours, deletionShare: deletion.share } : {}),
    cron: schedule?.cron ?? null,
    timeZone: schedule?.timeZone ?? null,
    scheduleDueAt: schedule ? (same ? stored.scheduleDueAt : nextRun(schedule, await databaseNow(tx))) : null,
  };
}

/**
 * What was due while a rule was switched off is not made up for: nobody asked for it. It runs at its next time, and is
 * compared some hours later at most.
 */
export async function resumedColumns(tx: Tx, { cron, timeZone }: StoredRule) {
  return {
    ...(cron && timeZone ? { scheduleDueAt: nextRun({ cron, timeZone }, await databaseNow(tx)) } : {}),
    reconcileDueAt: sql`greatest(reconcile_due_at, now() + interval '1 hour' * random())`,
  };
}
