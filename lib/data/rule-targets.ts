import "server-only";
import { and, eq, inArray } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import type { Executor, Tx } from "../db/client.ts";
import { namedGranters } from "../db/granters.ts";
import { grants, instances } from "../db/schema/instances.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { AppError } from "../errors.ts";
import type { RuleTargetInput } from "../schemas/rule-fields.ts";
import { holds, holdsAny, notFound } from "./visibility.ts";

export interface RuleDraft {
  sourceInstanceId: string;
  sourceNamespace: string;
  targets: readonly RuleTargetInput[];
}

type StoredTarget = typeof ruleTargets.$inferSelect;

export const placeOf = (
  target: { instanceId: string; namespace: string | null },
  sourceNamespace: string,
): string => `${target.instanceId} ${target.namespace ?? sourceNamespace}`;

/**
 * Refuses targets that are the source itself (the same registry and namespace, under whatever instance) or named twice.
 * @throws {AppError} INVALID with a field for each
 */
export async function checkPlaces(executor: Executor, draft: RuleDraft): Promise<void> {
  const ids = [draft.sourceInstanceId, ...draft.targets.map((target) => target.instanceId)];
  const rows = await executor
    .select({ id: instances.id, address: instances.address })
    .from(instances)
    .where(inArray(instances.id, ids));
  const address = new Map(rows.map((row) => [row.id, row.address]));
  const fields: Record<string, string> = {};
  const seen = new Set<string>();
  for (const [index, target] of draft.targets.entries()) {
    const sameRegistry = address.get(target.instanceId) === address.get(draft.sourceInstanceId);
    if (sameRegistry && (target.namespace ?? draft.sourceNamespace) === draft.sourceNamespace) {
      fields[`targets.${index}.namespace`] = "same-place";
    }
    const place = placeOf(target, draft.sourceNamespace);
    if (seen.has(place)) {
      fields[`targets.${index}.instanceId`] = "target-twice";
    }
    seen.add(place);
  }
  if (Object.keys(fields).length > 0) {
    throw new AppError("INVALID", "invalid", { fields });
  }
}

/**
 * Receive is asked for at every target that is new or changed. An instance of which the actor sees nothing answers as one
 * that does not exist, unless the rule names it already (`named`).
 * @throws {AppError} NOT_FOUND; FORBIDDEN grant-missing
 */
export async function checkReceive(
  executor: Executor,
  actor: Actor<"rule:create" | "rule:edit" | "rule:preview">,
  { targets, named }: { targets: readonly RuleTargetInput[]; named: readonly string[] },
): Promise<void> {
  for (const { instanceId } of targets) {
    const [instance] = await executor
      .select({ name: instances.name })
      .from(instances)
      .where(eq(instances.id, instanceId));
    if (!instance || !(holdsAny(actor, instanceId) || named.includes(instanceId))) {
      throw notFound();
    }
    if (!holds(actor.receive, instanceId) || !(await stillReceives(executor, actor, instanceId))) {
      throw new AppError("FORBIDDEN", "grant-missing", {
        values: { grant: "receive", instance: instance.name, granters: await namedGranters(executor) },
      });
    }
  }
}

/** Read under a lock: a grant that is taken away meanwhile either counts now, or pauses what is being saved. */
async function stillReceives(executor: Executor, actor: Actor, instanceId: string): Promise<boolean> {
  if (actor.receive === "all" || actor.user.id === null) {
    return actor.receive === "all";
  }
  const [grant] = await executor
    .select({ receive: grants.receive })
    .from(grants)
    .where(and(eq(grants.userId, actor.user.id), eq(grants.instanceId, instanceId)))
    .for("share");
  return grant?.receive === true;
}

/** What becomes of each target when a rule is saved. */
export interface TargetPlan {
  /** New, or at another place than before: receive is asked for, and the saver answers for it. */
  added: RuleTargetInput[];
  /** As before; `resumed` was paused, and the saver may receive there. */
  kept: { target: StoredTarget; namespace: string | null; resumed: boolean }[];
  removed: StoredTarget[];
}

/**
 * Compares by the place that is written to: a target that follows the source's namespace changes with it.
 */
export function planTargets(
  actor: Actor<"rule:edit">,
  stored: { namespace: string; targets: readonly StoredTarget[] },
  draft: RuleDraft,
): TargetPlan {
  const before = new Map(stored.targets.map((target) => [placeOf(target, stored.namespace), target]));
  const plan: TargetPlan = { added: [], kept: [], removed: [] };
  for (const input of draft.targets) {
    const place = placeOf(input, draft.sourceNamespace);
    const target = before.get(place);
    before.delete(place);
    if (target) {
      const resumed = target.pausedAt !== null && holds(actor.receive, target.instanceId);
      plan.kept.push({ target, namespace: input.namespace, resumed });
    } else {
      plan.added.push(input);
    }
  }
  plan.removed = [...before.values()];
  return plan;
}

export async function addTargets(
  tx: Tx,
  actor: Actor,
  { ruleId, targets }: { ruleId: string; targets: readonly RuleTargetInput[] },
): Promise<void> {
  if (targets.length > 0) {
    await tx.insert(ruleTargets).values(
      targets.map(({ instanceId, namespace }) => ({
        id: uuidv7(),
        ruleId,
        instanceId,
        namespace,
        setBy: actor.user.id,
      })),
    );
  }
}

/** Carries out a plan. */
export async function saveTargets(
  tx: Tx,
  actor: Actor<"rule:edit">,
  { ruleId, plan }: { ruleId: string; plan: TargetPlan },
): Promise<void> {
  if (plan.removed.length > 0) {
    await tx.delete(ruleTargets).where(
      inArray(
        ruleTargets.id,
        plan.removed.map(({ id }) => id),
      ),
    );
  }
  for (const { target, namespace, resumed } of plan.kept) {
    await tx
      .update(ruleTargets)
      // Whoever resumes a target answers for it from now on.
      .set({ namespace, ...(resumed ? { pausedAt: null, pausedReason: null, setBy: actor.user.id } : {}) })
      .where(eq(ruleTargets.id, target.id));
  }
  await addTargets(tx, actor, { ruleId, targets: plan.added });
}
