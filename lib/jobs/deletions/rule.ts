import { eq } from "drizzle-orm";
import type { Executor } from "../../db/client.ts";
import { rules, ruleTargets } from "../../db/schema/rules.ts";
import { compileTagChoice } from "../../pattern/compile-tag-choice.ts";
import { compilePattern } from "../../pattern/pattern.ts";
import { notChosenFor } from "../../pattern/tag-choice.ts";
import { newestNames } from "../../pattern/version-order.ts";
import { pathBelow } from "../../sync/destination.ts";

/** A rule that follows deletions, as it is now. */
export interface FollowingRule {
  id: string;
  sourceInstanceId: string;
  sourceNamespace: string;
  repositoryPattern: string;
  tagPattern: string;
  excludeTagPattern: string;
  semverRange: string;
  newestTags: number | null;
  resourceType: string;
  /** Signatures and the like are its matter, too. */
  referrers: boolean;
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
    excludeTagPattern: rule.excludeTagPattern,
    semverRange: rule.semverRange,
    newestTags: rule.newestTags,
    resourceType: rule.resourceType,
    referrers: rule.referrers,
    delayHours: rule.deletionDelayHours,
    share: rule.deletionShare,
    targetIds: targets.filter(({ pausedAt }) => pausedAt === null).map(({ id }) => id),
  };
}

type Selecting = Pick<
  FollowingRule,
  "sourceNamespace" | "repositoryPattern" | "tagPattern" | "excludeTagPattern" | "semverRange" | "newestTags"
>;

/** Whether the rule, as it is now, means this tag of its source by its name. */
export function meansTag(rule: Selecting): (repository: string, tag: string) => boolean {
  const repositories = compilePattern(rule.repositoryPattern);
  const tags = compileTagChoice(rule);
  return (repository, tag) => {
    const path = pathBelow(repository, rule.sourceNamespace);
    return (
      path !== null &&
      repositories.ok &&
      tags !== null &&
      repositories.pattern.matches(path) &&
      notChosenFor(tags, tag) === null
    );
  };
}

/** Whether the rule would mean a tag of a repository beside these others: a rule for the newest N leaves older ones alone. */
export function meansBeside(rule: Selecting): (tag: string, others: readonly string[]) => boolean {
  const tags = compileTagChoice(rule);
  return (tag, others) => {
    if (tags?.newest === undefined) {
      return true;
    }
    const meant = others.filter((other) => notChosenFor(tags, other) === null);
    return newestNames([...new Set([...meant, tag])], tags.newest).includes(tag);
  };
}
