import { eq } from "drizzle-orm";
import type { Executor } from "../../db/client.ts";
import { rules, ruleTargets } from "../../db/schema/rules.ts";
import { compilePattern } from "../../pattern/pattern.ts";
import { pathBelow } from "../../sync/destination.ts";

/** A rule that follows deletions, as it is now. */
export interface FollowingRule {
  id: string;
  sourceInstanceId: string;
  sourceNamespace: string;
  repositoryPattern: string;
  tagPattern: string;
  resourceType: string;
  delayHours: number;
  share: number;
  /** Those that are not paused. */
  targetIds: string[];
}

/** @returns null when it is gone, switched off, or does not follow deletions */
export async function followingRule(executor: Executor, ruleId: string): Promise<FollowingRule | null> {
  const [rule] = await executor.select().from(rules).where(eq(rules.id, ruleId));
  if (!rule?.enabled || !rule.followDeletions) {
    return null;
  }
  const targets = await executor.select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId));
  return {
    id: rule.id,
    sourceInstanceId: rule.sourceInstanceId,
    sourceNamespace: rule.sourceNamespace,
    repositoryPattern: rule.repositoryPattern,
    tagPattern: rule.tagPattern,
    resourceType: rule.resourceType,
    delayHours: rule.deletionDelayHours,
    share: rule.deletionShare,
    targetIds: targets.filter(({ pausedAt }) => pausedAt === null).map(({ id }) => id),
  };
}

/** Whether the rule, as it is now, means this tag of its source. */
export function meansTag(
  rule: Pick<FollowingRule, "sourceNamespace" | "repositoryPattern" | "tagPattern">,
): (repository: string, tag: string) => boolean {
  const repositories = compilePattern(rule.repositoryPattern);
  const tags = compilePattern(rule.tagPattern);
  return (repository, tag) => {
    const path = pathBelow(repository, rule.sourceNamespace);
    return (
      path !== null &&
      repositories.ok &&
      tags.ok &&
      repositories.pattern.matches(path) &&
      tags.pattern.matches(tag)
    );
  };
}
