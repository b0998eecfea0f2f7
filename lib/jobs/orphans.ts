import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { log } from "../log.ts";
import { sendJobs } from "../queue/boss.ts";
import { holdRule } from "../queue/fence.ts";
import { COPY, SCAN } from "../queue/queues.ts";
import { settleTask, startWaiting } from "../queue/settle-task.ts";
import { sendScan } from "../queue/start-task.ts";
import { isOpen } from "../queue/states.ts";
import type { FailureFact, TaskStatus } from "../schemas/task.ts";
import { failureFact } from "../sync/failure.ts";
import { endScan } from "./scan-job.ts";
import { failSlice, markRunning } from "./transfer-state.ts";

/** Younger ones may be between two transactions of their own. */
const QUIET_MS = 15_000;

/**
 * Tasks that are open though no job works for them or waits to: whatever led to that, they get the job they lack, or
 * their end. No task hangs, and nobody has to reach into the database.
 */
export async function adoptOrphans(db: Database): Promise<void> {
  const { rows } = await db.execute<{ id: string; waits: boolean }>(sql`
    select t.id, t.status = 'pending' as waits from tasks t
    where t.status in ('pending', 'scanning', 'running') and t.stop_requested_at is null
      and t.updated_at < now() - ${QUIET_MS} * interval '1 millisecond'
      and not exists (
        select from pgboss.job j
        where j.name in (${SCAN}, ${COPY}) and j.group_id = t.id::text and j.state <= 'active'
      )
      and not (t.status = 'pending' and exists (
        select from tasks a where a.rule_id = t.rule_id and a.status in ('scanning', 'running')
      ))`);
  for (const { id, waits } of rows) {
    // One that cannot be helped does not keep the others from their help.
    await db
      .transaction((tx) => (waits ? adoptWaiting(tx, id) : adopt(tx, id)))
      .catch((error: unknown) => log.warn({ err: error, taskId: id }, "an orphan could not be taken up"));
  }
}

/** The rule's row goes before that of its waiting task, as when a trigger joins it. */
async function adoptWaiting(tx: Tx, taskId: string): Promise<void> {
  await tx.execute(sql`
    select from rules where id = (select rule_id from tasks where id = ${taskId}) for no key update`);
  const [task] = await tx
    .update(tasks)
    .set({ updatedAt: sql`now()` })
    .where(and(eq(tasks.id, taskId), eq(tasks.status, "pending")))
    .returning({ ruleId: tasks.ruleId });
  if (task && !(await hasJob(tx, taskId))) {
    log.warn({ taskId }, "a waiting task had no job and was taken up again");
    await startWaiting(tx, task.ruleId);
  }
}

async function adopt(tx: Tx, taskId: string): Promise<void> {
  await holdRule(tx, taskId);
  const slices = await tx.execute<{ slice: number }>(sql`
    select distinct slice from transfers where task_id = ${taskId} and status in ('pending', 'running')`);
  const [task] = await tx.select().from(tasks).where(eq(tasks.id, taskId)).for("no key update");
  // It may have ended meanwhile, or have got its job.
  if (!task || !isOpen(task.status) || (await hasJob(tx, taskId))) {
    return;
  }
  log.warn({ taskId, status: task.status }, "an open task had no job and was taken up again");
  await tx.update(tasks).set({ updatedAt: sql`now()` }).where(eq(tasks.id, taskId));
  const failed = await failedJobs(tx, taskId);
  if (failed.scan) {
    await endScan(tx, taskId, failureFact(null));
  } else if (task.scanEndedAt === null) {
    await sendScan(tx, taskId);
  }
  for (const slice of failed.slices) {
    await markRunning(tx, taskId);
    await failSlice(tx, taskId, slice);
  }
  await sendJobs(
    tx,
    COPY,
    slices.rows
      .filter(({ slice }) => !failed.slices.includes(slice))
      .map(({ slice }) => ({ data: { taskId, slice }, group: { id: taskId } })),
  );
  if (slices.rows.length === 0 && task.scanEndedAt !== null) {
    await countAgain(tx, taskId, task.status);
    await noteTargetsGone(tx, taskId);
    await settleTask(tx, taskId);
  }
}

async function hasJob(tx: Tx, taskId: string): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    select from pgboss.job where name in (${SCAN}, ${COPY}) and group_id = ${taskId} and state <= 'active' limit 1`);
  return rows.length > 0;
}

/** Jobs that the queue gave up without asking us: those that brought down every worker that took them. */
async function failedJobs(tx: Tx, taskId: string): Promise<{ scan: boolean; slices: number[] }> {
  const { rows } = await tx.execute<{ slice: number | null }>(sql`
    select distinct (data ->> 'slice')::int as slice from pgboss.job
    where name in (${SCAN}, ${COPY}) and group_id = ${taskId} and state = 'failed'`);
  return {
    scan: rows.some(({ slice }) => slice === null),
    slices: rows.flatMap(({ slice }) => slice ?? []),
  };
}

/** A task that ran and has no transfer left: every instance it copied to was deleted, and that is what it ends with. */
async function noteTargetsGone(tx: Tx, taskId: string): Promise<void> {
  const failure: FailureFact = { ...failureFact(null), code: "INSTANCE_GONE", side: "target" };
  await tx
    .update(tasks)
    .set({ failure })
    .where(
      and(
        eq(tasks.id, taskId),
        eq(tasks.status, "running"),
        eq(tasks.transfersTotal, 0),
        isNull(tasks.failure),
      ),
    );
}

/** Transfers vanish only with the instance they went to: the counters then tell of what is left. */
async function countAgain(tx: Tx, taskId: string, status: TaskStatus): Promise<void> {
  if (status === "scanning") {
    // Nothing was ever copied: the end of a scan that found something leads through running.
    await tx.execute(sql`
      update tasks set status = 'running'
      where id = ${taskId} and exists (select from transfers where task_id = ${taskId})`);
  }
  await tx.execute(sql`
    update tasks set
      transfers_total = c.total, transfers_running = 0, transfers_copied = c.copied,
      transfers_up_to_date = c.up_to_date, transfers_skipped = c.skipped, transfers_failed = c.failed,
      transfers_stopped = c.stopped, repositories = c.repositories, bytes_total = c.bytes_total,
      bytes_copied = c.bytes_copied, bytes_mounted = c.bytes_mounted, bytes_skipped = c.bytes_skipped
    from (
      select count(*) as total,
        count(*) filter (where status = 'copied') as copied,
        count(*) filter (where status = 'up-to-date') as up_to_date,
        count(*) filter (where status = 'skipped') as skipped,
        count(*) filter (where status = 'failed') as failed,
        count(*) filter (where status = 'stopped') as stopped,
        count(distinct repository) as repositories,
        coalesce(sum(size_bytes), 0) as bytes_total, coalesce(sum(bytes_copied), 0) as bytes_copied,
        coalesce(sum(bytes_mounted), 0) as bytes_mounted, coalesce(sum(bytes_skipped), 0) as bytes_skipped
      from transfers where task_id = ${taskId}
    ) c
    where id = ${taskId}`);
}
