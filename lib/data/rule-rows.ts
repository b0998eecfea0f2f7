import "server-only";
import { type AnyColumn, eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { cronWords } from "../schemas/cron.ts";
import type { DayOutcome, RuleRow, RuleSchedule, RuleTargetRow } from "../schemas/rule.ts";
import type { RuleTrigger } from "../schemas/words.ts";
import { among } from "./among.ts";
import { verifyOf } from "./rule-fields.ts";
import { instanceNames, usernames } from "./task-names.ts";
import { lastTasks } from "./task-rows.ts";
import { holds } from "./visibility.ts";

type StoredRule = typeof rules.$inferSelect;

const DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;

/** A worker fires within a second; what waits this long is fired by nobody. */
const MISSED_AFTER_S = 120;

const overdue = (due: AnyColumn) =>
  sql<boolean>`coalesce(${rules.enabled} and ${due} < now() - make_interval(secs => ${MISSED_AFTER_S}), false)`;

/** Select it beside a rule: whether its schedule, or its verification, is due by the database's clock and nobody fired it. */
export const LATE = { sync: overdue(rules.scheduleDueAt), verify: overdue(rules.verifyDueAt) };

interface FoundRule {
  rule: StoredRule;
  lastTaskId: string | null;
  late: { sync: boolean; verify: boolean };
}

/**
 * Rows of a page, each with what it names: a fixed number of statements however long the page is.
 * @param editors whether it is told who changed each rule last: a list does not
 */
export async function fillRules(
  actor: Actor,
  rows: readonly FoundRule[],
  { editors: withEditors = true } = {},
): Promise<RuleRow[]> {
  const ids = rows.map(({ rule }) => rule.id);
  const [names, targets, last, days, editors] = await Promise.all([
    instanceNames(rows.map(({ rule }) => rule.sourceInstanceId)),
    targetsOf(actor, ids),
    lastTasks(
      actor,
      rows.flatMap(({ lastTaskId }) => lastTaskId ?? []),
      { ends: false },
    ),
    outcomesOf(ids),
    usernames(withEditors ? rows.flatMap(({ rule }) => rule.updatedBy ?? []) : []),
  ]);
  return rows.map(({ rule, late }) => ({
    id: rule.id,
    name: rule.name,
    description: rule.description,
    sourceInstance: names.get(rule.sourceInstanceId) ?? { id: rule.sourceInstanceId, name: "—" },
    sourceNamespace: rule.sourceNamespace,
    repositoryPattern: rule.repositoryPattern,
    tagPattern: rule.tagPattern,
    excludeTagPattern: rule.excludeTagPattern,
    semverRange: rule.semverRange,
    newestTags: rule.newestTags,
    resourceType: rule.resourceType,
    platforms: rule.platforms,
    override: rule.override,
    referrers: rule.referrers,
    enabled: rule.enabled,
    onEvent: rule.onEvent,
    schedule: scheduleOf(rule, late.sync),
    deletion: rule.followDeletions
      ? { delayHours: rule.deletionDelayHours, share: rule.deletionShare }
      : null,
    verify: verifyRowOf(rule),
    verifyMissedSince: late.verify ? (rule.verifyDueAt?.toISOString() ?? null) : null,
    verified:
      rule.verified && rule.verifiedAt ? { ...rule.verified, at: rule.verifiedAt.toISOString() } : null,
    triggers: triggersOf(rule),
    targets: targets.get(rule.id) ?? [],
    lastTask: last.get(rule.id) ?? null,
    days: days.get(rule.id) ?? [],
    version: rule.version,
    createdAt: rule.createdAt.toISOString(),
    updatedAt: rule.updatedAt.toISOString(),
    updatedBy: rule.updatedBy ? (editors.get(rule.updatedBy) ?? null) : null,
    may: {
      operate: holds(actor.operate, rule.sourceInstanceId),
      manage: holds(actor.manage, rule.sourceInstanceId),
      viewSource: holds(actor.view, rule.sourceInstanceId),
    },
  }));
}

function scheduleOf({ cron, timeZone, scheduleDueAt }: StoredRule, late: boolean): RuleSchedule | null {
  const missedSince = late ? (scheduleDueAt?.toISOString() ?? null) : null;
  return cron && timeZone ? { cron, said: cronWords(cron), timeZone, missedSince } : null;
}

function verifyRowOf(rule: StoredRule): RuleRow["verify"] {
  const { after, schedule } = verifyOf(rule);
  return { after, schedule: schedule && { ...schedule, said: cronWords(schedule.cron) } };
}

function triggersOf(rule: StoredRule): RuleTrigger[] {
  const triggers: RuleTrigger[] = [
    ...(rule.onEvent ? (["event"] as const) : []),
    ...(rule.cron ? (["schedule"] as const) : []),
  ];
  return triggers.length > 0 ? triggers : ["manual"];
}

async function targetsOf(actor: Actor, ruleIds: string[]): Promise<Map<string, RuleTargetRow[]>> {
  const byRule = new Map<string, RuleTargetRow[]>(ruleIds.map((id) => [id, []]));
  if (ruleIds.length === 0) {
    return byRule;
  }
  const rows = await database()
    .select({
      target: ruleTargets,
      name: instances.name,
      health: instances.healthStatus,
      setBy: users.username,
    })
    .from(ruleTargets)
    .innerJoin(instances, eq(instances.id, ruleTargets.instanceId))
    .leftJoin(users, eq(users.id, ruleTargets.setBy))
    .where(among(ruleTargets.ruleId, ruleIds))
    .orderBy(ruleTargets.id);
  for (const { target, name, health, setBy } of rows) {
    byRule.get(target.ruleId)?.push({
      id: target.id,
      instance: { id: target.instanceId, name },
      health: holds(actor.view, target.instanceId) ? health : "unknown",
      namespace: target.namespace,
      setBy,
      paused: target.pausedAt
        ? { at: target.pausedAt.toISOString(), reason: target.pausedReason ?? "receive-lost" }
        : null,
    });
  }
  return byRule;
}

/** How the tasks of the last 30 days ended, by UTC day on which any did, the latest last: a list has many rows. Task ids are UUIDv7, so the index bounds the read. */
async function outcomesOf(ruleIds: string[]): Promise<Map<string, DayOutcome[]>> {
  if (ruleIds.length === 0) {
    return new Map();
  }
  const now = Date.now();
  const oldest = uuidv7({ msecs: now - DAYS * DAY_MS, random: new Uint8Array(16), seq: 0 });
  const firstDay = new Date(now - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  // Grouped as a day and written out afterwards: words for each of many thousand tasks take longer than reading them.
  const day = sql`(${tasks.endedAt} at time zone 'UTC')::date`;
  const rows = await database()
    .select({
      ruleId: tasks.ruleId,
      day: sql<string>`(${day})::text`,
      status: tasks.status,
      count: sql<number>`count(*)::int`,
    })
    .from(tasks)
    .where(
      sql`${among(tasks.ruleId, ruleIds)} and ${tasks.id} >= ${oldest} and ${tasks.status} in ('succeeded', 'partial', 'failed')`,
    )
    .groupBy(tasks.ruleId, day, tasks.status);
  const byRule = new Map<string, Map<string, DayOutcome>>();
  for (const { ruleId, day, status, count } of rows) {
    if (day >= firstDay && (status === "succeeded" || status === "partial" || status === "failed")) {
      const ofRule = byRule.get(ruleId) ?? new Map<string, DayOutcome>();
      byRule.set(ruleId, ofRule);
      const outcome = ofRule.get(day) ?? { day, succeeded: 0, partial: 0, failed: 0 };
      ofRule.set(day, outcome);
      outcome[status] += count;
    }
  }
  const inOrder = (days: Map<string, DayOutcome>) =>
    [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  return new Map([...byRule].map(([id, days]) => [id, inOrder(days)]));
}
