import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { sendJobs } from "../queue/boss.ts";
import { DELETION, type DeletionJob } from "../queue/queues.ts";

/**
 * What saving a rule means for its deletions: what it follows no more, or a target that it no longer has, is let be at once;
 * where it begins to follow, a worker finds out what it has brought so far.
 */
export async function settleDeletions(
  tx: Tx,
  ruleId: string,
  { before, now }: { before: boolean; now: boolean },
): Promise<void> {
  await tx.execute(sql`
    update deletions d set state = 'withdrawn', due_at = null, job_id = null, updated_at = now(),
      reason = case when ${now} then 'target-removed' else 'switched-off' end
    where d.rule_id = ${ruleId} and d.state in ('held', 'pending', 'refused', 'failed')
      and (not ${now} or not exists (select from rule_targets t where t.id = d.rule_target_id))`);
  if (now && !before) {
    const data: DeletionJob = { kind: "remember", ruleId };
    await sendJobs(tx, DELETION, [{ data, group: { id: ruleId } }]);
  }
}
