import { eq, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { log } from "../log.ts";
import { fenced, LeaseLost, TaskGone } from "../queue/fence.ts";
import type { Checked } from "../schemas/verification.ts";
import type { TransferProgress } from "../sync/transfer.ts";
import type { Connection } from "./connections.ts";
import type { RunningJob } from "./job.ts";
import { warnOf } from "./outage-log.ts";
import { tellProgress } from "./progress-rows.ts";
import { writeSample } from "./samples.ts";
import { addLookedAt, addMoved, addTotals, noTotals, type TransferTotals } from "./totals.ts";
import { transferDesk } from "./transfer-desk.ts";

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

export function createProgress(
  db: Database,
  job: RunningJob,
  taskId: string,
  connections: readonly Connection[],
): Progress {
  const desk = transferDesk(db, taskId);
  const unwritten = new Map<string, TransferTotals>();
  let writing: Promise<void> | null = null;
  let shownWait: string | null = null;

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
    await flushTotals();
    if (waitKey !== shownWait) {
      await fenced(db, job.lease, taskId, async (tx) => {
        await writeWait(tx, taskId, wait);
        await tellProgress(tx, taskId);
      });
      shownWait = waitKey;
    }
  }

  async function flushTotals(): Promise<void> {
    const totals = [...unwritten];
    unwritten.clear();
    try {
      await desk.tell({ lease: job.lease, totals });
    } catch (error) {
      for (const [id, more] of totals) {
        addTotals(of(id), more);
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
      desk.close();
      const over = shownWait !== null && longestWait(connections) === null;
      if (over) {
        // Over since the last look, and nobody else takes it back. Who has lost the job has nothing to say any more.
        await flush().catch((error: unknown) =>
          log.debug({ err: error }, "the end of a wait was not written"),
        );
      }
    },
  };
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
