import type { FailureFact, TransferStatus } from "../schemas/task.ts";
import type { TransferVerification } from "../schemas/verify-words.ts";
import type { TransferOutcome } from "../sync/transfer.ts";
import type { TransferTotals } from "./totals.ts";

/** What becomes of a transfer: an outcome of the engine, a failure, or another try. */
export type TransferResult =
  | { kind: "outcome"; outcome: TransferOutcome; verification?: TransferVerification }
  | { kind: "failed"; reason: string; failure: FailureFact; verification?: TransferVerification }
  | { kind: "retry"; failure: FailureFact }
  /** The worker ends: the try does not count. */
  | { kind: "handed-back" };

/** The status that a transfer has then. */
export function statusOf(result: TransferResult): TransferStatus {
  switch (result.kind) {
    case "outcome":
      return result.outcome.status;
    case "failed":
      return "failed";
    case "retry":
    case "handed-back":
      return "pending";
  }
}

/** Failed attempts that a transfer remembers: what went wrong this time is added to what went wrong before; the latest few stay. */
export const ATTEMPTS_KEPT = 10;

/** A transfer that ends, or goes back for another try, as the statement reads it that writes it (transfer-moves.ts). */
export function saidOf(id: string, result: TransferResult, bytes: TransferTotals) {
  const outcome = result.kind === "outcome" ? result.outcome : undefined;
  const failure = result.kind === "failed" || result.kind === "retry" ? result.failure : null;
  const verification =
    (result.kind === "outcome" || result.kind === "failed" ? result.verification : null) ?? null;
  return {
    id,
    status: statusOf(result),
    reason: reasonOf(result),
    failure: result.kind === "failed" ? failure : null,
    went_wrong: failure,
    // Once its tag was overwritten, that stays known, however proving it ends.
    keeps_replaced: outcome === undefined,
    replaced: outcome?.status === "copied" ? (outcome.replacedDigest ?? null) : null,
    target_digest: outcome?.targetDigest ?? null,
    // Most have none: their rows stay small.
    referrers: outcome?.referrers && outcome.referrers.total > 0 ? outcome.referrers : null,
    handed_back: result.kind === "handed-back" ? 1 : 0,
    arrived: outcome !== undefined,
    verification,
    ...provenOf(verification),
    found: bytes.found,
    copied: bytes.copied,
    mounted: bytes.mounted,
    skipped: bytes.skipped,
    contents: bytes.contentsVerified,
    read_back: bytes.bytesVerified,
  };
}

/** Why it failed or was skipped. */
function reasonOf(result: TransferResult): string | null {
  if (result.kind === "failed") {
    return result.reason;
  }
  return result.kind === "outcome" && result.outcome.status === "skipped" ? result.outcome.reason : null;
}

/** What the counters of the task tell of it. */
function provenOf(verification: TransferVerification | null) {
  if (!verification) {
    return { verified: 0, repaired: 0, unproven: 0 };
  }
  return verification.missing > 0
    ? { verified: 0, repaired: 0, unproven: 1 }
    : { verified: 1, repaired: verification.repaired > 0 ? 1 : 0, unproven: 0 };
}
