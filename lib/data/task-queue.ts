import "server-only";
import { sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { TaskQueue } from "../schemas/task.ts";

/** What pending tasks wait for, by id: the task of their rule that is at work, or tasks of other rules that came first. */
export async function queuesOf(taskIds: readonly string[]): Promise<Map<string, TaskQueue>> {
  if (taskIds.length === 0) {
    return new Map();
  }
  const { rows } = await database().execute<{
    id: string;
    ahead: number;
    active_id: string | null;
    active_number: number | null;
  }>(sql`
    select t.id, active.id as active_id, active.number as active_number,
      (select count(*) from ${tasks} p where p.status = 'pending' and p.id < t.id)::int as ahead
    from ${tasks} t
    left join ${tasks} active on active.rule_id = t.rule_id and active.status in ('scanning', 'running')
    where t.id in ${[...taskIds]} and t.status = 'pending'`);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        behind:
          row.active_id !== null && row.active_number !== null
            ? { id: row.active_id, number: row.active_number }
            : null,
        ahead: row.ahead,
      },
    ]),
  );
}
