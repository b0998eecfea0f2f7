import "server-only";
import { and, eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { users } from "../db/schema/people.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { AppError } from "../errors.ts";
import { startTask } from "../queue/start-task.ts";
import { deleteRule as deleteRuleWithTasks } from "../queue/stop-task.ts";
import type { CreateRuleInput, UpdateRuleInput } from "../schemas/rule.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { differences, recordAudit } from "./audit.ts";
import { violates } from "./conflict.ts";
import { settleDeletions } from "./rule-deletions.ts";
import { columnsOf, resumedColumns, shownFields, shownRule } from "./rule-fields.ts";
import { forgetUnselected } from "./rule-misses.ts";
import { addTargets, checkPlaces, checkReceive, planTargets, saveTargets } from "./rule-targets.ts";
import { once } from "./submissions.ts";
import { heldAt, holds, notFound, requireId } from "./visibility.ts";

type StoredRule = typeof rules.$inferSelect;
type StoredTarget = typeof ruleTargets.$inferSelect;

/**
 * Creates an enabled rule, and starts its first task unless `backfill` is off.
 * @throws {AppError} NOT_FOUND; FORBIDDEN grant-missing; INVALID; CONFLICT rule-name-taken
 */
export function createRule(
  actor: Actor<"rule:create">,
  input: CreateRuleInput,
): Promise<{ ruleId: string; taskId: string | null }> {
  return once(actor, async (tx) => {
    if (!holds(actor.holds, input.sourceInstanceId)) {
      throw notFound();
    }
    await checkReceive(tx, actor, { targets: input.targets, named: [] });
    await checkPlaces(tx, input);
    const ruleId = uuidv7();
    await uniqueName(async () =>
      tx.insert(rules).values({
        id: ruleId,
        sourceInstanceId: input.sourceInstanceId,
        ...(await columnsOf(tx, input, null)),
        createdBy: actor.user.id,
        updatedBy: actor.user.id,
      }),
    );
    await addTargets(tx, actor, { ruleId, targets: input.targets });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "rule", id: ruleId, name: input.name },
      changes: differences({}, { ...shownFields(input), targets: targetsText(input.targets) }),
    });
    await announce(tx, { id: ruleId, sourceInstanceId: input.sourceInstanceId });
    const task = input.backfill ? await startTask(tx, manually(actor, ruleId)) : null;
    return { ruleId, taskId: task?.taskId ?? null };
  });
}

/**
 * Changes every parameter of a rule. A task that runs keeps the rule as it was.
 * @throws {AppError} NOT_FOUND; CONFLICT rule-changed (user, at) or rule-name-taken; FORBIDDEN grant-missing; INVALID
 */
export function updateRule(actor: Actor<"rule:edit">, input: UpdateRuleInput): Promise<{ ruleId: string }> {
  return database().transaction(async (tx) => {
    const stored = await lockRule(tx, actor, input.ruleId);
    if (stored.version !== input.version) {
      throw await changedMeanwhile(tx, stored);
    }
    const draft = { ...input, sourceInstanceId: stored.sourceInstanceId };
    const before = await tx.select().from(ruleTargets).where(eq(ruleTargets.ruleId, stored.id));
    const plan = planTargets(actor, { namespace: stored.sourceNamespace, targets: before }, draft);
    const follows = input.deletion !== null;
    // A rule that begins to delete asks for receive everywhere, as one that begins to write does.
    const asked = follows && !stored.followDeletions ? input.targets : plan.added;
    await checkReceive(tx, actor, { targets: asked, named: before.map((target) => target.instanceId) });
    await checkPlaces(tx, draft);
    await uniqueName(async () =>
      tx
        .update(rules)
        .set({
          ...(await columnsOf(tx, input, stored)),
          version: stored.version + 1,
          updatedBy: actor.user.id,
          updatedAt: sql`now()`,
        })
        .where(eq(rules.id, stored.id)),
    );
    await saveTargets(tx, actor, { ruleId: stored.id, plan });
    await settleDeletions(tx, stored.id, { before: stored.followDeletions, now: follows });
    await forgetUnselected(tx, stored.id, input);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "rule", id: stored.id, name: input.name },
      changes: {
        ...differences(shownRule(stored), shownFields(input)),
        ...differences({ targets: targetsText(before) }, { targets: targetsText(input.targets) }),
      },
    });
    await announce(tx, stored, before);
    return { ruleId: stored.id };
  });
}

/** Stops the rule's tasks and deletes it with them. @throws {AppError} NOT_FOUND; INVALID confirm-name-differs */
export function deleteRule(
  actor: Actor<"rule:delete">,
  { ruleId, confirmName }: { ruleId: string; confirmName: string },
): Promise<void> {
  return database().transaction(async (tx) => {
    const stored = await lockRule(tx, actor, ruleId);
    if (confirmName !== stored.name) {
      throw new AppError("INVALID", "invalid", { fields: { confirmName: "confirm-name-differs" } });
    }
    const targets = await tx.select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId));
    await deleteRuleWithTasks(tx, ruleId);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "rule", id: ruleId, name: stored.name },
      changes: differences({ ...shownRule(stored), targets: targetsText(targets) }, {}),
    });
    await announce(tx, stored, targets);
  });
}

/** @throws {AppError} NOT_FOUND */
export function setRuleEnabled(
  actor: Actor<"rule:switch">,
  { ruleId, enabled }: { ruleId: string; enabled: boolean },
): Promise<void> {
  return database().transaction(async (tx) => {
    const stored = await lockRule(tx, actor, ruleId);
    // Not part of what the form edits: the version stays, so a form that is open meanwhile can still be saved.
    const resumed = enabled && !stored.enabled ? await resumedColumns(tx, stored) : {};
    await tx
      .update(rules)
      .set({ enabled, ...resumed })
      .where(eq(rules.id, ruleId));
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "rule", id: ruleId, name: stored.name },
      changes: differences({ enabled: stored.enabled }, { enabled }),
    });
    await announce(tx, stored);
  });
}

/** Filters by the permission's own instances: a foreign id finds nothing. */
export async function lockRule(
  tx: Tx,
  actor: Actor<"rule:edit" | "rule:delete" | "rule:switch" | "rule:trigger">,
  ruleId: string,
): Promise<StoredRule> {
  const [stored] = await tx
    .select()
    .from(rules)
    .where(and(eq(rules.id, requireId(ruleId)), heldAt(rules.sourceInstanceId, actor.holds)))
    .for("update");
  if (!stored) {
    throw notFound();
  }
  return stored;
}

async function changedMeanwhile(tx: Tx, stored: StoredRule): Promise<AppError> {
  const [editor] = stored.updatedBy
    ? await tx.select({ username: users.username }).from(users).where(eq(users.id, stored.updatedBy))
    : [];
  return new AppError("CONFLICT", "rule-changed", {
    values: { user: editor?.username ?? "—", at: stored.updatedAt.toISOString() },
  });
}

async function announce(
  tx: Tx,
  rule: { id: string; sourceInstanceId: string },
  targetsBefore: readonly StoredTarget[] = [],
): Promise<void> {
  const now = await tx
    .select({ instanceId: ruleTargets.instanceId })
    .from(ruleTargets)
    .where(eq(ruleTargets.ruleId, rule.id));
  await notifyLive(tx, {
    kind: "rule",
    ruleId: rule.id,
    sourceInstanceId: rule.sourceInstanceId,
    targetInstanceIds: [...new Set([...now, ...targetsBefore].map(({ instanceId }) => instanceId))],
  });
}

/** The whole of a rule, asked for by a person. */
export function manually(actor: Actor, ruleId: string) {
  return { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: actor.user.id } as const;
}

function targetsText(targets: readonly { instanceId: string; namespace: string | null }[]): string[] {
  return targets.map(({ instanceId, namespace }) => `${instanceId}/${namespace ?? "="}`).sort();
}

async function uniqueName(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, "rules_name")) {
      throw new AppError("CONFLICT", "rule-name-taken", { fields: { name: "name-taken" }, cause: error });
    }
    throw error;
  }
}
