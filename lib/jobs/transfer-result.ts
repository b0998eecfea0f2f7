import { type SQL, sql } from "drizzle-orm";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { Referrers } from "../schemas/referrers.ts";
import type { FailureFact, TransferStatus } from "../schemas/task.ts";
import type { TransferVerification } from "../schemas/verify-words.ts";
import type { TransferOutcome } from "../sync/transfer.ts";

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

/** Failed attempts that a transfer remembers. */
const ATTEMPTS_KEPT = 10;

/** What went wrong this time is added to what went wrong before; the latest few stay. */
export function attemptFailuresAfter(result: TransferResult): SQL {
  if (result.kind !== "retry" && result.kind !== "failed") {
    return sql`${transfers.attemptFailures}`;
  }
  const at = sql`to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return sql`case when jsonb_array_length(${transfers.attemptFailures}) < ${ATTEMPTS_KEPT}
      then ${transfers.attemptFailures} else ${transfers.attemptFailures} - 0 end
    || jsonb_build_array(jsonb_build_object(
      'attempt', ${transfers.attempts}, 'at', ${at}, 'fact', ${JSON.stringify(result.failure)}::jsonb))`;
}

/** null where there are none: most transfers, so that their rows stay small. */
export function referrersOf(result: TransferResult): Referrers | null {
  const referrers = result.kind === "outcome" ? result.outcome.referrers : undefined;
  return referrers && referrers.total > 0 ? referrers : null;
}

/** Why it failed or was skipped. */
export function reasonOf(result: TransferResult): string | null {
  if (result.kind === "failed") {
    return result.reason;
  }
  return result.kind === "outcome" && result.outcome.status === "skipped" ? result.outcome.reason : null;
}

/** The counter of the task that goes up. */
export function counterOf(status: TransferStatus) {
  switch (status) {
    case "copied":
      return { transfersCopied: sql`${tasks.transfersCopied} + 1` };
    case "up-to-date":
      return { transfersUpToDate: sql`${tasks.transfersUpToDate} + 1` };
    case "skipped":
      return { transfersSkipped: sql`${tasks.transfersSkipped} + 1` };
    case "failed":
      return { transfersFailed: sql`${tasks.transfersFailed} + 1` };
    case "stopped":
      return { transfersStopped: sql`${tasks.transfersStopped} + 1` };
    default:
      return {};
  }
}

/** Once its tag was overwritten, that stays known, however proving it ends. */
export function replacedDigestOf(result: TransferResult): string | SQL | null {
  if (result.kind !== "outcome") {
    return sql`${transfers.replacedDigest}`;
  }
  return result.outcome.status === "copied" ? (result.outcome.replacedDigest ?? null) : null;
}

/** What was looked at in an attempt that ended the transfer. */
export function verificationOf(result: TransferResult): TransferVerification | null {
  return (result.kind === "outcome" || result.kind === "failed" ? result.verification : null) ?? null;
}

/** The counters of the task that tell of it. */
export function provenCounters(verification: TransferVerification | null) {
  if (!verification) {
    return {};
  }
  return verification.missing > 0
    ? { transfersUnproven: sql`${tasks.transfersUnproven} + 1` }
    : {
        transfersVerified: sql`${tasks.transfersVerified} + 1`,
        transfersRepaired: sql`${tasks.transfersRepaired} + ${verification.repaired > 0 ? 1 : 0}`,
      };
}
