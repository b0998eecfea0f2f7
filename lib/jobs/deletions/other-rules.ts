import { sql } from "drizzle-orm";
import type { Executor } from "../../db/client.ts";
import type { DeletionRow } from "./due-rows.ts";

/** Whether another rule has brought the same content to the same tag of the target: it is not this rule's alone to delete. */
export async function broughtByAnother(
  executor: Executor,
  row: Pick<DeletionRow, "ruleId" | "targetInstanceId" | "targetRepository" | "tag" | "digest">,
): Promise<boolean> {
  const { rows } = await executor.execute<{ other: boolean }>(sql`
    select exists (
      select from placed_tags p join rules r on r.id = p.rule_id
      where p.target_instance_id = ${row.targetInstanceId} and p.target_repository = ${row.targetRepository}
        and p.tag = ${row.tag} and p.rule_id <> ${row.ruleId}
    ) or exists (
      select from (
        select * from transfers where digest = ${row.digest} and target_digest is null
        union all
        select * from transfers where target_digest = ${row.digest}
      ) t join tasks k on k.id = t.task_id join rules r on r.id = k.rule_id
      where t.target_instance_id = ${row.targetInstanceId}
        and t.status in ('running', 'copied') and t.target_repository = ${row.targetRepository} and t.tag = ${row.tag}
        and k.rule_id <> ${row.ruleId}
    ) as other`);
  return rows[0]?.other ?? true;
}
