import { eq } from "drizzle-orm";
import { jobLeases, workers } from "../db/schema/installation.ts";
import { transfers } from "../db/schema/transfers.ts";
import { DAY, HOUR, SECOND, type Seed } from "./console-seed-base.ts";

/** Whoever holds these advisory locks is the workers of a seeded console. */
export const SEEDED_WORKER_LOCKS = [4711, 4712] as const;

const CONCURRENCY = 8;

/** Two workers that seem to live on: nobody sweeps a seeded console. @returns their ids */
export async function seedWorkers(seed: Seed): Promise<string[]> {
  const rows = SEEDED_WORKER_LOCKS.map((lockKey, index) => ({
    id: seed.id(DAY),
    lockKey,
    host: `worker-${index + 1}`,
    pid: 42 + index,
    version: "0.1.0",
    concurrency: CONCURRENCY,
    startedAt: seed.ago(DAY),
    seenAt: new Date(seed.now + HOUR),
  }));
  await seed.db.insert(workers).values(rows);
  return rows.map(({ id }) => id);
}

/** What is being copied is in somebody's hand; the first worker has its hands full before the second takes anything. */
export async function seedLeases(seed: Seed, workerIds: readonly string[]): Promise<void> {
  const running = await seed.db
    .select({ id: transfers.id })
    .from(transfers)
    .where(eq(transfers.status, "running"))
    .orderBy(transfers.id)
    .limit(workerIds.length * CONCURRENCY - 3);
  await seed.db.insert(jobLeases).values(
    running.map(({ id }, index) => ({
      jobId: id,
      attempt: 1,
      queue: "copy",
      workerId: workerIds[Math.floor(index / CONCURRENCY)] ?? "",
      takenAt: seed.ago(5 * SECOND),
    })),
  );
}
