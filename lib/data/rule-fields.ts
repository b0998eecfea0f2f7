import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { databaseNow } from "../db/clock.ts";
import type { rules } from "../db/schema/rules.ts";
import { nextRun } from "../schemas/cron-runs.ts";
import type { CreateRuleInput } from "../schemas/rule.ts";
import type { RuleVerify } from "../schemas/verify-words.ts";

type StoredRule = typeof rules.$inferSelect;

/** What a form sets of a rule, its targets apart. */
type RuleFields = Omit<CreateRuleInput, "sourceInstanceId" | "backfill" | "targets">;

/** What the form and the row call alike. */
function plain(rule: Omit<RuleFields, "schedule" | "deletion" | "platforms" | "verify">) {
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
  const { schedule, deletion, platforms, verify } = fields;
  return {
    ...plain(fields),
    platforms: platforms ? `${platforms.mode}: ${platforms.names.join(", ")}` : null,
    schedule: schedule ? `${schedule.cron} ${schedule.timeZone}` : null,
    deletion: deletion ? `${deletion.delayHours} h, ${deletion.share} %` : null,
    verifyAfter: verify.after,
    verifySchedule: verify.schedule
      ? `${verify.schedule.cron} ${verify.schedule.timeZone}${verify.schedule.deep ? " deep" : ""}`
      : null,
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
    verify: verifyOf(rule),
  });
}

/** How a stored rule is verified. */
export function verifyOf({ verifyAfter, verifyCron, verifyTimeZone, verifyDeep }: StoredRule): RuleVerify {
  return {
    after: verifyAfter,
    schedule:
      verifyCron && verifyTimeZone ? { cron: verifyCron, timeZone: verifyTimeZone, deep: verifyDeep } : null,
  };
}

/**
 * What is stored. A schedule that stays as it was keeps its next run, also one that is overdue; a new one begins now.
 * @param stored null: a new rule
 */
export async function columnsOf(tx: Tx, fields: RuleFields, stored: StoredRule | null) {
  const { schedule, deletion, platforms, verify } = fields;
  const now = schedule || verify.schedule ? await databaseNow(tx) : new Date();
  return {
    ...plain(fields),
    platforms,
    partsBefore: stored?.partsBefore || stored?.platforms?.mode === "sparse",
    followDeletions: deletion !== null,
    // What was set stays while it is off.
    ...(deletion ? { deletionDelayHours: deletion.delayHours, deletionShare: deletion.share } : {}),
    cron: schedule?.cron ?? null,
    timeZone: schedule?.timeZone ?? null,
    scheduleDueAt: dueOf(
      schedule,
      stored && { cron: stored.cron, timeZone: stored.timeZone, dueAt: stored.scheduleDueAt },
      now,
    ),
    verifyAfter: verify.after,
    verifyCron: verify.schedule?.cron ?? null,
    verifyTimeZone: verify.schedule?.timeZone ?? null,
    verifyDeep: verify.schedule?.deep ?? false,
    verifyDueAt: dueOf(
      verify.schedule,
      stored && { cron: stored.verifyCron, timeZone: stored.verifyTimeZone, dueAt: stored.verifyDueAt },
      now,
    ),
  };
}

interface StoredSchedule {
  cron: string | null;
  timeZone: string | null;
  dueAt: Date | null;
}

function dueOf(
  schedule: { cron: string; timeZone: string } | null,
  stored: StoredSchedule | null,
  now: Date,
): Date | null {
  const same = schedule?.cron === stored?.cron && schedule?.timeZone === stored?.timeZone;
  return schedule ? (same && stored ? stored.dueAt : nextRun(schedule, now)) : null;
}

/**
 * What was due while a rule was switched off is not made up for: nobody asked for it. It runs at its next time, and is
 * compared some hours later at most.
 */
export async function resumedColumns(tx: Tx, rule: StoredRule) {
  const now = await databaseNow(tx);
  const { cron, timeZone, verifyCron, verifyTimeZone } = rule;
  return {
    ...(cron && timeZone ? { scheduleDueAt: nextRun({ cron, timeZone }, now) } : {}),
    ...(verifyCron && verifyTimeZone
      ? { verifyDueAt: nextRun({ cron: verifyCron, timeZone: verifyTimeZone }, now) }
      : {}),
    reconcileDueAt: sql`greatest(reconcile_due_at, now() + interval '1 hour' * random())`,
  };
}
