import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { QUEUES, type QueueName } from "../queue/queues.ts";

/** Queues that have a job to take now, whoever was told of it. One statement, by the index from which jobs are fetched. */
export async function queuesWithWork(db: Database): Promise<QueueName[]> {
  const { rows } = await db.execute<{ name: QueueName }>(sql`
    select name from unnest(${sql.param([...QUEUES])}::text[]) as queue (name)
    where exists (
      select from pgboss.job j
      where j.name = queue.name and j.state < 'active' and not j.blocked and j.start_after <= now()
    )`);
  return rows.map(({ name }) => name);
}

/** Whether there is any such row: one statement, for those that would open a transaction to find nothing. */
export async function isAny(db: Database, rows: SQL): Promise<boolean> {
  const answer = await db.execute<{ any: boolean }>(sql`select exists (${rows}) as any`);
  return answer.rows[0]?.any ?? false;
}
