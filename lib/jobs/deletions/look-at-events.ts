import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { placedTags } from "../../db/schema/deletions.ts";
import type { events } from "../../db/schema/events.ts";
import { sendJobs } from "../../queue/boss.ts";
import { announceDeletions } from "../../queue/live.ts";
import { DELETION, type DeletionJob } from "../../queue/queues.ts";
import { fencedByRule } from "../../queue/rule-fence.ts";
import { backoffMs } from "../backoff.ts";
import type { Connection } from "../connections.ts";
import { isFact, isRetryable } from "../failure.ts";
import { type JobContext, RetryLater, type RunningJob } from "../job.ts";
import { lookAtSource } from "./look-at-source.ts";
import { noteGone, type PlacedTag } from "./note-gone.ts";
import { type FollowingRule, followingRule, meansTag } from "./rule.ts";

type ToldDeletion = Pick<typeof events.$inferSelect, "id" | "repository" | "tag" | "digest">;

/**
 * Sends what an instance tells of deletions to the rules that brought such a tag somewhere and follow deletions. A sender that
 * names only a digest means every tag of it that we know.
 * @returns the events that some rule follows
 */
export async function followEvents(
  tx: Tx,
  instanceId: string,
  told: readonly ToldDeletion[],
): Promise<Set<string>> {
  if (told.length === 0) {
    return new Set();
  }
  const asked = told.map(({ id, repository, tag, digest }) => ({ id, repository, tag, digest }));
  const { rows } = await tx.execute<{ id: string; rule_id: string; repository: string; tag: string }>(sql`
    select distinct e.id, p.rule_id, p.repository, p.tag
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as e (id uuid, repository text, tag text, digest text)
    join placed_tags p on p.repository = e.repository
      and (p.tag = e.tag or (e.tag is null and p.digest = e.digest))
    join rules r on r.id = p.rule_id
    where r.source_instance_id = ${instanceId} and r.enabled and r.on_event and r.follow_deletions`);
  for (const [ruleId, tags] of Map.groupBy(rows, (row) => row.rule_id)) {
    const unique = new Map(tags.map(({ repository, tag }) => [`${repository}:${tag}`, { repository, tag }]));
    const data: DeletionJob = { kind: "events", ruleId, tags: [...unique.values()] };
    await sendJobs(tx, DELETION, [{ data, group: { id: ruleId } }]);
  }
  return new Set(rows.map(({ id }) => id));
}

/** An event is a hint: the tags that it named are read anew, and what is really gone is noted. */
export async function lookAtEvents(
  job: RunningJob<DeletionJob>,
  { db, connections }: JobContext,
  { ruleId, tags }: { ruleId: string; tags: readonly { repository: string; tag: string }[] },
): Promise<void> {
  const rule = await followingRule(db, ruleId);
  if (!rule || rule.targetIds.length === 0) {
    return;
  }
  const means = meansTag(rule);
  const wanted = new Set(tags.map(({ repository, tag }) => `${repository}:${tag}`));
  const rows = await db
    .select()
    .from(placedTags)
    .where(
      and(
        inArray(placedTags.ruleTargetId, rule.targetIds),
        inArray(placedTags.repository, [...new Set(tags.map(({ repository }) => repository))]),
        inArray(placedTags.tag, [...new Set(tags.map(({ tag }) => tag))]),
        eq(placedTags.ruleId, ruleId),
      ),
    );
  const placed = rows.filter(
    ({ repository, tag }) => wanted.has(`${repository}:${tag}`) && means(repository, tag),
  );
  const gone = await lookNow(job, { rule, placed }, () => connections.acquire(rule.sourceInstanceId));
  await fencedByRule(db, job.lease, ruleId, async (tx) => {
    for (const [ruleTargetId, at] of Map.groupBy(gone, (row) => row.placed.ruleTargetId)) {
      await noteGone(tx, { rule, ruleTargetId, cause: "event", taskId: null, gone: at, more: 0 });
    }
    await announceDeletions(tx, ruleId);
  });
}

/** @throws {RetryLater} when the source does not answer now; for good it is the next comparison that tells */
async function lookNow(
  job: RunningJob<DeletionJob>,
  { rule, placed }: { rule: FollowingRule; placed: readonly PlacedTag[] },
  acquire: () => Promise<Connection>,
) {
  let source: Connection | null = null;
  try {
    source = await acquire();
    return (await lookAtSource(source, placed, { rule, signal: job.signal })).gone;
  } catch (error) {
    if (job.signal.aborted || !isFact(error)) {
      throw error;
    }
    if (isRetryable(error) && !job.lastAttempt) {
      throw new RetryLater(backoffMs(job.failures + 1), { counts: true, cause: error });
    }
    return [];
  } finally {
    source?.release();
  }
}
