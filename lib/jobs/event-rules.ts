import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { namespacesOf } from "../events/rule-matching.ts";
import { beginsOneOf } from "../queue/rule-paths.ts";

/** A rule that pushes at its source start. */
export interface EventRule {
  id: string;
  sourceInstanceId: string;
  sourceNamespace: string;
  repositoryPattern: string;
  tagPattern: string;
  excludeTagPattern: string;
  semverRange: string;
  /** Brings what belongs to an image along. */
  referrers: boolean;
  /** Those that are not paused. */
  targets: { id: string; instanceId: string; namespace: string | null }[];
}

/** Of a batch that tells of more repositories, each rule of their namespaces is read once and its expression asked. */
const REPOSITORIES_COMPARED = 20;

/**
 * Rules that may concern one of these repositories, by the index of instance and namespace, and by what their expressions begin with:
 * ten thousand rules of one namespace are neither fetched nor compiled for one push. Whether a rule is concerned, its expression says.
 */
export async function rulesForEvents(
  tx: Tx,
  instanceId: string,
  repositories: Iterable<string>,
): Promise<EventRule[]> {
  const paths = [...new Set(repositories)];
  const namespaces = [...new Set(paths.flatMap(namespacesOf))];
  const rows = await tx
    .select({
      id: rules.id,
      sourceInstanceId: rules.sourceInstanceId,
      sourceNamespace: rules.sourceNamespace,
      repositoryPattern: rules.repositoryPattern,
      tagPattern: rules.tagPattern,
      excludeTagPattern: rules.excludeTagPattern,
      semverRange: rules.semverRange,
      referrers: rules.referrers,
    })
    .from(rules)
    .where(
      and(
        eq(rules.sourceInstanceId, instanceId),
        inArray(rules.sourceNamespace, namespaces),
        eq(rules.enabled, true),
        eq(rules.onEvent, true),
        paths.length <= REPOSITORIES_COMPARED ? beginsOneOf(paths) : undefined,
      ),
    );
  return rows.map((row) => ({ ...row, targets: [] }));
}

/** Adds where they go to rules that an event has matched: few, of however many. */
export async function addTargets(tx: Tx, matched: readonly EventRule[]): Promise<void> {
  if (matched.length === 0) {
    return;
  }
  const rows = await tx
    .select({
      id: ruleTargets.id,
      ruleId: ruleTargets.ruleId,
      instanceId: ruleTargets.instanceId,
      namespace: ruleTargets.namespace,
    })
    .from(ruleTargets)
    .where(
      and(
        inArray(
          ruleTargets.ruleId,
          matched.map(({ id }) => id),
        ),
        isNull(ruleTargets.pausedAt),
      ),
    );
  const targets = Map.groupBy(rows, ({ ruleId }) => ruleId);
  for (const rule of matched) {
    rule.targets = (targets.get(rule.id) ?? []).map(({ id, instanceId, namespace }) => ({
      id,
      instanceId,
      namespace,
    }));
  }
}
