import "server-only";
import { sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { FailureFact } from "../schemas/task.ts";
import type { TransferRow } from "../schemas/transfer.ts";
import { TaskMemory } from "./task-memory.ts";
import { getTransfers } from "./transfers.ts";
import { visibleTask } from "./visible-task.ts";

export interface FailureReason {
  /** Of the example. */
  fact: FailureFact;
  reason: string;
  count: number;
  example: TransferRow;
}

/** Reasons shown of a task. */
const REASON_LIMIT = 20;

/** Why transfers of a task failed, the most frequent reason first, each with its first transfer. @throws {AppError} NOT_FOUND */
export async function failureReasons(actor: Actor, taskId: string): Promise<FailureReason[]> {
  const groups = await COUNTED.of(await visibleTask(actor, taskId));
  if (groups.length === 0) {
    return [];
  }
  const examples = await getTransfers(
    actor,
    groups.map(({ example }) => example),
  );
  return groups.flatMap(({ reason, count, example: id }) => {
    const example = examples.find((transfer) => transfer.id === id);
    return example ? [{ reason, count, example, fact: example.failure ?? { ...NO_FACT, code: reason } }] : [];
  });
}

const NO_FACT = { side: null, httpStatus: null, registryMessage: null, request: null, digest: null } as const;

const COUNTED = new TaskMemory(async (taskId) => {
  const { rows } = await database().execute<{ reason: string; count: number; example: string }>(sql`
    select coalesce(reason, failure->>'code', 'UNKNOWN') as reason, count(*)::int as count,
           (array_agg(id order by id))[1] as example
      from ${transfers} where task_id = ${taskId} and status = 'failed'
     group by coalesce(reason, failure->>'code', 'UNKNOWN'), failure->>'side', failure->>'httpStatus', target_instance_id
     order by count desc, example limit ${REASON_LIMIT}`);
  return rows;
});
