import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";

/** Whether a task of the rule has anywhere to go: a target that is not paused. */
export async function hasOpenTarget(tx: Tx, ruleId: string): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select from rule_targets where rule_id = ${ruleId} and paused_at is null limit 1`,
  );
  return rows.length > 0;
}
