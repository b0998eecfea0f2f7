import "server-only";
import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { TaskRow } from "../schemas/task.ts";
import { shownFailure } from "./task-rows.ts";
import { getTask, taskJoins } from "./tasks.ts";

/** Transfers read at once: what the log holds in memory, however long the task. */
const PAGE_ROWS = 500;

/**
 * The log of a task, one JSON document a line (JSONL): the task, the triggers that joined it, then its transfers in the order
 * of the scan. It reads on only when the lines are taken, page by page by key. Secrets are no part of any row; what the
 * registry at an end said is left out for whoever may not view that end.
 *
 * @throws {AppError} NOT_FOUND, before the first line
 */
export async function taskLog(
  actor: Actor,
  taskId: string,
): Promise<{ task: TaskRow; lines: AsyncGenerator<string> }> {
  const task = await getTask(actor, taskId);
  return { task, lines: linesOf(actor, task) };
}

async function* linesOf(actor: Actor, task: TaskRow): AsyncGenerator<string> {
  const { pace: _pace, queue: _queue, ...facts } = task;
  yield line({ kind: "task", ...facts });
  for (const join of (await taskJoins(actor, task.id)).reverse()) {
    yield line({ kind: "join", ...join });
  }
  let after: string | null = null;
  for (;;) {
    const rows = await readPage(task.id, after);
    for (const { transfer, target } of rows) {
      yield line(transferLine(actor, task, transfer, target));
    }
    after = rows.at(-1)?.transfer.id ?? null;
    if (rows.length < PAGE_ROWS) {
      return;
    }
  }
}

type Transfer = typeof transfers.$inferSelect;

function readPage(taskId: string, after: string | null) {
  return database()
    .select({ transfer: transfers, target: { id: instances.id, name: instances.name } })
    .from(transfers)
    .innerJoin(instances, eq(instances.id, transfers.targetInstanceId))
    .where(and(eq(transfers.taskId, taskId), after === null ? sql`true` : gt(transfers.id, after)))
    .orderBy(asc(transfers.id))
    .limit(PAGE_ROWS);
}

function transferLine(actor: Actor, task: TaskRow, transfer: Transfer, target: { id: string; name: string }) {
  const ends = { source: [task.sourceInstance.id], target: [target.id] };
  return {
    kind: "transfer",
    id: transfer.id,
    repository: transfer.repository,
    tag: transfer.tag,
    digest: transfer.digest,
    mediaType: transfer.mediaType,
    target: { instance: target.name, repository: transfer.targetRepository },
    status: transfer.status,
    reason: transfer.reason,
    failure: shownFailure(actor, transfer.failure, ends),
    attempts: transfer.attempts,
    attemptFailures: transfer.attemptFailures.map(({ attempt, at, fact }) => ({
      attempt,
      at,
      fact: shownFailure(actor, fact, ends),
    })),
    sizeBytes: transfer.sizeBytes,
    bytesCopied: transfer.bytesCopied,
    bytesMounted: transfer.bytesMounted,
    bytesSkipped: transfer.bytesSkipped,
    replacedDigest: transfer.replacedDigest,
    verification: transfer.verification,
    startedAt: transfer.startedAt?.toISOString() ?? null,
    endedAt: transfer.endedAt?.toISOString() ?? null,
  };
}

const line = (document: object): string => `${JSON.stringify(document)}\n`;
