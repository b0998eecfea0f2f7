import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { KNOWN_TO_MISS, writtenAt } from "../queue/target-misses.ts";

/**
 * What open tasks still owe to targets, as rows `rule_target_id, repository, tag, since, transfer_id, task_id`: tags that they
 * were told of, tags whose content was found to be missing, and all tags of a target that was never complete. Read from the
 * tasks themselves: nothing is written for a tag that is on its way.
 * @param which a condition on `k`, the tasks
 */
export function owed(which: SQL): SQL {
  const open = sql`k.status in ('pending', 'scanning', 'running') and ${which}`;
  const told = sql`jsonb_to_recordset(case when k.scope ->> 'kind' = 'tags' then k.scope -> 'tags'
      else coalesce(k.scope -> 'told', '[]') end) as told (repository text, tag text, since timestamptz, "except" jsonb)`;
  const transfer = sql`t.rule_target_id, t.repository, t.tag, coalesce(t.known_at, ${writtenAt(sql`t.id`)}) as since,
      t.id as transfer_id, t.task_id`;
  const results = sql`left join target_results r on r.rule_target_id = t.rule_target_id`;
  return sql`
    select rt.id as rule_target_id, told.repository, told.tag, told.since, null::uuid as transfer_id, k.id as task_id
    from tasks k join rule_targets rt on rt.rule_id = k.rule_id and rt.paused_at is null cross join lateral ${told}
    where ${open} and k.scan_ended_at is null and told.since is not null
      and not coalesce(told."except" ? rt.id::text, false)
      and not exists (select from transfers t where t.task_id = k.id and t.rule_target_id = rt.id
        and t.repository = told.repository and t.tag = told.tag)
    union all
    select ${transfer}
    from tasks k join transfers t on t.task_id = k.id and t.status in ('pending', 'running') ${results}
    where ${open} and (k.scope ->> 'kind' = 'tags' or k.scope ? 'told') and ${KNOWN_TO_MISS}
    union all
    select ${transfer}
    from tasks k join transfers t on t.task_id = k.id and t.status = 'running' ${results}
    where ${open} and k.scope ->> 'kind' = 'rule' and ${KNOWN_TO_MISS}
    union all
    select rt.id, t.repository, t.tag, ${writtenAt(sql`t.id`)}, t.id, k.id
    from tasks k join rule_targets rt on rt.rule_id = k.rule_id
    left join target_results r on r.rule_target_id = rt.id
    cross join lateral (
      select id, repository, tag from transfers
      where task_id = k.id and rule_target_id = rt.id and status = 'pending' order by id limit 1) t
    where ${open} and k.scope ->> 'kind' = 'rule' and r.whole_at is null`;
}
