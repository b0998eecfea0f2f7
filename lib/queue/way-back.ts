import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Executor } from "../db/client.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { matchesEvent, namespacesOf } from "../events/rule-matching.ts";
import { DestinationError, targetRepository } from "../sync/destination.ts";
import { beginsOneOf } from "./rule-paths.ts";
import { goesTo, type TagPlace } from "./written-content.ts";

/** Rules one after the other that are followed: a ring of more places is none that anybody set up. */
const MOST_HOPS = 8;

/** Whether some rule starts at this instance, be it switched off: where none does, nothing that came from it ever comes back. */
export async function isSourceOfRules(executor: Executor, instanceId: string): Promise<boolean> {
  const [rule] = await executor
    .select({ id: rules.id })
    .from(rules)
    .where(eq(rules.sourceInstanceId, instanceId))
    .limit(1);
  return rule !== undefined;
}

/** Whether rules that are switched on, and overwrite, carry a tag from one place to the other, perhaps over others. */
export async function leadsTo(executor: Executor, from: TagPlace, to: TagPlace): Promise<boolean> {
  const walked = new Set<string>();
  let places = [from];
  for (let hop = 0; hop < MOST_HOPS && places.length > 0; hop += 1) {
    const next: TagPlace[] = [];
    for (const place of places) {
      const key = nameOf(place);
      if (!walked.has(key)) {
        walked.add(key);
        next.push(...(await carriedTo(executor, place)));
      }
    }
    if (next.some((place) => nameOf(place) === nameOf(to))) {
      return true;
    }
    places = next;
  }
  return false;
}

const nameOf = ({ instanceId, repository }: TagPlace): string => `${instanceId}/${repository}`;

/** Where the rules of a place bring its tag, over what stands there. */
async function carriedTo(executor: Executor, place: TagPlace): Promise<TagPlace[]> {
  const { instanceId, repository, tag } = place;
  const rows = await executor
    .select({ rule: rules, target: ruleTargets })
    .from(rules)
    .innerJoin(ruleTargets, eq(ruleTargets.ruleId, rules.id))
    .where(
      and(
        eq(rules.sourceInstanceId, instanceId),
        inArray(rules.sourceNamespace, namespacesOf(repository)),
        eq(rules.enabled, true),
        eq(rules.override, true),
        isNull(ruleTargets.pausedAt),
        beginsOneOf([repository]),
      ),
    );
  const reached: TagPlace[] = [];
  for (const { rule, target } of rows) {
    const name = matchesEvent(rule, repository, tag) ? destinationOf(rule, place, target.namespace) : null;
    if (name !== null) {
      const there = { instanceId: target.instanceId, repository: name, tag };
      // Of a rule that chooses by type, or the newest, only a transfer since it was saved tells that it chooses this tag.
      const tells = rule.resourceType === "all" && rule.newestTags === null;
      if (tells || (await hasBrought(executor, { ruleTargetId: target.id, since: rule.updatedAt }, there))) {
        reached.push(there);
      }
    }
  }
  return reached;
}

function destinationOf(
  { sourceNamespace }: { sourceNamespace: string },
  { repository }: TagPlace,
  namespace: string | null,
): string | null {
  try {
    return targetRepository(repository, sourceNamespace, namespace);
  } catch (error) {
    if (error instanceof DestinationError) {
      return null;
    }
    throw error;
  }
}

async function hasBrought(
  executor: Executor,
  { ruleTargetId, since }: { ruleTargetId: string; since: Date },
  to: TagPlace,
): Promise<boolean> {
  const { rows } = await executor.execute(sql`
    select 1 from transfers t
    where ${goesTo(sql`t`, to)} and t.rule_target_id = ${ruleTargetId} and t.ended_at > ${since.toISOString()}
    limit 1`);
  return rows.length > 0;
}
