import "server-only";
import { eq } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import type { RuleDraft } from "./rule-targets.ts";
import { instanceNames } from "./task-names.ts";
import { ruleVisible } from "./visibility.ts";

/** Edges looked at. */
const EDGE_LIMIT = 20_000;

interface Place {
  instanceId: string;
  name: string;
  namespace: string;
}

interface Edge {
  from: Place;
  to: Place;
}

/**
 * The way from a target of the draft back to its source over rules that the actor sees, as `instance/namespace`; empty
 * when there is none. A cycle is allowed and shown as a warning: equal digests copy nothing.
 */
export async function cycleOf(actor: Actor, draft: RuleDraft & { ruleId?: string }): Promise<string[]> {
  const edges = await edgesOf(actor, draft.ruleId);
  const names = await instanceNames([
    draft.sourceInstanceId,
    ...draft.targets.map((target) => target.instanceId),
  ]);
  const place = (instanceId: string, namespace: string): Place => ({
    instanceId,
    namespace,
    name: names.get(instanceId)?.name ?? "—",
  });
  const start = place(draft.sourceInstanceId, draft.sourceNamespace);
  const paths = draft.targets.map((target) => [
    place(target.instanceId, target.namespace ?? draft.sourceNamespace),
  ]);
  const walked = new Set<Edge>();
  for (let path = paths.shift(); path; path = paths.shift()) {
    const end = path[path.length - 1] as Place;
    if (overlap(end, start)) {
      return [start, ...path].map((step) => `${step.name}/${step.namespace}`);
    }
    for (const edge of edges.get(end.instanceId) ?? []) {
      if (!walked.has(edge) && overlap(edge.from, end)) {
        walked.add(edge);
        paths.push([...path, edge.to]);
      }
    }
  }
  return [];
}

const source = alias(instances, "source_instance");
const target = alias(instances, "target_instance");

async function edgesOf(actor: Actor, exceptRuleId: string | undefined): Promise<Map<string, Edge[]>> {
  const rows = await database()
    .select({ rule: rules, source: source.name, target: target.name, to: ruleTargets })
    .from(rules)
    .innerJoin(ruleTargets, eq(ruleTargets.ruleId, rules.id))
    .innerJoin(source, eq(source.id, rules.sourceInstanceId))
    .innerJoin(target, eq(target.id, ruleTargets.instanceId))
    .where(ruleVisible(actor))
    .limit(EDGE_LIMIT);
  const others = rows.filter(({ rule }) => rule.id !== exceptRuleId);
  const edges = others.map(({ rule, source: fromName, target: toName, to }) => ({
    from: { instanceId: rule.sourceInstanceId, name: fromName, namespace: rule.sourceNamespace },
    to: { instanceId: to.instanceId, name: toName, namespace: to.namespace ?? rule.sourceNamespace },
  }));
  return Map.groupBy(edges, (edge) => edge.from.instanceId);
}

/** Whether content of one namespace can lie in the other: on one instance, the same, or one inside the other. */
function overlap(one: Place, other: Place): boolean {
  return (
    one.instanceId === other.instanceId &&
    (one.namespace === other.namespace ||
      one.namespace.startsWith(`${other.namespace}/`) ||
      other.namespace.startsWith(`${one.namespace}/`))
  );
}
