"use server";

import { retryFailed, stopTask } from "../data/tasks.ts";
import { TaskIdInput } from "../schemas/task.ts";
import { action } from "./action.ts";

export const stopTaskAction = action("task:stop", {
  input: TaskIdInput,
  subject: ({ taskId }) => ({ taskId }),
  run: (actor, { taskId }) => stopTask(actor, taskId),
});

export const retryFailedAction = action("task:retry", {
  input: TaskIdInput,
  subject: ({ taskId }) => ({ taskId }),
  run: (actor, { taskId }) => retryFailed(actor, taskId),
});
