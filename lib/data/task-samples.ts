import "server-only";
import { asc, eq } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { taskSamples } from "../db/schema/history.ts";
import type { TaskSample } from "../schemas/task.ts";
import { visibleTask } from "./visible-task.ts";

/** The worker thins a curve to some 300 points; this bounds what a page is sent whatever is stored. */
const MOST = 600;

/**
 * The throughput curve of a task: its beginning, the points that were stored, and its end if it has ended. What happens
 * after the last point of a task at work is in its row.
 * @throws {AppError} NOT_FOUND
 */
export async function listSamples(actor: Actor, taskId: string): Promise<TaskSample[]> {
  const task = await visibleTask(actor, taskId);
  if (task.claimedAt === null) {
    return [];
  }
  const rows = await database()
    .select()
    .from(taskSamples)
    .where(eq(taskSamples.taskId, taskId))
    .orderBy(asc(taskSamples.at))
    .limit(MOST);
  const begin: TaskSample = { at: task.claimedAt.toISOString(), bytesCopied: 0, waiting: null };
  const stored = rows.map(({ at, bytesCopied, waitingReason }) => ({
    at: at.toISOString(),
    bytesCopied,
    waiting: waitingReason,
  }));
  const end = task.endedAt
    ? [{ at: task.endedAt.toISOString(), bytesCopied: task.bytesCopied, waiting: null }]
    : [];
  return stored.length === 0 ? [] : [begin, ...stored, ...end];
}
