import {
  OPEN_TASK_STATUSES,
  TASK_STATUSES,
  type TaskStatus,
  TRANSFER_STATUSES,
  type TransferStatus,
} from "../schemas/task.ts";

/**
 * The only moves there are: task and transfer statuses and where each may go.
 * Every UPDATE of a status names in its WHERE the statuses it may come from, so a late write changes nothing.
 */
export const TASK_MOVES: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  pending: ["scanning", "stopped"],
  scanning: ["running", "failed", "stopped", "nothing-matched"],
  running: ["succeeded", "partial", "failed", "stopped"],
  succeeded: [],
  partial: [],
  failed: [],
  stopped: [],
  "nothing-matched": [],
};

/** `running → pending`: a retry is due; the transfer is not shown failed before its retries are used up. */
export const TRANSFER_MOVES: Readonly<Record<TransferStatus, readonly TransferStatus[]>> = {
  pending: ["running", "failed", "stopped"],
  running: ["pending", "copied", "up-to-date", "skipped", "failed", "stopped"],
  copied: [],
  "up-to-date": [],
  skipped: [],
  failed: [],
  stopped: [],
};

export const OPEN_TRANSFER_STATUSES = ["pending", "running"] as const satisfies readonly TransferStatus[];

/** Statuses from which a task may become `to`. */
export function taskStatusesBefore(to: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((from) => TASK_MOVES[from].includes(to));
}

/** Statuses from which a transfer may become `to`. */
export function transferStatusesBefore(to: TransferStatus): TransferStatus[] {
  return TRANSFER_STATUSES.filter((from) => TRANSFER_MOVES[from].includes(to));
}

export function isOpen(status: TaskStatus): boolean {
  return OPEN_TASK_STATUSES.some((open) => open === status);
}
