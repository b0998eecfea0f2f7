import { and, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { announceTask } from "../queue/live.ts";
import { taskStatusesBefore } from "../queue/states.ts";
import type { RuleSnapshot } from "../schemas/rule.ts";
import { ACTIVE_TASK_STATUSES, type TaskScope } from "../schemas/task.ts";
import { deeper, type VerifyDepth } from "../schemas/verify-words.ts";

/** What a scan is to do. */
export interface ClaimedTask {
  readonly id: string;
  readonly ruleId: string;
  readonly rule: RuleSnapshot;
  readonly scope: TaskScope;
  readonly retryOf: string | null;
  /** The repository after which a scan that was cut off goes on. */
  readonly cursor: string | null;
}

/**
 * Takes a pending task: the rule is copied onto it as it is now, without its paused targets, and no later edit reaches it.
 * A task that is scanning already is a scan that was cut off: it goes on with the copy it has.
 *
 * @returns null when there is nothing to scan: stopped meanwhile, scanned already, or another task of the rule is at work
 */
export async function claimTask(tx: Tx, taskId: string): Promise<ClaimedTask | null> {
  const [task] = await tx
    .select({ ruleId: tasks.ruleId, status: tasks.status, verify: tasks.verify })
    .from(tasks)
    .where(eq(tasks.id, taskId));
  if (!task) {
    return null;
  }
  if (task.status === "pending") {
    const taken = await snapshot(tx, task.ruleId);
    if (!taken || (await anotherIsActive(tx, task.ruleId, taskId))) {
      return null;
    }
    const verify = deeper(task.verify, taken.verifyAfter);
    await tx
      .update(tasks)
      .set({ status: "scanning", rule: taken.rule, verify, claimedAt: sql`now()`, updatedAt: sql`now()` })
      .where(and(eq(tasks.id, taskId), inArray(tasks.status, taskStatusesBefore("scanning"))));
    await announceTask(tx, taskId);
  }
  const [claimed] = await tx
    .select()
    .from(tasks)
    .where(
      and(
        eq(tasks.id, taskId),
        inArray(tasks.status, [...ACTIVE_TASK_STATUSES]),
        isNull(tasks.scanEndedAt),
        isNull(tasks.stopRequestedAt),
      ),
    );
  return claimed?.rule
    ? {
        id: taskId,
        ruleId: task.ruleId,
        rule: claimed.rule,
        scope: claimed.scope,
        retryOf: claimed.retryOf,
        cursor: claimed.scanCursor,
      }
    : null;
}

async function anotherIsActive(tx: Tx, ruleId: string, taskId: string): Promise<boolean> {
  const others = await tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(
      and(eq(tasks.ruleId, ruleId), ne(tasks.id, taskId), inArray(tasks.status, [...ACTIVE_TASK_STATUSES])),
    );
  return others.length > 0;
}

/** Share-locks the rule: an edit under way is waited for, so rule and targets are of one version. */
async function snapshot(
  tx: Tx,
  ruleId: string,
): Promise<{ rule: RuleSnapshot; verifyAfter: VerifyDepth | null } | null> {
  const [rule] = await tx.select().from(rules).where(eq(rules.id, ruleId)).for("share");
  if (!rule) {
    return null;
  }
  const targets = await tx
    .select({
      ruleTargetId: ruleTargets.id,
      instanceId: ruleTargets.instanceId,
      namespace: ruleTargets.namespace,
    })
    .from(ruleTargets)
    .where(and(eq(ruleTargets.ruleId, ruleId), isNull(ruleTargets.pausedAt)))
    .orderBy(ruleTargets.id);
  const copy = {
    name: rule.name,
    version: rule.version,
    sourceInstanceId: rule.sourceInstanceId,
    sourceNamespace: rule.sourceNamespace,
    repositoryPattern: rule.repositoryPattern,
    tagPattern: rule.tagPattern,
    excludeTagPattern: rule.excludeTagPattern,
    semverRange: rule.semverRange,
    newestTags: rule.newestTags,
    resourceType: rule.resourceType,
    platforms: rule.platforms,
    partsBefore: rule.partsBefore,
    override: rule.override,
    referrers: rule.referrers,
    targets,
  };
  return { rule: copy, verifyAfter: rule.verifyAfter };
}
