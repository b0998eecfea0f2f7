import type { TransferOutcome } from "../transfer.ts";
import type { Verdict } from "../verdict.ts";
import type { Aim } from "./aim.ts";

/** The tag stood there already, but what it names, or some of that, did not: that was brought. */
export function broughtBack(outcome: TransferOutcome): TransferOutcome {
  return outcome.status === "up-to-date"
    ? { ...outcome, status: "copied", replacedDigest: undefined }
    : outcome;
}

/** The same where the verdict tells it. */
export function completed(outcome: TransferOutcome, verdict: Verdict): TransferOutcome {
  return verdict === "complete" ? broughtBack(outcome) : outcome;
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
