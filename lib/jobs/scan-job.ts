import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { compileTagChoice } from "../pattern/compile-tag-choice.ts";
import { compilePattern } from "../pattern/pattern.ts";
import { fenced } from "../queue/fence.ts";
import { announceTask } from "../queue/live.ts";
import type { ScanJob } from "../queue/queues.ts";
import { settleTask } from "../queue/settle-task.ts";
import type { RuleSnapshot } from "../schemas/rule.ts";
import { type FailureFact, OPEN_TASK_STATUSES } from "../schemas/task.ts";
import { failureFact } from "../sync/failure.ts";
import type { Selection } from "../sync/selection.ts";
import { scanStores } from "../sync/stores.ts";
import { waitAfter } from "./backoff.ts";
import type { Connection } from "./connections.ts";
import { sweepAfterScan } from "./deletions/sweep.ts";
import { factOf, isFact, isRetryable } from "./failure.ts";
import { JobAborted, type JobContext, type JobHandler, RetryLater, type RunningJob } from "./job.ts";
import { createProgress, type Progress, writeWait } from "./progress.ts";
import { type ScanAhead, scanAhead } from "./scan-ahead.ts";
import { writePage } from "./scan-page.ts";
import { pagesOf, wantedOf } from "./scan-plan.ts";
import { carryOutStop } from "./stop.ts";
import { type ClaimedTask, claimTask } from "./task-claim.ts";

/** Tags of several repositories, most likely. */
const REQUESTS_AT_ONCE = 16;

/** Lists, matches and plans: step 4 of a trigger. */
export const scanJob: JobHandler<ScanJob> = {
  async run(job, context) {
    const { db } = context;
    const { taskId } = job.data;
    const task = await fenced(db, job.lease, taskId, (tx) => claimTask(tx, taskId));
    if (!task) {
      return;
    }
    const failure = await scanTask(job, context, task);
    await fenced(db, job.lease, taskId, (tx) => endScan(tx, taskId, failure));
  },

  async giveUp({ lease, data: { taskId } }, { db }) {
    await fenced(db, lease, taskId, (tx) => endScan(tx, taskId, failureFact(null)));
  },
};

/** @returns why the scan broke off, or null when it came to its end; stopping is neither */
async function scanTask(
  job: RunningJob<ScanJob>,
  context: JobContext,
  task: ClaimedTask,
): Promise<FailureFact | null> {
  if (task.rule.targets.length === 0) {
    return { ...failureFact(null), code: "TARGETS_PAUSED", side: "target" };
  }
  let source: Connection | null = null;
  let waits: Progress | null = null;
  let ahead: ScanAhead | null = null;
  let cursor: string | null = null;
  try {
    source = await context.connections.acquire(task.rule.sourceInstanceId, REQUESTS_AT_ONCE);
    // A scan moves no bytes; that it waits for a registry is told all the same.
    waits = createProgress(context.db, job, task.id, [source]);
    ahead = await scanAhead(job, context, task, source);
    const pages = pagesOf(
      scanStores(source.stores, selectionOf(task), {
        signal: job.signal,
        after: task.cursor ?? undefined,
        ahead: ahead?.lookahead,
      }),
      task,
      await wantedOf(context.db, task),
      job.lastAttempt,
    );
    for await (const page of pages) {
      await fenced(context.db, job.lease, task.id, (tx) => writePage(tx, task.id, page, ahead ?? undefined));
      cursor = page.cursor ?? cursor;
      job.signal.throwIfAborted();
      if (job.draining.aborted) {
        throw new JobAborted("draining");
      }
    }
    return null;
  } catch (error) {
    if (job.signal.aborted && job.signal.reason.reason === "stopped") {
      return null;
    }
    if (job.signal.aborted || !isFact(error)) {
      throw error;
    }
    if (job.lastAttempt || !isRetryable(error)) {
      return factOf(error, "source");
    }
    const { delayMs, reason } = waitAfter(error, job.failures + 1);
    const wait = { instanceId: task.rule.sourceInstanceId, untilMs: Date.now() + delayMs, reason };
    await waits?.close();
    await fenced(context.db, job.lease, task.id, (tx) => writeWait(tx, task.id, wait));
    throw new RetryLater(delayMs, { counts: cursor === null, cause: error });
  } finally {
    await waits?.close();
    ahead?.close();
    source?.release();
  }
}

function selectionOf({ rule, scope }: ClaimedTask): Selection {
  return {
    namespace: rule.sourceNamespace,
    repository: pattern(rule.repositoryPattern),
    ...tagChoice(rule),
    resourceType: rule.resourceType,
    only: scope.kind === "tags" ? scope.tags : undefined,
  };
}

function tagChoice({
  tagPattern,
  excludeTagPattern = "",
  semverRange = "",
  newestTags = null,
}: RuleSnapshot) {
  const choice = compileTagChoice({ tagPattern, excludeTagPattern, semverRange, newestTags });
  if (!choice) {
    throw new Error("a saved choice of tags does not compile");
  }
  return choice;
}

function pattern(source: string) {
  const compiled = compilePattern(source);
  if (!compiled.ok) {
    throw new Error(`a saved expression does not compile: ${compiled.error.reason}`);
  }
  return compiled.pattern;
}

/** The scan has ended, by itself, by a failure or by a stop; a task with nothing left to do ends with it. */
export async function endScan(tx: Tx, taskId: string, failure: FailureFact | null): Promise<void> {
  const [before] = await tx
    .select({ stopRequestedAt: tasks.stopRequestedAt })
    .from(tasks)
    .where(eq(tasks.id, taskId));
  if (before?.stopRequestedAt) {
    // Ahead of the task's own row: everybody locks transfers first. What is asked for from here on, the sweeper sees to.
    await carryOutStop(tx, taskId);
  }
  const [task] = await tx
    .update(tasks)
    .set({
      scanEndedAt: sql`coalesce(${tasks.scanEndedAt}, now())`,
      failure: failure
        ? sql`coalesce(${tasks.failure}, ${JSON.stringify(failure)}::jsonb)`
        : sql`${tasks.failure}`,
      updatedAt: sql`now()`,
    })
    .where(and(eq(tasks.id, taskId), inArray(tasks.status, [...OPEN_TASK_STATUSES])))
    .returning({ stopRequestedAt: tasks.stopRequestedAt });
  if (!task?.stopRequestedAt) {
    await sweepAfterScan(tx, taskId);
  }
  await settleTask(tx, taskId);
  await announceTask(tx, taskId);
}
