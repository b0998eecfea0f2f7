import { taskSamples } from "../db/schema/history.ts";
import { taskJoins, type tasks } from "../db/schema/tasks.ts";
import { inBatches, MINUTE, SECOND, type Seed } from "./console-seed-base.ts";

type TaskRow = typeof tasks.$inferInsert;

const EVERY_MS = 5 * SECOND;

/** The throughput curve of a task with bytes: it speeds up, holds, dips once, and rests while the task waits. */
export async function seedSamples(seed: Seed, task: TaskRow): Promise<void> {
  const from = task.claimedAt?.getTime();
  const to = task.endedAt?.getTime() ?? seed.now;
  const copied = task.bytesCopied ?? 0;
  if (from === undefined || copied === 0) {
    return;
  }
  const everyMs = Math.max(EVERY_MS, Math.ceil((to - from) / 240));
  const steps = Math.max(2, Math.floor((to - from) / everyMs));
  const rests = task.waitingReason ? Math.ceil(steps * 0.3) : 0;
  const weights = Array.from({ length: steps }, (_, index) =>
    index >= steps - rests
      ? 0
      : Math.min(1, (index + 1) / 6) * (0.75 + seed.random() * 0.5) * (index % 37 === 30 ? 0.2 : 1),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const settled =
    (task.transfersCopied ?? 0) +
    (task.transfersUpToDate ?? 0) +
    (task.transfersSkipped ?? 0) +
    (task.transfersFailed ?? 0);
  let done = 0;
  const rows = weights.map((weight, index) => {
    done += weight;
    return {
      taskId: task.id,
      at: new Date(from + (index + 1) * everyMs),
      bytesCopied: Math.round((copied * done) / total),
      settled: Math.round((settled * done) / total),
      waitingReason: index >= steps - rests ? (task.waitingReason ?? null) : null,
    };
  });
  // Of a task at work the counters are ahead of the last sample: the difference is its speed.
  const shown = task.endedAt || rests > 0 ? rows : rows.slice(0, -1);
  await inBatches(shown, (some) => seed.db.insert(taskSamples).values(some));
}

/** Triggers that joined a pending task. */
export async function seedJoins(
  seed: Seed,
  task: TaskRow,
  { count, userId }: { count: number; userId: string | null },
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const agoMs = MINUTE - index * 10 * SECOND;
    const trigger = index % 2 === 0 ? "event" : "manual";
    await seed.db.insert(taskJoins).values({
      id: seed.id(agoMs),
      taskId: task.id,
      trigger,
      userId: trigger === "manual" ? userId : null,
      at: seed.ago(agoMs),
    });
  }
}
