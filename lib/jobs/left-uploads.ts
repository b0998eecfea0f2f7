import { and, eq, isNotNull } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { placements } from "../db/schema/transfers.ts";
import type { Connection, Connections } from "./connections.ts";
import { isFact } from "./failure.ts";
import { type UploadPlace, unsealed } from "./upload-memory.ts";

/** In one round of housekeeping: each is a request, and registries clear up by themselves what is left. */
const MOST = 1_000;

/**
 * Gives back the uploads of tasks that have ended: those of workers that died at the last attempt, and of slices that were stopped
 * while nobody worked at them. Whether the registry takes it or not, the row goes.
 */
export async function cancelLeftUploads(
  db: Database,
  connections: Connections,
  draining: AbortSignal,
): Promise<void> {
  const { taskId, targetInstanceId, digest, repository, uploadSealed } = placements;
  const left = await db
    .select({ taskId, targetInstanceId, digest, repository, uploadSealed })
    .from(placements)
    .innerJoin(tasks, eq(tasks.id, taskId))
    .where(and(isNotNull(uploadSealed), isNotNull(tasks.endedAt)))
    .limit(MOST);
  for (const [instanceId, rows] of Map.groupBy(left, (row) => row.targetInstanceId)) {
    const connection = await connectionTo(connections, instanceId);
    try {
      for (const row of draining.aborted ? [] : rows) {
        const state = row.uploadSealed === null ? undefined : unsealed(row, row.uploadSealed);
        const target = connection?.registry.repository(row.repository);
        await (state && target?.cancelUpload?.(state));
        await db.delete(placements).where(and(...placedAs(row), isNotNull(uploadSealed)));
      }
    } finally {
      connection?.release();
    }
  }
}

const placedAs = ({ taskId, targetInstanceId, digest, repository }: UploadPlace) => [
  eq(placements.taskId, taskId),
  eq(placements.targetInstanceId, targetInstanceId),
  eq(placements.digest, digest),
  eq(placements.repository, repository),
];

/** null: there is nothing to connect with any more. */
async function connectionTo(connections: Connections, instanceId: string): Promise<Connection | null> {
  try {
    return await connections.acquire(instanceId);
  } catch (error) {
    if (!isFact(error)) {
      throw error;
    }
    return null;
  }
}
