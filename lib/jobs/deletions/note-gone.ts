import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Tx } from "../../db/client.ts";
import { deletions, type placedTags } from "../../db/schema/deletions.ts";
import { type DeletionCause, EVENT_GRACE_MINUTES } from "../../schemas/deletion-words.ts";
import type { FollowingRule } from "./rule.ts";
import { mayGo } from "./share.ts";

export type PlacedTag = typeof placedTags.$inferSelect;

/** A tag that the source no longer has. */
export interface GoneTag {
  placed: PlacedTag;
  /** Its whole repository answers with nothing: a person has to look. */
  emptied: boolean;
}

export interface Notice {
  rule: FollowingRule;
  ruleTargetId: string;
  cause: DeletionCause;
  /** The task whose scan missed them. */
  taskId: string | null;
  gone: readonly GoneTag[];
  /** Gone tags that are not among them, because there are too many to look at now. */
  more: number;
}

/** The window in which deletions count together, at least: whoever sets a delay of an hour still gets one share a day. */
const WINDOW_HOURS = 24;

/**
 * Notes what is to be deleted at one target. More than the rule's share, over a day or the delay, and all that is pending
 * there is held until a person confirms it. The rule's row orders two jobs that note at the same moment.
 * @returns whether something is held now
 */
export async function noteGone(tx: Tx, notice: Notice): Promise<{ held: boolean }> {
  const { rule, ruleTargetId, gone } = notice;
  await tx.execute(sql`select from rules where id = ${rule.id} for no key update`);
  const { known, used } = await counted(tx, notice);
  const unasked = gone.filter(({ emptied }) => !emptied).length;
  const over = used + unasked + notice.more > mayGo(known, rule.share);
  if (over) {
    await tx.execute(sql`
      update deletions set state = 'held', reason = 'share-exceeded', due_at = null, job_id = null, updated_at = now()
      where rule_target_id = ${ruleTargetId} and state = 'pending' and confirmed_at is null and attempted_at is null`);
  }
  await insert(tx, notice, over);
  return { held: over || gone.some(({ emptied }) => emptied) };
}

async function counted(
  tx: Tx,
  { rule, ruleTargetId }: Pick<Notice, "rule" | "ruleTargetId">,
): Promise<{ known: number; used: number }> {
  const { rows } = await tx.execute<{ known: number; used: number }>(sql`
    with recent as (
      select state from deletions
      where rule_id = ${rule.id} and rule_target_id = ${ruleTargetId} and confirmed_at is null and (
        state = 'pending' or (state = 'held' and reason = 'share-exceeded') or (state = 'deleted'
          and deleted_at > now() - make_interval(hours => ${Math.max(WINDOW_HOURS, rule.delayHours)}))
      )
    )
    select (select count(*)::int from placed_tags where rule_target_id = ${ruleTargetId})
        -- What went lately was known, too: the share is of what was there before.
        + (select count(*)::int from recent where state = 'deleted') as known,
      (select count(*)::int from recent) as used`);
  return rows[0] ?? { known: 0, used: 0 };
}

async function insert(tx: Tx, { rule, cause, taskId, gone }: Notice, over: boolean): Promise<void> {
  if (gone.length === 0) {
    return;
  }
  const due =
    cause === "event"
      ? sql`now() + make_interval(mins => ${EVENT_GRACE_MINUTES})`
      : sql`now() + make_interval(hours => ${rule.delayHours})`;
  await tx
    .insert(deletions)
    .values(
      gone.map(({ placed, emptied }) => {
        const { ruleTargetId, targetInstanceId, repository, tag, targetRepository, digest } = placed;
        const place = { ruleTargetId, targetInstanceId, repository, tag, targetRepository, digest };
        const row = { id: uuidv7(), ruleId: rule.id, ...place, cause, taskId };
        return emptied || over
          ? {
              ...row,
              state: "held" as const,
              reason: emptied ? ("repository-empty" as const) : ("share-exceeded" as const),
            }
          : { ...row, state: "pending" as const, dueAt: due };
      }),
    )
    .onConflictDoNothing();
}
