import { type SQL, sql } from "drizzle-orm";
import type { Executor, Tx } from "../../db/client.ts";
import type { transfers } from "../../db/schema/transfers.ts";
import { announceDeletions } from "../../queue/live.ts";

type EndedTransfer = Pick<
  typeof transfers.$inferSelect,
  "ruleTargetId" | "targetInstanceId" | "repository" | "tag" | "targetRepository" | "digest" | "store"
>;

/** The rule of a task if it follows deletions, else null: asked within another statement, since most rules do not. */
export const followingRuleOf = (taskId: string): SQL<string | null> => sql<string | null>`(
  select r.id from rules r join tasks k on k.rule_id = r.id where k.id = ${taskId} and r.follow_deletions)`;

/**
 * Remembers what a transfer of a rule that follows deletions has brought. What was there already is not ours and is not
 * remembered, nor is what came from a chart repository: nobody looks whether it is gone there. Either way the tag is there at
 * the source, so that nothing about it is to be deleted any more.
 */
export async function rememberPlaced(
  tx: Tx,
  ruleId: string,
  transfer: EndedTransfer,
  status: "copied" | "up-to-date",
): Promise<void> {
  const { ruleTargetId, repository, tag, digest, targetInstanceId, targetRepository } = transfer;
  const brought = status === "copied" && digest !== null && transfer.store === null;
  const { rowCount } = await tx.execute(sql`
    with placed as (
      insert into placed_tags (rule_target_id, repository, tag, rule_id, target_instance_id, target_repository, digest)
      select ${ruleTargetId}::uuid, ${repository}, ${tag}, ${ruleId}::uuid, ${targetInstanceId}::uuid, ${targetRepository}, ${digest}
      where ${brought}::boolean
      on conflict (rule_target_id, repository, tag) do update set digest = excluded.digest, placed_at = now(),
        target_instance_id = excluded.target_instance_id, target_repository = excluded.target_repository
    )
    update deletions set state = 'withdrawn', reason = 'came-back', due_at = null, job_id = null, updated_at = now()
    where rule_target_id = ${ruleTargetId} and repository = ${repository} and tag = ${tag}
      and state in ('held', 'pending', 'refused', 'failed')`);
  if (rowCount) {
    await announceDeletions(tx, ruleId);
  }
}

/** Forgets that a tag was brought: from then on it is somebody else's. */
export async function forgetPlaced(
  executor: Executor,
  place: { ruleTargetId: string; repository: string; tag: string },
): Promise<void> {
  await executor.execute(sql`
    delete from placed_tags
    where rule_target_id = ${place.ruleTargetId} and repository = ${place.repository} and tag = ${place.tag}`);
}

/** Of one statement. */
const FORGOTTEN_AT_ONCE = 1_000;

/** The same of many. */
export async function forgetAll(
  executor: Executor,
  places: readonly { ruleTargetId: string; repository: string; tag: string }[],
): Promise<void> {
  for (let start = 0; start < places.length; start += FORGOTTEN_AT_ONCE) {
    const some = places
      .slice(start, start + FORGOTTEN_AT_ONCE)
      .map(({ ruleTargetId, repository, tag }) => ({ rule_target_id: ruleTargetId, repository, tag }));
    await executor.execute(sql`
      delete from placed_tags p
      using jsonb_to_recordset(${JSON.stringify(some)}::jsonb) as f (rule_target_id uuid, repository text, tag text)
      where p.rule_target_id = f.rule_target_id and p.repository = f.repository and p.tag = f.tag`);
  }
}

/** What a rule copied before it followed deletions, as far as its tasks are kept. What is known already stays. */
export async function rememberEarlier(tx: Tx, ruleId: string): Promise<void> {
  await tx.execute(sql`
    insert into placed_tags (rule_target_id, repository, tag, rule_id, target_instance_id, target_repository, digest, placed_at)
    select distinct on (t.rule_target_id, t.repository, t.tag)
      t.rule_target_id, t.repository, t.tag, k.rule_id, t.target_instance_id, t.target_repository,
      coalesce(t.target_digest, t.digest), t.ended_at
    from tasks k
    join transfers t on t.task_id = k.id and t.status = 'copied' and t.digest is not null and t.store is null
    join rule_targets rt on rt.id = t.rule_target_id
    where k.rule_id = ${ruleId} and exists (select from rules r where r.id = ${ruleId} and r.follow_deletions)
    order by t.rule_target_id, t.repository, t.tag, t.ended_at desc
    on conflict do nothing`);
}
