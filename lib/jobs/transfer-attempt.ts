import { fenced, requireLease } from "../queue/fence.ts";
import { sourceIsBehind } from "../queue/source-behind.ts";
import { FINDING_ROWS, type TransferVerification, type VerifyDepth } from "../schemas/verify-words.ts";
import { copyTag } from "../sync/copy-tag.ts";
import { failureReason } from "../sync/failure.ts";
import { storeAt, storeOf } from "../sync/stores.ts";
import { PlaceLost, throttleReading } from "../sync/throttle.ts";
import type { EndDigests, TransferContext, TransferOutcome, TransferRequest } from "../sync/transfer.ts";
import { type Proof, proveTag } from "../sync/verify/prove-tag.ts";
import { factOf, isFact, isRetryable } from "./failure.ts";
import { RetryLater } from "./job.ts";
import type { Slice } from "./slice.ts";
import { aloneAtTag, claimTag } from "./tag-claims.ts";
import type { TransferResult } from "./transfer-result.ts";
import { noteCopied, noteTargetDigest, type TransferRecord } from "./transfer-state.ts";

/** The database, which gives out the places, could not be asked for some seconds. */
const PLACE_LOST_MS = 1_000;

/**
 * One attempt of a running transfer: it is copied, and proven where its task does that. Throws only what is no fact about the
 * registries.
 */
export async function attemptTransfer(slice: Slice, transfer: TransferRecord): Promise<TransferResult> {
  const request = requestOf(slice, transfer);
  const context = contextOf(slice, transfer);
  try {
    const outcome = await noted(slice, transfer, await copyTag(request, context));
    return slice.verify === null || outcome.status === "skipped"
      ? { kind: "outcome", outcome }
      : await proven(slice, transfer, { request, context, outcome, depth: slice.verify });
  } catch (error) {
    return resultOfError(slice, error);
  }
}

function requestOf({ rule, source, target }: Slice, transfer: TransferRecord): TransferRequest {
  const found = transfer.store ?? undefined;
  return {
    source: storeOf(source.stores, found).repository(transfer.repository),
    target: storeAt(target.stores, found).repository(transfer.targetRepository),
    tag: transfer.tag,
    digest: transfer.digest ?? "",
    override: rule.override,
    mediaType: transfer.mediaType ?? undefined,
    platforms: rule.platforms,
    partsBefore: rule.partsBefore,
    referrers: rule.referrers === false ? undefined : { digestTags: transfer.digestTags },
  };
}

function contextOf(slice: Slice, transfer: TransferRecord): TransferContext {
  const { db, job, placements, throttle, progress } = slice;
  return {
    placements,
    throttle,
    signal: job.signal,
    beforeTag: () => requireLease(db, job.lease),
    aloneAtTag: slice.claimsTags ? (write) => atOwnTag(slice, transfer, write) : undefined,
    aloneAtDigestTag: (tag, write) => atTag(slice, { ...transfer, tag }, write),
    isBehind: slice.comesBack ? (digests) => isBehind(slice, transfer, digests) : undefined,
    willName: (digest) =>
      fenced(db, job.lease, job.data.taskId, (tx) => noteTargetDigest(tx, transfer.id, digest)),
    onProgress: (bytes) => progress.add(transfer.id, bytes),
  };
}

function isBehind(
  { db, source, target }: Slice,
  { repository, targetRepository, tag }: TransferRecord,
  digests: EndDigests,
): Promise<boolean> {
  return sourceIsBehind(db, {
    source: { instanceId: source.instanceId, repository, tag },
    target: { instanceId: target.instanceId, repository: targetRepository, tag },
    digests,
  });
}

/** What an error comes to that ended an attempt. Throws what is no fact about the registries. */
function resultOfError(
  { job, source, target, retries }: Slice,
  error: unknown,
  verification?: TransferVerification,
): TransferResult {
  if (job.signal.aborted) {
    if (job.signal.reason.reason === "draining") {
      return { kind: "handed-back" };
    }
    throw job.signal.reason;
  }
  if (error instanceof PlaceLost) {
    throw new RetryLater(PLACE_LOST_MS, { counts: false, cause: error });
  }
  if (!isFact(error)) {
    throw error;
  }
  const failure = factOf(error);
  if (isRetryable(error) && !job.lastAttempt) {
    const { instanceId } = failure.side === "source" ? source : target;
    retries.push({ instanceId, error });
    return { kind: "retry", failure };
  }
  return {
    kind: "failed",
    reason: failureReason(failure),
    failure,
    ...(verification ? { verification } : {}),
  };
}

interface Brought {
  request: TransferRequest;
  context: TransferContext;
  outcome: TransferOutcome;
  depth: VerifyDepth;
}

/** Proves that what was copied, or stood there, is at the target as a whole, and brings what lacks. */
async function proven(slice: Slice, transfer: TransferRecord, brought: Brought): Promise<TransferResult> {
  const { request, context, outcome, depth } = brought;
  const proof = await proveTag(
    { ...request, targetDigest: outcome.targetDigest },
    {
      ...context,
      deep: depth === "deep",
      memory: slice.verifyMemory,
      reading: throttleReading(slice.target.end),
      onChecked: (more) => slice.progress.lookedAt(transfer.id, more),
    },
  );
  const verification = verificationFrom(proof, depth);
  return proof.failure
    ? resultOfError(slice, proof.failure, verification)
    : { kind: "outcome", outcome, verification };
}

/**
 * Where it is proven afterwards, that the tag was written is noted before anything else: proving may take long, and break off. An
 * attempt that finds such a tag in its place has copied it.
 */
async function noted(
  { db, job, verify }: Slice,
  transfer: TransferRecord,
  outcome: TransferOutcome,
): Promise<TransferOutcome> {
  if (outcome.status === "copied" && verify !== null) {
    await fenced(db, job.lease, job.data.taskId, (tx) => noteCopied(tx, transfer, outcome));
    return { ...outcome, moved: false };
  }
  return outcome.status === "up-to-date" && transfer.copiedAt !== null
    ? { ...outcome, status: "copied", replacedDigest: transfer.replacedDigest ?? undefined }
    : outcome;
}

function verificationFrom(proof: Proof, depth: VerifyDepth): TransferVerification {
  const { checked, found, left, repaired } = proof;
  const remains = new Set(left.map(({ kind, digest, tag }) => `${kind} ${digest} ${tag}`));
  const remaining = left.map((each) => ({ ...each, repaired: false }));
  const mended = found
    .filter(({ kind, digest, tag }) => !remains.has(`${kind} ${digest} ${tag}`))
    .map((each) => ({ ...each, repaired: true }));
  return {
    depth,
    ...checked,
    repaired,
    missing: left.length,
    findings: [...remaining, ...mended].slice(0, FINDING_ROWS),
  };
}

type Tag = Pick<TransferRecord, "targetRepository" | "tag">;

/** Proving takes long: others may have the tag meanwhile. Else the claim goes with the transfer's end, which is written next. */
async function atOwnTag<T>(slice: Slice, transfer: Tag, write: () => Promise<T>): Promise<T> {
  if (slice.verify !== null) {
    return atTag(slice, transfer, write);
  }
  await claimTag(claimantOf(slice), placeOf(slice, transfer));
  return write();
}

function atTag<T>(slice: Slice, tag: Tag, write: () => Promise<T>): Promise<T> {
  return aloneAtTag(claimantOf(slice), placeOf(slice, tag), write);
}

const claimantOf = ({ db, job: { lease, signal } }: Slice) => ({ db, lease, signal });

const placeOf = ({ target }: Slice, { targetRepository, tag }: Tag) => ({
  targetInstanceId: target.instanceId,
  repository: targetRepository,
  tag,
});
