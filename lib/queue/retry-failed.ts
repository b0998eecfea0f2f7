import { and, eq } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { AppError } from "../errors.ts";
import { type StartedTask, startTask } from "./start-task.ts";
import { isOpen } from "./states.ts";

/**
 * 仅重试失败项: a new task with `retryOf` and only the tags whose transfer failed. The ended task never changes.
 *
 * @throws {AppError} NOT_FOUND; CONFLICT `task-still-open` or `nothing-failed`
 */
export async function retryFailed(
  tx: Tx,
  { taskId, userId }: { taskId: string; userId: string | null },
): Promise<StartedTask> {
  const [task] = await tx
    .select({ ruleId: tasks.ruleId, status: tasks.status, verify: tasks.verify })
    .from(tasks)
    .where(eq(tasks.id, taskId));
  if (!task) {
    throw new AppError("NOT_FOUND", "not-found");
  }
  if (isOpen(task.status)) {
    throw new AppError("CONFLICT", "task-still-open");
  }
  const tags = await tx
    .selectDistinct({ repository: transfers.repository, tag: transfers.tag })
    .from(transfers)
    .where(and(eq(transfers.taskId, taskId), eq(transfers.status, "failed")));
  if (tags.length === 0) {
    throw new AppError("CONFLICT", "nothing-failed");
  }
  return startTask(tx, {
    ruleId: task.ruleId,
    trigger: "manual",
    scope: { kind: "tags", tags },
    userId,
    retryOf: taskId,
    verify: task.verify,
  });
}
