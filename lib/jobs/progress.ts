import { eq, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { log } from "../log.ts";
import { fenced, LeaseLost, TaskGone } from "../queue/fence.ts";
import { announceTask } from "../queue/live.ts";
import type { Checked } from "../schemas/verification.ts";
import type { TransferProgress } from "../sync/transfer.ts";
import type { Connection } from "./connections.ts";
import type { RunningJob } from "./job.ts";
import { warnOf } from "./outage-log.ts";
import { writeSample } from "./samples.ts";
import { addLookedAt, addMoved, addTotals, noTotals, type TransferTotals } from "./totals.ts";

const FLUSH_MS = 1_000;

/** Collects what a job's transfers move and look at, and writes it at most once a second. */
export interface Progress {
  add(transferId: string, moved: TransferProgress): void;
  /** What a verification has asked the target for. */
  lookedAt(transferId: string, more: Partial<Checked>): void;
  /** Waits for a write under way, then hands out what is unwritten of a transfer that is ending; the caller writes it. */
  take(transferId: string): Promise<TransferTotals>;
  close(): Promise<void>;
}

/** A task is announced at most once a second by this process, however many of its jobs run here. */
const announced = new Map<string, number>();

export function createProgress(
  db: Database,
  job: RunningJob,
  taskId: string,
  connections: readonly Connection[],
): Progress {
  const unwritten = new Map<string, TransferTotals>();
  let writing: Promise<void> | null = null;
  let shownWait: string | null = null;
  const closed = false;

  function of(transferId: string): TransferTotals {
    const totals = unwritten.get(transferId) ?? noTotals();
    unwritten.set(transferId, totals);
    return totals;
  }

  async function flush(): Promise<void> {
    const wait = longestWait(connections);
    const waitKey = wait && `${wait.instanceId}/${wait.untilMs}`;
    if (unwritten.size === 0 && waitKey === shownWait) {
      return;
    }
    const batch = [...unwritten].sort(([a], [b]) => (a < b ? -1 : 1));
    unwritten.clear();
    try {
      await fenced(db, job.lease, taskId, async (tx) => {
        await writeTotals(tx, taskId, batch);
        if (waitKey !== shownWait) {
          await writeWait(tx, taskId, wait);
        }
        await tellProgress(tx, taskId);
      });
      shownWait = waitKey;
    } catch (error) {
      for (const [id, totals] of batch) {
        addTotals(of(id), totals);
      }
      throw error;
    }
  }

  const timer = setInterval(() => {
    writing ??= flush()
      .catch((error: unknown) => {
        if (error instanceof LeaseLost) {
          job.abort("lease-lost");
        } else if (error instanceof TaskGone) {
          job.abort("stopped");
        } else {
          warnOf(db, error, `progress of task ${taskId} could not be written`);
        }
      })
      .finally(() => {
        writing = null;
      });
  }, FLUSH_MS);

  return {
    add: (transferId, moved) => addMoved(of(transferId), moved),
    lookedAt: (transferId, more) => addLookedAt(of(transferId), more),
    async take(transferId) {
      while (writing) {
        await writing;
      }
      const totals = of(transferId);
      unwritten.delete(transferId);
      return totals;
    },
    async close() {
      clearInterval(timer);
      await writing;
      const over = shownWait !== null && longestWait(connections) === null;
      if (over && !closed) {
        // Over since the last look, and nobody else takes it back. Who has lost the job has nothing to say any more.
        await flush().catch((error: unknown) =>
          log.debug({ err: error }, "the end of a wait was not written"),
        );
      }
    },
  };
}

/** Counters have moved in this transaction: the throughput curve and the pages are told, each when it is their time. */
export async function tellProgress(tx: Tx, taskId: string): Promise<void> {
  await writeSample(tx, taskId);
  if (due(taskId)) {
    await announceTask(tx, taskId);
  }
}

function due(taskId: string): boolean {
  const now = Date.now();
  if (now - (announced.get(taskId) ?? 0) < FLUSH_MS) {
    return false;
  }
  announced.set(taskId, now);
  if (announced.size > 1_000) {
    announced.clear();
  }
  return true;
}

/** Adds to the transfers, and their sum to the task. Transfers first: every writer locks them in this order. */
async function writeTotals(tx: Tx, taskId: string, batch: [string, TransferTotals][]): Promise<void> {
  if (batch.length === 0) {
    return;
  }
  const rows = batch.map(
    ([id, { found, copied, mounted, skipped, contentsVerified, bytesVerified }]) => sql`(
      ${id}::uuid, ${found}::bigint, ${copied}::bigint, ${mounted}::bigint, ${skipped}::bigint,
      ${contentsVerified}::bigint, ${bytesVerified}::bigint)`,
  );
  await tx.execute(sql`
    with bytes (id, found, copied, mounted, skipped, contents, read_back) as (values ${sql.join(rows, sql`, `)}),
    written as (
      update transfers t
      set size_bytes = coalesce(t.size_bytes, 0) + found, bytes_copied = t.bytes_copied + copied,
          bytes_mounted = t.bytes_mounted + mounted, bytes_skipped = t.bytes_skipped + skipped,
          contents_verified = t.contents_verified + contents, bytes_verified = t.bytes_verified + read_back,
          updated_at = now()
      from bytes where t.id = bytes.id and t.status = 'running'
      returning found, copied, mounted, skipped, contents, read_back
    )
    update tasks set
      bytes_total = bytes_total + (select coalesce(sum(found), 0) from written),
      bytes_copied = bytes_copied + (select coalesce(sum(copied), 0) from written),
      bytes_mounted = bytes_mounted + (select coalesce(sum(mounted), 0) from written),
      bytes_skipped = bytes_skipped + (select coalesce(sum(skipped), 0) from written),
      contents_verified = contents_verified + (select coalesce(sum(contents), 0) from written),
      bytes_verified = bytes_verified + (select coalesce(sum(read_back), 0) from written),
      updated_at = now()
    where id = ${taskId}`);
}

type InstanceWait = { instanceId: string; untilMs: number; reason: string };

function longestWait(connections: readonly Connection[]): InstanceWait | null {
  const waits = connections.flatMap((connection) => {
    const wait = connection.wait();
    return wait ? [{ instanceId: connection.instanceId, ...wait }] : [];
  });
  return waits.sort((a, b) => b.untilMs - a.untilMs)[0] ?? null;
}

/** 限流等待: the task shows until when, and for whom. Null: the wait is over. */
export async function writeWait(tx: Tx, taskId: string, wait: InstanceWait | null): Promise<void> {
  await tx
    .update(tasks)
    .set({
      // By the database's clock: only the length of the wait is ours.
      waitingUntil: wait
        ? sql`now() + ${Math.max(0, wait.untilMs - Date.now())} * interval '1 millisecond'`
        : null,
      waitingReason: wait?.reason ?? null,
      waitingInstanceId: wait?.instanceId ?? null,
    })
    .where(eq(tasks.id, taskId));
  await writeSample(tx, taskId, { atOnce: true });
}
