import { eq, sql } from "drizzle-orm";
import { fromDrizzle } from "pg-boss";
import { database, type Tx } from "../../../lib/db/client.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { endScan } from "../../../lib/jobs/scan-job.ts";
import { writePage } from "../../../lib/jobs/scan-page.ts";
import { stopSlice } from "../../../lib/jobs/stop.ts";
import { type ClaimedTask, claimTask } from "../../../lib/jobs/task-claim.ts";
import { noTotals } from "../../../lib/jobs/totals.ts";
import type { TransferResult } from "../../../lib/jobs/transfer-result.ts";
import {
  beginTransfer,
  endTransfer,
  failSlice,
  markRunning,
  openTransfers,
  type TransferRecord,
} from "../../../lib/jobs/transfer-state.ts";
import { boss } from "../../../lib/queue/boss.ts";
import { fenced, type Lease } from "../../../lib/queue/fence.ts";
import { completeJob, releaseJob } from "../../../lib/queue/job-attempt.ts";
import { COPY, type CopyJob, type QueueName, SCAN } from "../../../lib/queue/queues.ts";
import { isOpen } from "../../../lib/queue/states.ts";
import type { FailureFact } from "../../../lib/schemas/task.ts";
import { sha256 } from "../../../lib/testing/content.ts";

/** A job in the hands of the fuzz, as a worker would have it. */
export interface HeldJob {
  readonly lease: Lease;
  readonly taskId: string;
  readonly slice: number;
  readonly retriesLeft: number;
  claimed: ClaimedTask | undefined;
  /** Of a copy job: what it has not begun, once it has looked. */
  waiting: TransferRecord[] | undefined;
  readonly begun: TransferRecord[];
  retryDue: boolean;
}

/** Whether the job goes on, or is out of our hands. */
export type Step = "goes on" | "gone";

const FACT: FailureFact = {
  ...{ code: "DENIED", side: "source", httpStatus: 403 },
  ...{ registryMessage: null, request: null, digest: null },
};

export async function claimJobs(queue: QueueName, batchSize: number): Promise<HeldJob[]> {
  const jobs = await (await boss()).fetch<CopyJob>(queue, { batchSize, includeMetadata: true });
  return jobs.map(({ id, retryCount, retryLimit, data }) => ({
    lease: { queue, jobId: id, attempt: retryCount },
    ...{ taskId: data.taskId, slice: data.slice, retriesLeft: Math.max(0, retryLimit - retryCount) },
    ...{ claimed: undefined, waiting: undefined, begun: [], retryDue: false },
  }));
}

/** One thing that a worker with this job might do next. */
export function stepOf(job: HeldJob, random: () => number): Promise<Step> {
  return job.lease.queue === SCAN ? scanStep(job, random) : copyStep(job, random);
}

/** The straight way to the end: what is left over at last is brought home so. */
export const straight = (): number => 0.65;

const write = <T>(job: HeldJob, work: (tx: Tx) => Promise<T>) =>
  fenced(database(), job.lease, job.taskId, work);

async function complete({ lease }: HeldJob): Promise<Step> {
  await database().transaction((tx) => completeJob(tx, lease));
  return "gone";
}

async function handBack({ lease }: HeldJob, counts: boolean): Promise<Step> {
  await releaseJob(database(), lease, { delayMs: 0, counts });
  return "gone";
}

async function scanStep(job: HeldJob, random: () => number): Promise<Step> {
  if (!job.claimed) {
    const claimed = await write(job, (tx) => claimTask(tx, job.taskId));
    job.claimed = claimed ?? undefined;
    return claimed ? "goes on" : complete(job);
  }
  const chance = random();
  if (chance < 0.5) {
    const { claimed } = job;
    await write(job, (tx) => writePage(tx, job.taskId, pageOf(claimed, random)));
    return "goes on";
  }
  if (chance < 0.8) {
    await write(job, (tx) => endScan(tx, job.taskId, chance < 0.55 ? FACT : null));
    return complete(job);
  }
  return handBack(job, job.retriesLeft > 0 && chance < 0.9);
}

let repositories = 0;

function pageOf({ rule }: ClaimedTask, random: () => number) {
  // A scan comes to each repository once.
  const repository = `team/app${repositories++}`;
  const rows = rule.targets.flatMap(({ ruleTargetId, instanceId }) =>
    Array.from({ length: 1 + Math.floor(random() * 3) }, (_, n) => ({
      ...{
        ruleTargetId,
        targetInstanceId: instanceId,
        repository,
        targetRepository: repository,
        tag: `${n}`,
      },
      ...{ digest: sha256(`${repository}:${n}`), mediaType: "application/vnd.oci.image.manifest.v1+json" },
      knownAt: null,
    })),
  );
  return {
    ...{ rows, repositoriesScanned: 1, tagsScanned: rows.length, repositories: 1 },
    ...{ cursor: null, failure: random() < 0.1 ? FACT : null, closestName: null },
  };
}

async function copyStep(job: HeldJob, random: () => number): Promise<Step> {
  const { taskId, slice } = job;
  const [task] = await database().select().from(tasks).where(eq(tasks.id, taskId));
  if (!task || !isOpen(task.status)) {
    return complete(job);
  }
  if (task.stopRequestedAt && random() < 0.7) {
    await write(job, (tx) => stopSlice(tx, taskId, slice));
    return complete(job);
  }
  if (!job.waiting) {
    job.waiting = await openTransfers(database(), taskId, slice);
    if (job.waiting.length > 0) {
      await write(job, (tx) => markRunning(tx, taskId));
    }
    return "goes on";
  }
  if (job.retriesLeft === 0 && random() < 0.1) {
    return giveUp(job);
  }
  const next =
    job.waiting.length > 0 && (job.begun.length === 0 || random() < 0.5) ? job.waiting.shift() : undefined;
  if (next) {
    if (await write(job, (tx) => beginTransfer(tx, taskId, next.id))) {
      job.begun.push(next);
    }
    return "goes on";
  }
  const ending = job.begun.shift();
  if (ending) {
    const result = resultOf(job, random);
    job.retryDue ||= result.kind === "retry" || result.kind === "handed-back";
    await write(job, (tx) => endTransfer(tx, ending, result, { ...noTotals(), found: 10, copied: 10 }));
    return "goes on";
  }
  return job.retryDue ? handBack(job, random() < 0.5) : complete(job);
}

function resultOf({ retriesLeft }: HeldJob, random: () => number): TransferResult {
  const chance = random();
  if (chance < 0.15) {
    return retriesLeft > 0
      ? { kind: "retry", failure: FACT }
      : { kind: "failed", reason: FACT.code, failure: FACT };
  }
  if (chance < 0.25) {
    return { kind: "failed", reason: FACT.code, failure: FACT };
  }
  if (chance < 0.3) {
    return { kind: "handed-back" };
  }
  if (chance < 0.4) {
    return { kind: "outcome", outcome: { status: "skipped", reason: "exists", moved: false } };
  }
  if (chance < 0.5) {
    return { kind: "outcome", outcome: { status: "up-to-date", moved: false } };
  }
  // Now and then the tag has moved: a follow-up.
  return {
    kind: "outcome",
    outcome: { status: "copied", replacedDigest: undefined, moved: chance > 0.97 },
  };
}

/** What lib/jobs/job-run.ts does with a job that failed for a reason of ours and has no retry left. */
async function giveUp(job: HeldJob): Promise<Step> {
  const { taskId, slice, lease } = job;
  await write(job, async (tx) => {
    await markRunning(tx, taskId);
    await failSlice(tx, taskId, slice);
  });
  await database().transaction(async (tx) => {
    const queue = await boss();
    await queue.fail(
      COPY,
      { id: lease.jobId, retryCount: lease.attempt },
      { message: "fuzz" },
      {
        db: fromDrizzle(tx, sql),
      },
    );
  });
  return "gone";
}
