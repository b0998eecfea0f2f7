import { z } from "zod";
import {
  DELETION_DELAY,
  DELETION_SHARE,
  DELETION_STATES,
  type DeletionCause,
  type DeletionReason,
  type DeletionState,
  type SweepOutcome,
} from "./deletion-words.ts";
import type { FailureFact, InstanceName, Instant, Page } from "./task.ts";
import { BULK_LIMIT } from "./words.ts";

/** How a rule follows what is deleted at its source. */
export const RuleDeletion = z.object({
  delayHours: z
    .number({ error: "delay-range" })
    .int("delay-range")
    .min(DELETION_DELAY.min, "delay-range")
    .max(DELETION_DELAY.max, "delay-range")
    .default(DELETION_DELAY.usual),
  /** Percent of the tags at a target that may go without a person's word. */
  share: z
    .number({ error: "share-range" })
    .int("share-range")
    .min(DELETION_SHARE.min, "share-range")
    .max(DELETION_SHARE.max, "share-range")
    .default(DELETION_SHARE.usual),
});
export type RuleDeletion = z.infer<typeof RuleDeletion>;

/** URL state of /rules/[id]/deletions. */
export const DeletionListQuery = z.object({
  state: z.enum(DELETION_STATES).optional().catch(undefined),
  after: z.string().max(512).optional().catch(undefined),
  before: z.string().max(512).optional().catch(undefined),
  size: z.coerce
    .number()
    .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
    .catch(50),
});
export type DeletionListQuery = z.infer<typeof DeletionListQuery>;

/** These, or every one of a state, as many as one action takes. */
const selection = <const State extends DeletionState>(states: readonly State[]) =>
  z.union([
    z.strictObject({ ids: z.array(z.uuid()).min(1).max(BULK_LIMIT) }),
    z.strictObject({ state: z.enum(states as [State, ...State[]]) }),
  ]);

/** What keeps or brings back content. `keep`: before it is deleted; `restore`: after. */
export const UndoDeletionsInput = z.object({
  ruleId: z.uuid(),
  what: z.enum(["keep", "restore"]),
  selection: selection(["held", "pending", "deleted"]),
});
export type UndoDeletionsInput = z.infer<typeof UndoDeletionsInput>;

/** What lets content go. `confirm`: it was held; `retry`: it was refused or failed. */
export const ConfirmDeletionsInput = z.object({
  ruleId: z.uuid(),
  what: z.enum(["confirm", "retry"]),
  selection: selection(["held", "refused", "failed"]),
});
export type ConfirmDeletionsInput = z.infer<typeof ConfirmDeletionsInput>;

/** One tag that is gone at the source, at one target. */
export interface DeletionRow {
  id: string;
  repository: string;
  tag: string;
  target: { instance: InstanceName; repository: string };
  digest: string;
  cause: DeletionCause;
  state: DeletionState;
  reason: DeletionReason | null;
  failure: FailureFact | null;
  noticedAt: Instant;
  /** When it is deleted; null while it is held. */
  dueAt: Instant | null;
  deletedAt: Instant | null;
  /** Until then it can be put back. */
  undoUntil: Instant | null;
  /** It is being put back. */
  restoring: boolean;
  decidedBy: string | null;
}

/** Deletions of a rule by state, each counted up to a limit. */
export type DeletionCounts = Record<DeletionState, number>;

/** What the scan of a task missed at its targets: how many, and when the first of them is due. */
export interface TaskDeletions {
  pending: number;
  held: number;
  dueAt: Instant | null;
}

/** What the last comparison said. */
export interface DeletionSweep {
  at: Instant;
  outcome: SweepOutcome;
  known: number;
  missing: number;
}

export interface DeletionList extends Page<DeletionRow> {
  counts: DeletionCounts;
  sweep: DeletionSweep | null;
}
