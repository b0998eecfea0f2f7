import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { holdRule } from "../queue/fence.ts";
import { COPY, SCAN } from "../queue/queues.ts";
import { settleTask } from "../queue/settle-task.ts";
import { OPEN_TRANSFER_STATUSES } from "../queue/states.ts";
import { KNOWN_TO_MISS, missTransfers } from "../queue/target-misses.ts";
import { OPEN_TASK_STATUSES } from "../schemas/task.ts";

/**
 * Carries out a stop that was asked for: jobs that wait are removed, and every transfer that no running job holds has
 * stopped. Running jobs break off by themselves and end theirs. When nobody is left at work the task has ended.
 */
export async function carryOutStop(tx: Tx, taskId: string): Promise<void> {
  await holdRule(tx, taskId);
  await tx.execute(sql`
    delete from pgboss.job
    where name in (${SCAN}, ${COPY}) and group_id = ${taskId} and state < 'active'`);
  const active = await tx.execute<{ name: string; slice: number | null }>(sql`
    select name, (data ->> 'slice')::int as slice from pgboss.job
    where name in (${SCAN}, ${COPY}) and group_id = ${taskId} and state = 'active'`);
  const slices = active.rows.flatMap(({ slice }) => (slice === null ? [] : [slice]));
  await stopTransfers(tx, taskId, sql`slice <> all (${sql.param(slices)}::int[])`);
  if (active.rows.every(({ name }) => name !== SCAN)) {
    await tx
      .update(tasks)
      .set({ scanEndedAt: sql`coalesce(${tasks.scanEndedAt}, now())` })
      .where(and(eq(tasks.id, taskId), isNotNull(tasks.stopRequestedAt)));
  }
  await settleTask(tx, taskId);
}

/** The open transfers of one slice have stopped; the slice's own job calls it. */
export async function stopSlice(tx: Tx, taskId: string, slice: number): Promise<void> {
  await stopTransfers(tx, taskId, sql`slice = ${slice}`);
  await settleTask(tx, taskId);
}

async function stopTransfers(tx: Tx, taskId: string, which: ReturnType<typeof sql>): Promise<void> {
  await missTransfers(
    tx,
    taskId,
    sql`t.status in ${[...OPEN_TRANSFER_STATUSES]} and t.copied_at is null and ${KNOWN_TO_MISS} and ${which}`,
  );
  const stopped = await tx.execute<{ was: string }>(sql`
    with open as (
      select id, status from transfers
      where task_id = ${taskId} and status in ${[...OPEN_TRANSFER_STATUSES]} and ${which}
      order by id for update
    )
    update transfers t
    set status = 'stopped', started_at = coalesce(t.started_at, now()), ended_at = now(), updated_at = now()
    from open where t.id = open.id
    returning open.status as was`);
  if (stopped.rows.length === 0) {
    return;
  }
  const running = stopped.rows.filter(({ was }) => was === "running").length;
  await tx
    .update(tasks)
    .set({
      transfersStopped: sql`${tasks.transfersStopped} + ${stopped.rows.length}`,
      transfersRunning: sql`greatest(0, ${tasks.transfersRunning} - ${running})`,
      updatedAt: sql`now()`,
    })
    .where(eq(tasks.id, taskId));
}

/** Tasks that were asked to stop and have not ended. */
export const TASKS_TO_STOP = sql`
  select id from tasks where status in ${[...OPEN_TASK_STATUSES]} and stop_requested_at is not null`;

/** Their ids. */
export async function tasksToStop(db: Database): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(TASKS_TO_STOP);
  return rows.map(({ id }) => id);
}
