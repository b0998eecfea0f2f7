import type { Database } from "../../db/client.ts";
import type { KeptAttached } from "../../db/schema/deletions.ts";
import type { DeletionJob } from "../../queue/queues.ts";
import { fencedByRule } from "../../queue/rule-fence.ts";
import type { Registry } from "../../registry/repository.ts";
import type { DeletionReason } from "../../schemas/deletion-words.ts";
import { type DeleteOutcome, deleteTag } from "../../sync/deletion/delete-tag.ts";
import { prepareDeletion, type ReadyDeletion, resolveAt } from "../../sync/deletion/prepare-deletion.ts";
import { SharedDigests } from "../../sync/deletion/sharing.ts";
import { sightingsOf } from "../../sync/deletion/source-sighting.ts";
import type { Connection } from "../connections.ts";
import { factOf, isFact } from "../failure.ts";
import { JobAborted, type JobContext, type RunningJob } from "../job.ts";
import { attachedTo, dropAttached, restoringBy } from "./attached.ts";
import { armRow, claimRow, type DeletionRow } from "./due-rows.ts";
import { finishInterrupted } from "./interrupted.ts";
import { broughtByAnother } from "./other-rules.ts";
import { type FollowingRule, followingRule, meansBeside, meansTag } from "./rule.ts";
import { type Verdict, writeVerdict } from "./verdict.ts";

/** Between the last look and each request to delete: a process that stood still, or that the target kept waiting, looks again. */
const FRESH_MS = 10_000;

/** One row in hand, with both ends. */
interface Case {
  db: Database;
  job: RunningJob<DeletionJob>;
  rule: FollowingRule;
  row: DeletionRow;
  source: Connection;
  target: Connection;
  shared: SharedDigests;
}

/** The last look is too long ago for a request to delete. */
class LookAgain extends Error {
  override readonly name = "LookAgain";
}

/** Carries out what is due of a rule, one tag after the other. */
export async function carryOutDue(
  job: RunningJob<DeletionJob>,
  { db, connections }: JobContext,
): Promise<void> {
  const { ruleId } = job.data;
  const sharedAt = sharedOfLatest();
  for (;;) {
    job.signal.throwIfAborted();
    if (job.draining.aborted) {
      throw new JobAborted("draining");
    }
    const row = await fencedByRule(db, job.lease, ruleId, (tx) => claimRow(tx, job.lease, ruleId, "due"));
    const rule = row && (await followingRule(db, ruleId));
    if (!row || !rule) {
      return;
    }
    let source: Connection | null = null;
    let target: Connection | null = null;
    let verdict: Verdict;
    try {
      source = await connections.acquire(rule.sourceInstanceId);
      target = await connections.acquire(row.targetInstanceId);
      verdict = await decide({ db, job, rule, row, source, target, shared: sharedAt(row, target) });
    } catch (error) {
      if (job.signal.aborted || !isFact(error)) {
        throw error;
      }
      verdict = { to: "again", reason: target === null ? "source-failed" : reasonOf(error), error };
    } finally {
      source?.release();
      target?.release();
    }
    await fencedByRule(db, job.lease, ruleId, (tx) => writeVerdict(tx, rule, row, verdict));
  }
}

/** What is remembered of the repository that came last: the rows of one come one after the other. */
function sharedOfLatest(): (row: DeletionRow, target: Connection) => SharedDigests {
  let latest: { repository: string; registry: Registry; shared: SharedDigests } | null = null;
  return ({ targetRepository: repository }, { registry }) => {
    if (latest?.repository !== repository || latest.registry !== registry) {
      latest = { repository, registry, shared: new SharedDigests(registry.repository(repository)) };
    }
    return latest.shared;
  };
}

const reasonOf = (error: unknown): DeletionReason =>
  factOf(error).side === "source" ? "source-failed" : "target-failed";

/**
 * Asks everything anew, the cheap and certain first, the source last of all and then the target once more; only then it is
 * deleted. Whatever is not as it was when the tag was brought ends it.
 * @throws {CopyError} when an end does not answer
 */
async function decide(given: Case): Promise<Verdict> {
  const { db, job, rule, row, target, shared } = given;
  const { signal } = job;
  if (!meansTag(rule)(row.repository, row.tag)) {
    return { to: "withdrawn", reason: "not-matched" };
  }
  const there = target.registry.repository(row.targetRepository);
  const prepared = await prepareDeletion(there, row, { shared, signal });
  if (prepared.kind === "gone") {
    const how = restoringBy(db, job, row);
    if (!(await finishInterrupted(row, there, how))) {
      return { to: "withdrawn", reason: "gone-already" };
    }
    await dropAttached(there, row.attached, { ...how, shared });
    return { to: "deleted" };
  }
  if (prepared.kind !== "ready") {
    return { to: "refused", reason: prepared.kind };
  }
  if (await broughtByAnother(db, row)) {
    return { to: "refused", reason: "other-rule" };
  }
  const attached = rule.referrers ? await attachedTo(there, prepared, signal) : null;
  const stop = await lastLook(given);
  return stop ?? (await deleteNow(given, prepared, attached));
}

/** @returns why it is not deleted; null: the source has it no more, and the target still has what we brought */
async function lastLook({ job, rule, row, source, target }: Case): Promise<Verdict | null> {
  const repository = source.registry.repository(row.repository);
  const { kind } = await sightingsOf(repository, job.signal, meansBeside(rule))(row.tag);
  switch (kind) {
    case "unmeant":
      return { to: "withdrawn", reason: "not-matched" };
    case "there":
      return { to: "withdrawn", reason: "came-back" };
    case "unsure":
      return { to: "again", reason: "source-unsure" };
    case "empty":
      // Gone with its whole repository: only what a person has looked at.
      if (row.confirmedAt === null) {
        return { to: "held", reason: "repository-empty" };
      }
  }
  const there = target.registry.repository(row.targetRepository);
  const named = await resolveAt(there, row.tag, job.signal);
  return named === row.digest ? null : { to: "refused", reason: "moved" };
}

async function deleteNow(
  given: Case,
  prepared: ReadyDeletion,
  attached: KeptAttached[] | null,
): Promise<Verdict> {
  const { db, job, row, target, shared } = given;
  const lookedAtMs = performance.now();
  const there = target.registry.repository(row.targetRepository);
  const { manifest, sharing } = prepared;
  const { mediaType } = manifest.descriptor;
  const kept = { manifest: Buffer.from(manifest.bytes), mediaType, sharing, attached };
  const armed = await fencedByRule(db, job.lease, row.ruleId, (tx) => armRow(tx, row, kept));
  if (!armed) {
    return { to: "again", reason: "source-unsure" };
  }
  const restoring = restoringBy(db, job, row);
  const beforeDelete = async () => {
    await restoring.beforeWrite();
    if (performance.now() - lookedAtMs > FRESH_MS) {
      throw new LookAgain();
    }
  };
  let outcome: DeleteOutcome;
  try {
    outcome = await deleteTag(there, row, prepared, { ...restoring, shared, beforeDelete });
  } catch (error) {
    if (error instanceof LookAgain) {
      return { to: "again", reason: "target-failed" };
    }
    throw error;
  }
  switch (outcome.kind) {
    case "deleted":
      await dropAttached(there, attached, { ...restoring, shared });
      return { to: "deleted" };
    case "still-there":
      return { to: "failed", reason: "still-there" };
    case "refused":
      return { to: "refused", reason: outcome.reason };
  }
}
