import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Database, Tx } from "../../db/client.ts";
import { deletions } from "../../db/schema/deletions.ts";
import { sendJobs } from "../../queue/boss.ts";
import { deletionStatesBefore } from "../../queue/deletion-states.ts";
import type { Lease } from "../../queue/fence.ts";
import { announceDeletions } from "../../queue/live.ts";
import { DELETION, type DeletionJob } from "../../queue/queues.ts";
import type { DeletionReason, DeletionState } from "../../schemas/deletion-words.ts";

export type DeletionRow = typeof deletions.$inferSelect;

/** Rules whose jobs one sweep of the queue sends. */
const RULES_AT_ONCE = 50;

/** The rule is on, follows deletions, and the target takes part: asked for again at every step. */
const ALLOWED = sql`exists (
  select from rules r join rule_targets rt on rt.rule_id = r.id
  where r.id = deletions.rule_id and rt.id = deletions.rule_target_id
    and r.enabled and r.follow_deletions and rt.paused_at is null)`;
const DUE = sql`(deletions.state = 'pending' and deletions.due_at <= now() and ${ALLOWED})`;
const WANTED_BACK = sql`(deletions.restore_requested_at is not null and deletions.state = 'deleted')`;
/** No attempt of a job that is still alive has it. */
const FREE = sql`not exists (
  select from pgboss.job j
  where j.name = ${DELETION} and j.id = deletions.job_id and j.state = 'active' and j.retry_count = deletions.job_attempt)`;

/** Rules that have something due and no job at work. */
export const DELETIONS_TO_SEND = sql`
  select distinct rule_id from deletions
  where (${DUE} or ${WANTED_BACK}) and not exists (
    select from pgboss.job j where j.name = ${DELETION} and j.group_id = deletions.rule_id::text and j.state <= 'active')
  limit ${RULES_AT_ONCE}`;

/** Sends a job for each. @returns how many */
export async function sendDueDeletions(db: Database): Promise<number> {
  const { rows } = await db.execute<{ rule_id: string }>(DELETIONS_TO_SEND);
  if (rows.length > 0) {
    await sendJobs(
      db,
      DELETION,
      rows.map(({ rule_id: ruleId }) => ({
        data: { kind: "due", ruleId } satisfies DeletionJob,
        group: { id: ruleId },
      })),
    );
  }
  return rows.length;
}

/** Takes the next row of a rule for this attempt of a job; nobody else has it as long as the attempt lives. */
export async function claimRow(
  tx: Tx,
  lease: Lease,
  ruleId: string,
  what: "due" | "restore",
): Promise<DeletionRow | null> {
  const [next] = await tx
    .select({ id: deletions.id })
    .from(deletions)
    .where(and(eq(deletions.ruleId, ruleId), what === "due" ? DUE : WANTED_BACK, FREE))
    .orderBy(deletions.dueAt, deletions.id)
    .limit(1)
    .for("update", { skipLocked: true });
  if (!next) {
    return null;
  }
  const [row] = await tx
    .update(deletions)
    .set({
      jobId: lease.jobId,
      jobAttempt: lease.attempt,
      attempts: sql`${deletions.attempts} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(deletions.id, next.id))
    .returning();
  return row ?? null;
}

const mine = (row: DeletionRow): SQL | undefined =>
  and(
    eq(deletions.id, row.id),
    sql`${deletions.jobId} is not distinct from ${row.jobId}`,
    sql`${deletions.jobAttempt} is not distinct from ${row.jobAttempt}`,
  );

/** What is kept before the request to delete goes out. @returns false when it may not go out any more */
export async function armRow(
  tx: Tx,
  row: DeletionRow,
  kept: Pick<DeletionRow, "manifest" | "mediaType" | "sharing" | "attached">,
): Promise<boolean> {
  const armed = await tx
    .update(deletions)
    .set({ ...kept, attemptedAt: sql`now()`, updatedAt: sql`now()` })
    .where(and(mine(row), eq(deletions.state, "pending"), ALLOWED))
    .returning({ id: deletions.id });
  return armed.length > 0;
}

/** Moves a claimed row to another state. @returns false when somebody else has moved it meanwhile */
export async function moveRow(
  tx: Tx,
  row: DeletionRow,
  to: DeletionState,
  set: PgUpdateSetSource<typeof deletions> & { reason: DeletionReason | null },
): Promise<boolean> {
  const moved = await tx
    .update(deletions)
    .set({ ...set, state: to, jobId: null, updatedAt: sql`now()` })
    .where(and(mine(row), inArray(deletions.state, deletionStatesBefore(to))))
    .returning({ id: deletions.id });
  if (moved.length > 0) {
    await announceDeletions(tx, row.ruleId);
  }
  return moved.length > 0;
}

/** Gives a claimed row back; a pending one is due again after `minutes`. */
export async function putOff(
  tx: Tx,
  row: DeletionRow,
  { minutes, ...set }: Pick<DeletionRow, "reason" | "failure"> & { minutes: number },
): Promise<void> {
  await tx
    .update(deletions)
    .set({
      ...set,
      dueAt: sql`case when ${deletions.state} = 'pending' then now() + make_interval(mins => ${minutes}) end`,
      restoreRequestedAt: null,
      jobId: null,
      updatedAt: sql`now()`,
    })
    .where(mine(row));
  await announceDeletions(tx, row.ruleId);
}
