/** The closed sets of words of deletions, free of zod: the browser gets them without the schema. */

/**
 * `held`: too many at once, or a whole repository: nothing happens before a person confirms. `pending`: due at a time that
 * everybody sees. `withdrawn`: it came back at the source, or nothing is left to do. `kept`: a person undid it in time.
 * `refused`: it would not be safe, or the registry cannot. See ARCHITECTURE.md, "States".
 */
export const DELETION_STATES = [
  "held",
  "pending",
  "deleted",
  "kept",
  "withdrawn",
  "refused",
  "failed",
  "restored",
] as const;
export type DeletionState = (typeof DELETION_STATES)[number];

/** What a tag can have one of at a time: it is noticed anew only when none of these is there. */
export const OPEN_DELETION_STATES = [
  "held",
  "pending",
  "refused",
  "failed",
] as const satisfies readonly DeletionState[];

export const DELETION_CAUSES = ["event", "sweep"] as const;
export type DeletionCause = (typeof DELETION_CAUSES)[number];

/** Why a deletion is in its state: a key of messages/<locale>/deletions.json, `reason`. */
export const DELETION_REASONS = [
  // held
  "share-exceeded",
  "repository-empty",
  // pending, put off
  "source-unsure",
  "source-failed",
  "target-failed",
  // withdrawn
  "came-back",
  "gone-already",
  "switched-off",
  "target-removed",
  "not-matched",
  // refused
  "moved",
  "other-rule",
  "shared-digest",
  "part-of-index",
  "too-many-tags",
  "unsupported",
  "denied",
  "manifest-unreadable",
  // failed; deleted, and could not be put back
  "registry-failed",
  "still-there",
  "content-gone",
  "restore-failed",
  "taken",
] as const;
export type DeletionReason = (typeof DELETION_REASONS)[number];

/** What a sweep came to. Only `counted` and `held` noted anything. */
export const SWEEP_OUTCOMES = ["counted", "held", "empty", "partial", "failed", "unsure"] as const;
export type SweepOutcome = (typeof SWEEP_OUTCOMES)[number];

/** What the form offers; hours. */
export const DELETION_DELAY = { min: 1, max: 720, usual: 24 } as const;
/** Percent of the tags that a rule has brought to a target. */
export const DELETION_SHARE = { min: 1, max: 100, usual: 10 } as const;
/** So many tags are never too many at once, however few there are. */
export const DELETION_FLOOR = 3;
/** What an event tells is re-read at once, and waits this long for whoever pushes the tag again, or thinks again. */
export const EVENT_GRACE_MINUTES = 10;
