import { taskSamples } from "../db/schema/history.ts";
import { taskJoins, type tasks } from "../db/schema/tasks.ts";
import type { transfers } from "../db/schema/transfers.ts";
import { inBatches, MINUTE, SECOND, type Seed } from "./console-seed-base.ts";

type TaskRow = typeof tasks.$inferInsert;
type TransferRow = typeof transfers.$inferInsert;

/** What a task had done at a moment, in ms since the epoch. */
interface Done {
  atMs: number;
  bytesCopied: number;
  settled: number;
}

const EVERY_MS = 5 * SECOND;
const MOST_STEPS = 240;

/** The throughput curve of a task that moves bytes, from its beginning to its end, and nowhere else. */
export async function seedSamples(
  seed: Seed,
  task: TaskRow,
  transferRows: readonly TransferRow[],
): Promise<void> {
  const from = task.claimedAt?.getTime();
  const to = task.endedAt?.getTime() ?? seed.now;
  if (from === undefined || (task.bytesCopied ?? 0) === 0) {
    return;
  }
  const steps = Math.min(MOST_STEPS, Math.max(2, Math.floor((to - from) / EVERY_MS)));
  const times = Array.from({ length: steps }, (_, index) =>
    Math.round(from + ((index + 1) * (to - from)) / steps),
  );
  const rests = task.waitingReason ? Math.ceil(steps * 0.3) : 0;
  const done = task.verify ? byTransfers(times, transferRows, to) : byWeights(seed, times, { task, rests });
  const rows = done.map(({ atMs, ...counted }, index) => ({
    taskId: task.id,
    at: new Date(atMs),
    ...counted,
    waitingReason: index >= steps - rests ? (task.waitingReason ?? null) : null,
  }));
  // Of a task at work the counters are ahead of the last sample: the difference is its speed.
  const shown = task.endedAt || rests > 0 ? rows : rows.slice(0, -1);
  await inBatches(shown, (some) => seed.db.insert(taskSamples).values(some));
}

const STARTS = 6;
/** How much of its speed is left around a dip, by steps before and after. */
const DIP = [0.35, 0.6, 0.85] as const;
const DIP_EACH = 37;
const DIP_AT = 20;

/** It speeds up, holds, dips now and then, and rests while the task waits. */
function byWeights(
  seed: Seed,
  times: readonly number[],
  { task, rests }: { task: TaskRow; rests: number },
): Done[] {
  const weights = times.map((_, index) => {
    const drawn = 0.85 + seed.random() * 0.3;
    const dip = DIP[Math.abs((index % DIP_EACH) - DIP_AT)] ?? 1;
    return index >= times.length - rests ? 0 : Math.min(1, (index + 1) / STARTS) * drawn * dip;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const copied = task.bytesCopied ?? 0;
  const settled =
    (task.transfersCopied ?? 0) +
    (task.transfersUpToDate ?? 0) +
    (task.transfersSkipped ?? 0) +
    (task.transfersFailed ?? 0);
  let sum = 0;
  return times.map((atMs, index) => {
    sum += weights[index] ?? 0;
    return {
      atMs,
      bytesCopied: Math.round((copied * sum) / total),
      settled: Math.round((settled * sum) / total),
    };
  });
}

/** Where little is copied, as where content is proven, bytes move when its transfers did, and at no other time. */
function byTransfers(times: readonly number[], rows: readonly TransferRow[], end: number): Done[] {
  return times.map((atMs) => ({
    atMs,
    bytesCopied: Math.round(
      rows.reduce((sum, row) => sum + (row.bytesCopied ?? 0) * shareAt(row, atMs, end), 0),
    ),
    settled: rows.filter(({ endedAt }) => endedAt && endedAt.getTime() <= atMs).length,
  }));
}

function shareAt({ startedAt, endedAt }: TransferRow, atMs: number, end: number): number {
  const from = startedAt?.getTime() ?? end;
  const to = endedAt?.getTime() ?? end;
  return Math.min(1, Math.max(0, (atMs - from) / Math.max(1, to - from)));
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
