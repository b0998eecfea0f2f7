import { z } from "zod";
import { TASK_STATUSES, TRANSFER_STATUSES, TRIGGERS } from "./words.ts";

const cursor = z.string().max(512).optional().catch(undefined);
const pageSize = z.coerce
  .number()
  .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
  .catch(50);

/** URL state of a list of tasks. Anything unknown falls back to its default: a URL never breaks a page. */
export const TaskListQuery = z.object({
  instance: z.uuid().optional().catch(undefined),
  rule: z.uuid().optional().catch(undefined),
  status: z.enum(TASK_STATUSES).optional().catch(undefined),
  trigger: z.enum(TRIGGERS).optional().catch(undefined),
  /** Created within the last 24 hours: what the overview counts. */
  since: z.literal("24h").optional().catch(undefined),
  q: z.string().trim().max(128).optional().catch(undefined),
  after: cursor,
  before: cursor,
  size: pageSize,
});
export type TaskListQuery = z.infer<typeof TaskListQuery>;

/** … and of the transfers of one task. */
export const TransferListQuery = z.object({
  status: z.enum(TRANSFER_STATUSES).optional().catch(undefined),
  q: z.string().trim().max(255).optional().catch(undefined),
  after: cursor,
  before: cursor,
  size: pageSize,
});
export type TransferListQuery = z.infer<typeof TransferListQuery>;
