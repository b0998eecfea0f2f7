import "server-only";
import { eq, sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { TargetCounts, TaskRow } from "../schemas/task.ts";

/** Of a task that is open, counts this old are told to everybody who looks. */
const FRESH_MS = 900;
/** Tasks whose counts are remembered; the oldest go first. */
const KNOWN_MAX = 500;

const known = new Map<string, { ended: boolean; atMs: number; counts: Promise<Map<string, TargetCounts>> }>();

/**
 * A task with what it came to at each of its targets, where it has several: with one its own counters tell. Counted from the
 * transfers when somebody looks, since counters of each target would be one more write a transfer: once for a task that has ended,
 * else about once a second however many look.
 */
export async function withTargetCounts(row: TaskRow): Promise<TaskRow> {
  if (row.targets.length < 2) {
    return row;
  }
  const [order, counts] = await Promise.all([targetIdsOf(row), knownCounts(row)]);
  return {
    ...row,
    targets: row.targets.map((target, index) => ({
      ...target,
      counts: counts.get(order[index] ?? "") ?? {},
    })),
  };
}

/** Ids of a task's targets, in the order of its row. */
async function targetIdsOf({ id, ruleId }: TaskRow): Promise<string[]> {
  const [task] = await database().select({ rule: tasks.rule }).from(tasks).where(eq(tasks.id, id));
  if (task?.rule) {
    return task.rule.targets.map(({ ruleTargetId }) => ruleTargetId);
  }
  const current = await database()
    .select({ id: ruleTargets.id })
    .from(ruleTargets)
    .where(eq(ruleTargets.ruleId, ruleId))
    .orderBy(ruleTargets.id);
  return current.map((target) => target.id);
}

function knownCounts({ id, endedAt }: TaskRow): Promise<Map<string, TargetCounts>> {
  const ended = endedAt !== null;
  const last = known.get(id);
  if (last && last.ended === ended && (ended || Date.now() - last.atMs < FRESH_MS)) {
    return last.counts;
  }
  const counts = countsOf(id);
  known.delete(id);
  known.set(id, { ended, atMs: Date.now(), counts });
  // Whoever asked hears of a failure; the next one asks anew.
  counts.catch(() => known.delete(id));
  for (const oldest of known.keys()) {
    if (known.size <= KNOWN_MAX) {
      break;
    }
    known.delete(oldest);
  }
  return counts;
}

async function countsOf(taskId: string): Promise<Map<string, TargetCounts>> {
  const rows = await database()
    .select({ target: transfers.ruleTargetId, status: transfers.status, n: sql<number>`count(*)::int` })
    .from(transfers)
    .where(eq(transfers.taskId, taskId))
    .groupBy(transfers.ruleTargetId, transfers.status);
  const counts = new Map<string, TargetCounts>();
  for (const { target, status, n } of rows) {
    counts.set(target, { ...counts.get(target), [status]: n });
  }
  return counts;
}
