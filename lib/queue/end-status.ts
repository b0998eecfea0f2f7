import type { FailureFact } from "../schemas/task.ts";
import type { NoticeTaskStatus } from "../schemas/words.ts";

/** What the end of a task is decided by. */
export interface TaskResult {
  stopRequestedAt: Date | null;
  /** Why the scan failed or broke off. */
  failure: FailureFact | null;
  transfersTotal: number;
  transfersCopied: number;
  transfersUpToDate: number;
  transfersFailed: number;
}

/** End status of a task: the first that applies. requirements.md, "Task and transfer". */
export function endStatus(task: TaskResult): NoticeTaskStatus {
  const done = task.transfersCopied + task.transfersUpToDate;
  const broken = task.failure !== null || task.transfersFailed > 0;
  if (task.stopRequestedAt !== null) {
    return "stopped";
  }
  if (broken) {
    return done === 0 ? "failed" : "partial";
  }
  return task.transfersTotal === 0 ? "nothing-matched" : "succeeded";
}
