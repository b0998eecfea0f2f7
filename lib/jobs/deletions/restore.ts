import type { DeletionJob } from "../../queue/queues.ts";
import { fencedByRule } from "../../queue/rule-fence.ts";
import type { DeletionReason } from "../../schemas/deletion-words.ts";
import type { FailureFact } from "../../schemas/task.ts";
import { restoreTag } from "../../sync/deletion/put-back.ts";
import type { Connection } from "../connections.ts";
import { factOf, isFact } from "../failure.ts";
import { JobAborted, type JobContext, type RunningJob } from "../job.ts";
import { bringAttached, restoringBy } from "./attached.ts";
import { claimRow, type DeletionRow, moveRow, putOff } from "./due-rows.ts";
import { keptManifest } from "./interrupted.ts";

/** Puts back what people want back, one tag after the other. */
export async function carryOutRestores(job: RunningJob<DeletionJob>, context: JobContext): Promise<void> {
  const { db } = context;
  const { ruleId } = job.data;
  for (;;) {
    job.signal.throwIfAborted();
    if (job.draining.aborted) {
      throw new JobAborted("draining");
    }
    const row = await fencedByRule(db, job.lease, ruleId, (tx) => claimRow(tx, job.lease, ruleId, "restore"));
    if (!row) {
      return;
    }
    const { reason, failure } = await restore(job, context, row);
    await fencedByRule(db, job.lease, ruleId, async (tx) => {
      if (reason === null) {
        await moveRow(tx, row, "restored", {
          reason,
          failure,
          manifest: null,
          attached: null,
          restoreRequestedAt: null,
        });
      } else {
        await putOff(tx, row, { reason, failure, minutes: 0 });
      }
    });
  }
}

/** @returns why it could not be put back; `reason` null when it could */
async function restore(
  job: RunningJob<DeletionJob>,
  { db, connections }: JobContext,
  row: DeletionRow,
): Promise<{ reason: DeletionReason | null; failure: FailureFact | null }> {
  const manifest = keptManifest(row);
  if (manifest === null) {
    return { reason: "content-gone", failure: null };
  }
  let target: Connection | null = null;
  try {
    target = await connections.acquire(row.targetInstanceId);
    const repository = target.registry.repository(row.targetRepository);
    const how = restoringBy(db, job, row);
    const outcome = await restoreTag(repository, row.tag, manifest, how);
    if (outcome === "restored") {
      await bringAttached(repository, row.attached, how);
    }
    return { reason: outcome === "restored" ? null : outcome, failure: null };
  } catch (error) {
    if (job.signal.aborted || !isFact(error)) {
      throw error;
    }
    return { reason: "restore-failed", failure: factOf(error, "target") };
  } finally {
    target?.release();
  }
}
