import "server-only";
import { and, desc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database, type Executor, type Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { audit } from "../db/schema/audit.ts";
import { grants, instances } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { AppError } from "../errors.ts";
import type { InstanceGrants } from "../schemas/instance.ts";
import type { GrantChange } from "../schemas/user.ts";
import { type Changes, recordAudit } from "./audit.ts";
import { notFound } from "./visibility.ts";

/**
 * Saves the changed cells of the matrix, all or none. Targets that a user set and may no longer receive at are paused.
 * @throws {AppError} NOT_FOUND; INVALID grants-of-root; CONFLICT grants-changed (user, n)
 */
export function saveGrants(
  actor: Actor<"grants:save">,
  changes: readonly GrantChange[],
): Promise<{ saved: number }> {
  return database().transaction(async (tx) => {
    if (actor.holds !== "all") {
      throw notFound();
    }
    const names = await namesOf(tx, changes);
    const audited: Changes = {};
    const overtaken: string[] = [];
    for (const change of changes) {
      const before = await saveCell(tx, change);
      const cell = `${names.users.get(change.userId)}@${names.instances.get(change.instanceId)}`;
      if (change.was && !sameGrants(change.was, before) && !sameGrants(change, before)) {
        overtaken.push(cell);
      }
      audited[cell] = { before: cellText(before), after: cellText(change) };
      if (before.receive && !change.receive) {
        await pauseTargets(tx, change.userId, change.instanceId);
      }
    }
    if (overtaken.length > 0) {
      throw await grantsChanged(tx, overtaken);
    }
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "grants", id: null, name: null },
      changes: audited,
    });
    return { saved: changes.length };
  });
}

/**
 * Pauses what a user pointed at an instance (or anywhere) and may not any more (已暂停): tasks leave it out until someone
 * who may receive there saves the rule.
 */
export async function pauseTargets(tx: Tx, userId: string, instanceId?: string): Promise<void> {
  const paused = await tx
    .update(ruleTargets)
    .set({ pausedAt: sql`now()`, pausedReason: "receive-lost" })
    .where(
      and(
        eq(ruleTargets.setBy, userId),
        isNull(ruleTargets.pausedAt),
        instanceId === undefined ? undefined : eq(ruleTargets.instanceId, instanceId),
      ),
    )
    .returning({ ruleId: ruleTargets.ruleId });
  for (const ruleId of new Set(paused.map((target) => target.ruleId))) {
    await announceRule(tx, ruleId);
  }
}

async function announceRule(tx: Tx, ruleId: string): Promise<void> {
  const [rule] = await tx
    .select({ sourceInstanceId: rules.sourceInstanceId })
    .from(rules)
    .where(eq(rules.id, ruleId));
  const targets = await tx
    .selectDistinct({ instanceId: ruleTargets.instanceId })
    .from(ruleTargets)
    .where(eq(ruleTargets.ruleId, ruleId));
  if (rule) {
    await notifyLive(tx, {
      kind: "rule",
      ruleId,
      sourceInstanceId: rule.sourceInstanceId,
      targetInstanceIds: targets.map(({ instanceId }) => instanceId),
    });
  }
}

async function saveCell(
  tx: Tx,
  { userId, instanceId, level, receive }: GrantChange,
): Promise<InstanceGrants> {
  const cell = and(eq(grants.userId, userId), eq(grants.instanceId, instanceId));
  const [before] = await tx.select().from(grants).where(cell).for("update");
  if (level === null && !receive) {
    await tx.delete(grants).where(cell);
  } else {
    await tx
      .insert(grants)
      .values({ userId, instanceId, level, receive })
      .onConflictDoUpdate({ target: [grants.userId, grants.instanceId], set: { level, receive } });
  }
  return before ?? { level: null, receive: false };
}

/** Names of all users and instances that are meant. @throws {AppError} when one is not there, or is root */
async function namesOf(executor: Executor, changes: readonly GrantChange[]) {
  const userIds = [...new Set(changes.map((change) => change.userId))];
  const instanceIds = [...new Set(changes.map((change) => change.instanceId))];
  const foundUsers = await executor
    .select()
    .from(users)
    .where(inArray(users.id, userIds))
    .orderBy(users.id)
    .for("share");
  const foundInstances = await executor
    .select({ id: instances.id, name: instances.name })
    .from(instances)
    .where(inArray(instances.id, instanceIds))
    .orderBy(instances.id)
    .for("share");
  if (foundUsers.length < userIds.length || foundInstances.length < instanceIds.length) {
    throw notFound();
  }
  if (foundUsers.some((user) => user.role === "root")) {
    throw new AppError("INVALID", "grants-of-root");
  }
  return {
    users: new Map(foundUsers.map((user) => [user.id, user.username])),
    instances: new Map(foundInstances.map((instance) => [instance.id, instance.name])),
  };
}

/** Cells that somebody else changed since they were looked at, and who that was. */
async function grantsChanged(tx: Tx, cells: readonly string[]): Promise<AppError> {
  const [last] = await tx
    .select({ actor: audit.actor })
    .from(audit)
    .where(
      and(
        eq(audit.action, "grants:save"),
        eq(audit.outcome, "ok"),
        or(...cells.map((cell) => sql`${audit.changes} ? ${cell}`)),
      ),
    )
    .orderBy(desc(audit.id))
    .limit(1);
  return new AppError("CONFLICT", "grants-changed", {
    values: { n: cells.length, user: last?.actor ?? "" },
  });
}

function sameGrants(a: InstanceGrants, b: InstanceGrants): boolean {
  return a.level === b.level && a.receive === b.receive;
}

function cellText({ level, receive }: { level: string | null; receive: boolean }): string | null {
  return [level, receive ? "receive" : null].filter((part) => part !== null).join(" + ") || null;
}
