import { sql } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { startTask } from "../../queue/start-task.ts";
import type { DeletionReason, DeletionState } from "../../schemas/deletion-words.ts";
import { factOf, isRetryable } from "../failure.ts";
import { type DeletionRow, moveRow, putOff } from "./due-rows.ts";
import { forgetPlaced } from "./placed-tags.ts";
import type { FollowingRule } from "./rule.ts";

/** What could not be looked at is looked at again after so many minutes, less often each time. */
const AGAIN_AFTER_MIN = [5, 15, 60, 240] as const;
/** A target that fails so often has failed. */
const ATTEMPTS = 10;

/** What becomes of a row; `again`: nothing is known now. */
export type Verdict =
  | { to: Exclude<DeletionState, "deleted">; reason: DeletionReason }
  | { to: "deleted" }
  | { to: "again"; reason: DeletionReason; error?: unknown };

/** Writes what was decided of a row, with what follows of it: what is forgotten of the tag, and a task that brings it again. */
export async function writeVerdict(
  tx: Tx,
  rule: FollowingRule,
  row: DeletionRow,
  verdict: Verdict,
): Promise<void> {
  switch (verdict.to) {
    case "again":
      return again(tx, row, verdict);
    case "deleted": {
      const moved = await moveRow(tx, row, "deleted", {
        reason: null,
        failure: null,
        deletedAt: sql`now()`,
        undoUntil: sql`now() + make_interval(hours => ${rule.delayHours})`,
      });
      // Brought anew by a transfer while the request was on its way: it is brought once more.
      return moved ? forgetPlaced(tx, row) : bringBack(tx, row);
    }
    case "held":
      await moveRow(tx, row, "held", { reason: verdict.reason, dueAt: null });
      return;
    default: {
      const { reason } = verdict;
      await moveRow(tx, row, verdict.to, {
        reason,
        failure: null,
        manifest: null,
        sharing: null,
        attached: null,
        attemptedAt: null,
      });
      if (reason === "moved" || reason === "gone-already" || reason === "not-matched") {
        await forgetPlaced(tx, row);
      }
      if (reason === "came-back" && row.attemptedAt !== null) {
        await bringBack(tx, row);
      }
    }
  }
}

async function again(tx: Tx, row: DeletionRow, verdict: Verdict & { to: "again" }): Promise<void> {
  const { reason, error } = verdict;
  const failure = error === undefined ? null : factOf(error);
  if (
    reason === "target-failed" &&
    (row.attempts >= ATTEMPTS || (error !== undefined && !isRetryable(error)))
  ) {
    await moveRow(tx, row, "failed", { reason: "registry-failed", failure });
    return;
  }
  const minutes = AGAIN_AFTER_MIN[Math.min(row.attempts, AGAIN_AFTER_MIN.length) - 1] ?? AGAIN_AFTER_MIN[0];
  await putOff(tx, row, { reason, failure, minutes });
}

async function bringBack(tx: Tx, { ruleId, repository, tag }: DeletionRow): Promise<void> {
  const tags = [{ repository, tag }];
  await startTask(tx, { ruleId, trigger: "reconcile", scope: { kind: "tags", tags }, userId: null });
}
