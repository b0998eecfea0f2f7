import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { postTaskNotice } from "../db/notice-outbox.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { placements } from "../db/schema/transfers.ts";
import type { TaskStatus } from "../schemas/task.ts";
import { wakeOutbox } from "./boss.ts";
import { endStatus } from "./end-status.ts";
import { announceTask } from "./live.ts";
import { sendScan } from "./start-task.ts";
import { isOpen, taskStatusesBefore } from "./states.ts";
import { noteResults } from "./target-results.ts";

type TaskCounts = Pick<
  typeof tasks.$inferSelect,
  | "scanEndedAt"
  | "transfersTotal"
  | "transfersCopied"
  | "transfersUpToDate"
  | "transfersSkipped"
  | "transfersFailed"
  | "transfersStopped"
>;

/** The scan has ended, and every transfer that it planned. */
export function allEnded(task: TaskCounts): boolean {
  const ended =
    task.transfersCopied +
    task.transfersUpToDate +
    task.transfersSkipped +
    task.transfersFailed +
    task.transfersStopped;
  return task.scanEndedAt !== null && ended >= task.transfersTotal;
}

/**
 * Ends a task whose scan has ended and whose transfers have all ended, and sends the scan of the rule's waiting task;
 * otherwise does nothing. Called in the transaction that ends a transfer or the scan: the task's row orders those, so
 * exactly one of them finds nothing left.
 *
 * @returns the end status, or null when the task goes on
 */
export async function settleTask(tx: Tx, taskId: string): Promise<TaskStatus | null> {
  const [task] = await tx.select().from(tasks).where(eq(tasks.id, taskId)).for("no key update");
  if (!task || !isOpen(task.status) || !allEnded(task)) {
    return null;
  }
  const status = endStatus(task);
  const [settled] = await tx
    .update(tasks)
    .set({
      status,
      endedAt: sql`now()`,
      updatedAt: sql`now()`,
      transfersRunning: 0,
      waitingUntil: null,
      waitingReason: null,
      waitingInstanceId: null,
    })
    .where(and(eq(tasks.id, taskId), inArray(tasks.status, taskStatusesBefore(status))))
    .returning({ id: tasks.id });
  if (!settled) {
    throw new Error(`task ${taskId} may not go from ${task.status} to ${status}`);
  }
  await tellOfEnd(tx, { ...task, status });
  await noteResults(tx, task);
  await noteVerified(tx, task);
  // Housekeeping gives back what uploads are left.
  await tx.delete(placements).where(and(eq(placements.taskId, taskId), isNull(placements.uploadSealed)));
  await startWaiting(tx, task.ruleId);
  await announceTask(tx, taskId);
  return status;
}

/** What a verification of the whole rule came to is kept with the rule: its task goes one day. */
async function noteVerified(tx: Tx, task: typeof tasks.$inferSelect): Promise<void> {
  const { verify: depth, transfersVerified: verified, transfersUnproven: unproven } = task;
  const whole = task.scope.kind === "rule" && task.failure === null && task.stopRequestedAt === null;
  if (depth && whole && verified + unproven > 0) {
    const { id: taskId, number, transfersRepaired: repaired } = task;
    await tx
      .update(rules)
      .set({ verifiedAt: sql`now()`, verified: { taskId, number, depth, verified, repaired, unproven } })
      .where(eq(rules.id, task.ruleId));
  }
}

/** Puts the notice of a task that has ended into the outbox, if anybody wants to hear of it. */
async function tellOfEnd(tx: Tx, task: Parameters<typeof postTaskNotice>[1]): Promise<void> {
  if ((await postTaskNotice(tx, task)) > 0) {
    await wakeOutbox(tx);
  }
}

/** Sends the scan of the rule's pending task. A trigger may be adding one at this moment: the rule's row orders the two. */
export async function startWaiting(tx: Tx, ruleId: string): Promise<void> {
  await tx.select({ id: rules.id }).from(rules).where(eq(rules.id, ruleId)).for("no key update");
  const [pending] = await tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.ruleId, ruleId), eq(tasks.status, "pending")))
    .for("no key update");
  if (pending) {
    await sendScan(tx, pending.id);
  }
}
