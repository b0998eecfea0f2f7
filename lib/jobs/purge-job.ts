import { sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { PurgeJob } from "../queue/queues.ts";
import type { JobHandler } from "./job.ts";
import { purgeTasks } from "./purge-tasks.ts";

/** Removes the tasks of a deleted rule with everything that hangs on them, a piece at a time. */
export const purgeJob: JobHandler<PurgeJob> = {
  async run({ data, draining }, { db }) {
    await purgeTasksOf(db, data.ruleId, draining);
  },
};

/** Rules that are gone and still have tasks: a purge that was cut off for good. Housekeeping looks for them. */
export async function purgeLeftovers(db: Database, draining: AbortSignal): Promise<void> {
  const { rows } = await db.execute<{ rule_id: string }>(sql`
    select distinct rule_id from tasks t where not exists (select from rules r where r.id = t.rule_id)`);
  for (const { rule_id: ruleId } of rows) {
    await purgeTasksOf(db, ruleId, draining);
  }
}

function purgeTasksOf(db: Database, ruleId: string, draining: AbortSignal): Promise<void> {
  const ids = (limit: number) => sql`
    select id from tasks where rule_id = ${ruleId} and not exists (select from rules where id = ${ruleId})
    order by id limit ${limit}`;
  return purgeTasks(db, ids, { draining });
}
