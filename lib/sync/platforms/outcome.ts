import type { TransferOutcome } from "../transfer.ts";
import type { Verdict } from "../verdict.ts";
import type { Aim } from "./aim.ts";

/** The tag stood there already, but not all of what it names. */
export function completed(outcome: TransferOutcome, verdict: Verdict): TransferOutcome {
  return verdict === "complete" && outcome.status === "up-to-date"
    ? { ...outcome, status: "copied", replacedDigest: undefined }
    : outcome;
}

/** Tells what the tag names at the target, where that is not what it names at the source. */
export function landedAt(
  outcome: TransferOutcome,
  aim: Aim | null,
  { digest }: { digest: string },
): TransferOutcome {
  return aim && aim.digest !== digest && outcome.status !== "skipped"
    ? { ...outcome, targetDigest: aim.digest }
    : outcome;
}
