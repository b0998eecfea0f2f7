import "server-only";
import { eq, inArray } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { type InstanceConnection, instanceConnection } from "../db/instance-connection.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { AppError } from "../errors.ts";
import { sourceIsBehind } from "../queue/source-behind.ts";
import { isSourceOfRules } from "../queue/way-back.ts";
import type { PreviewDraft } from "../schemas/preview.ts";
import type { RuleTargetInput } from "../schemas/rule-fields.ts";
import { SecretError } from "../secrets.ts";
import { checkReceive, planTargets } from "./rule-targets.ts";
import { holds, notFound, requireId } from "./visibility.ts";

/** A registry to ask, as its instance was saved at `version`. Holds a password: for the server only. */
export interface PreviewConnection extends InstanceConnection {
  version: number;
}

/** What a preview needs to know of a rule. */
export interface PreviewPlan extends Omit<PreviewDraft, "targets" | "sourceInstanceId"> {
  /** The rule once copied parts of indexes. */
  partsBefore: boolean;
  source: PreviewConnection;
  targets: { connection: PreviewConnection; namespace: string | null }[];
}

/**
 * A rule as it would be created.
 * @throws {AppError} NOT_FOUND; FORBIDDEN grant-missing; CONFLICT credentials-unreadable
 */
export async function previewOfDraft(
  actor: Actor<"rule:preview">,
  draft: PreviewDraft,
): Promise<PreviewPlan> {
  if (!holds(actor.holds, draft.sourceInstanceId)) {
    throw notFound();
  }
  await checkReceive(database(), actor, { targets: draft.targets, named: [] });
  return planOf(draft, false);
}

/**
 * A saved rule as it would be after an edit: receive is asked for at the targets that it does not name yet, as saving asks.
 * @throws {AppError} NOT_FOUND; FORBIDDEN grant-missing; CONFLICT credentials-unreadable
 */
export async function previewOfEdit(
  actor: Actor<"rule:edit">,
  ruleId: string,
  draft: PreviewDraft,
): Promise<PreviewPlan> {
  const { rule, targets } = await storedRule(actor, ruleId);
  const edited = { ...draft, sourceInstanceId: rule.sourceInstanceId };
  const plan = planTargets(actor, { namespace: rule.sourceNamespace, targets }, edited);
  const named = targets.map(({ instanceId }) => instanceId);
  await checkReceive(database(), actor, { targets: plan.added, named });
  return planOf(edited, rule.partsBefore || rule.platforms?.mode === "sparse");
}

/**
 * A saved rule as a trigger would run it now: paused targets are left out.
 * @throws {AppError} NOT_FOUND; CONFLICT rule-targets-paused or credentials-unreadable
 */
export async function previewOfRule(actor: Actor<"rule:trigger">, ruleId: string): Promise<PreviewPlan> {
  const { rule, targets } = await storedRule(actor, ruleId);
  const open = targets.filter(({ pausedAt }) => pausedAt === null);
  if (open.length === 0) {
    throw new AppError("CONFLICT", "rule-targets-paused");
  }
  return planOf({ ...rule, targets: open }, rule.partsBefore);
}

/** A tag of a plan at the target of that number. */
interface PlannedTag {
  target: number;
  sourceRepository: string;
  targetRepository: string;
  tag: string;
}

/** What tells of each tag that would go over other content whether a task left that alone, as the newer one. */
export function behindIn({ source, targets }: PreviewPlan) {
  const comeBack = new Map<string, Promise<boolean>>();
  return async (planned: PlannedTag, digests: { source: string; target: string }): Promise<boolean> => {
    const instanceId = targets[planned.target]?.connection.id ?? "";
    const comesBack = comeBack.get(instanceId) ?? isSourceOfRules(database(), instanceId);
    comeBack.set(instanceId, comesBack);
    const { tag } = planned;
    return (
      (await comesBack) &&
      sourceIsBehind(database(), {
        source: { instanceId: source.id, repository: planned.sourceRepository, tag },
        target: { instanceId, repository: planned.targetRepository, tag },
        digests,
      })
    );
  };
}

async function storedRule(actor: Actor<"rule:edit" | "rule:trigger">, ruleId: string) {
  const [rule] = await database()
    .select()
    .from(rules)
    .where(eq(rules.id, requireId(ruleId)));
  if (!rule || !holds(actor.holds, rule.sourceInstanceId)) {
    throw notFound();
  }
  return {
    rule,
    targets: await database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, rule.id)),
  };
}

async function planOf(
  draft: Omit<PreviewDraft, "targets"> & { targets: readonly RuleTargetInput[] },
  partsBefore: boolean,
): Promise<PreviewPlan> {
  const ids = [draft.sourceInstanceId, ...draft.targets.map(({ instanceId }) => instanceId)];
  const connections = await connectionsOf(ids);
  const connectionTo = (instanceId: string): PreviewConnection => {
    const connection = connections.get(instanceId);
    if (!connection) {
      throw notFound();
    }
    return connection;
  };
  return {
    sourceNamespace: draft.sourceNamespace,
    repositoryPattern: draft.repositoryPattern,
    tagPattern: draft.tagPattern,
    excludeTagPattern: draft.excludeTagPattern,
    semverRange: draft.semverRange,
    newestTags: draft.newestTags,
    resourceType: draft.resourceType,
    platforms: draft.platforms,
    partsBefore,
    override: draft.override,
    source: connectionTo(draft.sourceInstanceId),
    targets: draft.targets.map(({ instanceId, namespace }) => ({
      namespace,
      connection: connectionTo(instanceId),
    })),
  };
}

async function connectionsOf(ids: readonly string[]): Promise<Map<string, PreviewConnection>> {
  const rows = await database()
    .select({ id: instances.id, version: instances.version })
    .from(instances)
    .where(inArray(instances.id, [...ids]));
  const found = await Promise.all(
    rows.map(async ({ id, version }) => {
      const connection = await instanceConnection(database(), id).catch((cause: unknown) => {
        // Sealed with another key, changed, or copied from another row: somebody has to enter the password again.
        throw cause instanceof SecretError
          ? new AppError("CONFLICT", "credentials-unreadable", { cause })
          : cause;
      });
      return connection ? [[id, { ...connection, version }] as const] : [];
    }),
  );
  return new Map(found.flat());
}
