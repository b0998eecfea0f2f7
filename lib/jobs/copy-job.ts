import { eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { fenced, LeaseLost, TaskGone } from "../queue/fence.ts";
import type { CopyJob } from "../queue/queues.ts";
import { isOpen } from "../queue/states.ts";
import { isSourceOfRules } from "../queue/way-back.ts";
import { digestOf } from "../registry/verify.ts";
import type { RuleSnapshot } from "../schemas/rule.ts";
import type { TaskStatus } from "../schemas/task.ts";
import type { VerifyDepth } from "../schemas/verify-words.ts";
import { type TargetMemory, targetMemory } from "../sync/target-memory.ts";
import { throttleBetween } from "../sync/throttle.ts";
import { VerifyMemory } from "../sync/verify/verify-memory.ts";
import { waitAfter } from "./backoff.ts";
import { type Connection, isDistant } from "./connections.ts";
import { copyAll } from "./copy-slice.ts";
import { factOf, isFact } from "./failure.ts";
import { type JobContext, type JobHandler, RetryLater, type RunningJob } from "./job.ts";
import { createPlacements } from "./placements.ts";
import { createProgress, writeWait } from "./progress.ts";
import type { Slice } from "./slice.ts";
import { stopSlice } from "./stop.ts";
import { tagsAreClaimed } from "./tag-claims.ts";
import { failSlice, markRunning, openTransfers, type TransferRecord } from "./transfer-state.ts";
import { isDatabaseAway } from "./transient.ts";

/** Of those under way at once: an image of a few layers. */
const REQUESTS_A_TAG = 4;

/** Copies one slice of one repository to one target: steps 5 and 6 of a trigger. */
export const copyJob: JobHandler<CopyJob> = {
  async run(job, context) {
    const { db } = context;
    const { taskId, slice } = job.data;
    const task = await findTask(db, taskId);
    if (!task) {
      return;
    }
    if (!task.stopRequestedAt) {
      const open = await openTransfers(db, taskId, slice);
      await copySlice(job, context, task, open);
    }
    if (task.stopRequestedAt || job.signal.aborted) {
      await fenced(db, job.lease, taskId, (tx) => stopSlice(tx, taskId, slice));
    }
  },

  async giveUp({ lease, data: { taskId, slice } }, { db }) {
    await fenced(db, lease, taskId, async (tx) => {
      await markRunning(tx, taskId);
      await failSlice(tx, taskId, slice);
    });
  },
};

async function findTask(db: Database, taskId: string) {
  const [task] = await db
    .select({
      status: tasks.status,
      rule: tasks.rule,
      verify: tasks.verify,
      stopRequestedAt: tasks.stopRequestedAt,
    })
    .from(tasks)
    .where(eq(tasks.id, taskId));
  return task?.rule && isOpen(task.status) ? { ...task, rule: task.rule } : null;
}

/** Returns when the slice is done, or was stopped. @throws {RetryLater} @throws {JobAborted} */
async function copySlice(
  job: RunningJob<CopyJob>,
  { db, connections }: JobContext,
  { rule, verify, status }: { rule: RuleSnapshot; verify: VerifyDepth | null; status: TaskStatus },
  open: TransferRecord[],
): Promise<void> {
  const [first] = open;
  if (!first) {
    return;
  }
  const { taskId } = job.data;
  if (status !== "running") {
    await fenced(db, job.lease, taskId, (tx) => markRunning(tx, taskId));
  }
  const claimsTags = await tagsAreClaimed(db, rule, first.targetInstanceId);
  const comesBack = rule.override && (await isSourceOfRules(db, first.targetInstanceId));
  const instances = [rule.sourceInstanceId, first.targetInstanceId] as const;
  const ends = await connect(job, { db, connections }, instances, open.length * REQUESTS_A_TAG);
  if (!ends) {
    return;
  }
  const [source, target] = ends;
  const placements = createPlacements(db, job.lease, {
    taskId,
    targetInstanceId: target.instanceId,
    signal: job.signal,
    lastAttempt: job.lastAttempt,
  });
  tellMemory(targetMemory(placements), job, target, open);
  const progress = createProgress(db, job, taskId, ends);
  const slice: Slice = {
    job,
    db,
    rule,
    source,
    target,
    placements,
    throttle: throttleBetween(source.end, target.end),
    claimsTags,
    comesBack,
    verify,
    verifyMemory: new VerifyMemory(placements),
    progress,
    faults: [],
    retries: [],
    ended: 0,
  };
  try {
    await copyAll(slice, open);
  } finally {
    await progress.close();
    placements.close();
    source.release();
    target.release();
  }
  await conclude(slice);
}

/** What the scan found out, maybe in another process. */
function tellMemory(
  memory: TargetMemory,
  { data, failures }: RunningJob<CopyJob>,
  target: Connection,
  open: readonly TransferRecord[],
): void {
  memory.distant = isDistant(target);
  const [first] = open;
  // Later it may have changed.
  if (!data.targetEmpty || failures > 0 || first?.store !== null) {
    return;
  }
  memory.firstLooks.at(target.registry.repository(first.targetRepository)).hearEmpty();
  for (const text of data.manifests ?? []) {
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes);
    const mediaType = open.find((transfer) => transfer.digest === digest)?.mediaType;
    if (mediaType) {
      memory.manifests.offer({ descriptor: { mediaType, digest, size: bytes.byteLength }, bytes });
    }
  }
}

/** Both ends, or null after the slice has failed because one of them cannot be had. */
async function connect(
  job: RunningJob<CopyJob>,
  { db, connections }: JobContext,
  [sourceId, targetId]: readonly [string, string],
  requests: number,
): Promise<[Connection, Connection] | null> {
  const { taskId, slice } = job.data;
  let source: Connection | null = null;
  try {
    source = await connections.acquire(sourceId, requests);
    return [source, await connections.acquire(targetId, requests)];
  } catch (error) {
    source?.release();
    if (!isFact(error)) {
      throw error;
    }
    const failure = factOf(error, source ? "target" : "source");
    await fenced(db, job.lease, taskId, (tx) => failSlice(tx, taskId, slice, failure));
    return null;
  }
}

/** What the slice as a whole comes to: the gravest fault first, then retries. */
async function conclude({ job, db, faults, retries, ended }: Slice): Promise<void> {
  const { signal } = job;
  if (signal.aborted && signal.reason.reason === "stopped") {
    return;
  }
  const gravest =
    faults.find((fault) => fault instanceof LeaseLost || fault instanceof TaskGone) ??
    (signal.aborted ? signal.reason : undefined) ??
    faults.find(isDatabaseAway) ??
    faults[0];
  if (gravest !== undefined) {
    throw gravest;
  }
  const [longest] = retries
    .map(({ instanceId, error }) => ({ instanceId, ...waitAfter(error, job.failures + 1) }))
    .sort((a, b) => b.delayMs - a.delayMs);
  if (longest) {
    const { taskId } = job.data;
    const { delayMs } = longest;
    const wait = { ...longest, untilMs: Date.now() + delayMs };
    await fenced(db, job.lease, taskId, (tx) => writeWait(tx, taskId, wait));
    throw new RetryLater(delayMs, { counts: ended === 0 });
  }
}
