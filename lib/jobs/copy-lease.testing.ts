import { randomUUID } from "node:crypto";
import { boss } from "../queue/boss.ts";
import type { Lease } from "../queue/fence.ts";
import { COPY } from "../queue/queues.ts";

/** The lease of a copy job at work, of this task. */
export async function copyLease(taskId: string): Promise<Lease> {
  const queue = await boss();
  await queue.insert(COPY, [
    { id: randomUUID(), data: { taskId, slice: 0 }, group: { id: taskId }, priority: 9 },
  ]);
  const [job] = await queue.fetch(COPY, { batchSize: 1, includeMetadata: true });
  return { queue: COPY, jobId: job?.id ?? "", attempt: job?.retryCount ?? 0 };
}
