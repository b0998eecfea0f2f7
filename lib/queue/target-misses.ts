import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { targetMisses } from "../db/schema/lag.ts";
import type { transfers } from "../db/schema/transfers.ts";
import type { TaskScope } from "../schemas/task.ts";
import { tagsOf } from "./scope.ts";

/**
 * Which tags a target is known to miss. Rows come from transfers that failed, were stopped or wait for another try, and from
 * tags that a task was told of and did not come to; they go when the tag arrives, or is gone at the source.
 */

/** When a transfer's row was written, of its UUIDv7. */
export const writtenAt = (id: SQL): SQL =>
  sql`to_timestamp(('x' || lpad(substr(replace(${id}::text, '-', ''), 1, 12), 16, '0'))::bit(64)::bigint / 1000.0)`;

const KEEP_OLDEST = sql`
  on conflict (rule_target_id, repository, tag) do update
  set known_at = least(target_misses.known_at, excluded.known_at), task_id = excluded.task_id,
      transfer_id = coalesce(excluded.transfer_id, target_misses.transfer_id), updated_at = now()`;

/** The transfers of a task that `which` names have not brought their tags. @param which a condition on `t`, its transfers */
export async function missTransfers(tx: Tx, taskId: string, which: SQL): Promise<void> {
  await tx.execute(sql`
    insert into target_misses (rule_target_id, repository, tag, known_at, transfer_id, task_id)
    select t.rule_target_id, t.repository, t.tag, coalesce(t.known_at, ${writtenAt(sql`t.id`)}), t.id, t.task_id
    from transfers t left join target_results r on r.rule_target_id = t.rule_target_id
    where t.task_id = ${taskId} and ${which}
    order by t.rule_target_id, t.repository, t.tag
    ${KEEP_OLDEST}`);
}

/**
 * Of transfers `t` that have not ended (with the results `r` of their targets): those whose tag is known to be missing. A task
 * that goes through a whole rule has not looked yet at most of what it planned, and most of that is in its place.
 */
export const KNOWN_TO_MISS = sql`(t.known_at is not null or t.size_bytes is not null or r.whole_at is null)`;

/** The tag of a transfer is at its target, or is not to be there. */
export async function missNoLonger(tx: Tx, transfer: typeof transfers.$inferSelect): Promise<void> {
  await tx
    .delete(targetMisses)
    .where(
      and(
        eq(targetMisses.ruleTargetId, transfer.ruleTargetId),
        eq(targetMisses.repository, transfer.repository),
        eq(targetMisses.tag, transfer.tag),
      ),
    );
}

/** A task ended before it came to what it was told of. @param targetIds a query for ids of rule targets */
export async function missUntried(
  tx: Tx,
  task: { id: string; scope: TaskScope },
  targetIds: SQL,
): Promise<void> {
  const told = tagsOf(task.scope).filter(({ since }) => since !== undefined);
  if (told.length === 0) {
    return;
  }
  await tx.execute(sql`
    insert into target_misses (rule_target_id, repository, tag, known_at, task_id)
    select target.id, told.repository, told.tag, told.since, ${task.id}
    from (${targetIds}) as target (id)
    cross join jsonb_to_recordset(${JSON.stringify(told)}::jsonb)
      as told (repository text, tag text, since timestamptz, "except" jsonb)
    where not coalesce(told."except" ? target.id::text, false) and not exists (
      select from transfers t where t.task_id = ${task.id} and t.rule_target_id = target.id
        and t.repository = told.repository and t.tag = told.tag)
    order by 1, 2, 3
    ${KEEP_OLDEST}`);
}

/** A scan came to its end: what it did not find is gone at the source, or the rule no longer selects it. */
export async function missNothingGone(
  tx: Tx,
  task: { id: string; scope: TaskScope },
  targetIds: readonly string[],
): Promise<void> {
  const ids = sql`${sql.param([...targetIds])}::uuid[]`;
  const looked =
    task.scope.kind === "rule"
      ? sql`true`
      : sql`exists (
          select from jsonb_to_recordset(${JSON.stringify(task.scope.tags)}::jsonb) as named (repository text, tag text)
          where named.repository = m.repository and named.tag = m.tag)`;
  await tx.execute(sql`
    delete from target_misses m
    where m.rule_target_id = any(${ids}) and ${looked} and not exists (
      select from transfers t where t.task_id = ${task.id} and t.rule_target_id = any(${ids})
        and t.repository = m.repository and t.tag = m.tag)`);
}
