import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { matchesEvent, type RuleSelection } from "../events/rule-matching.ts";

/** With more the next comparison of the whole rule clears up (lib/queue/target-results.ts). */
const LOOKED_AT = 10_000;

/** A rule was edited: what it selects no longer is missing nowhere. */
export async function forgetUnselected(tx: Tx, ruleId: string, rule: RuleSelection): Promise<void> {
  const { rows } = await tx.execute<{ repository: string; tag: string }>(sql`
    select distinct m.repository, m.tag from target_misses m
    join rule_targets t on t.id = m.rule_target_id and t.rule_id = ${ruleId}
    limit ${LOOKED_AT}`);
  const gone = rows.filter(({ repository, tag }) => !matchesEvent(rule, repository, tag));
  if (gone.length > 0) {
    await tx.execute(sql`
      delete from target_misses m using rule_targets t, jsonb_to_recordset(${JSON.stringify(gone)}::jsonb)
        as gone (repository text, tag text)
      where t.rule_id = ${ruleId} and m.rule_target_id = t.id
        and m.repository = gone.repository and m.tag = gone.tag`);
  }
}
