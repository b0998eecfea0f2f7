import { DELETION_STATES, type DeletionState } from "../schemas/deletion-words.ts";

/**
 * The only moves of a deletion. Every UPDATE of a state names in its WHERE the states it may come from. `pending → held`: more
 * was noticed than may go unasked. `refused | failed → pending`: a person has put right what stood in the way.
 */
export const DELETION_MOVES: Readonly<Record<DeletionState, readonly DeletionState[]>> = {
  held: ["pending", "kept", "withdrawn"],
  pending: ["held", "deleted", "kept", "withdrawn", "refused", "failed"],
  refused: ["pending", "withdrawn"],
  failed: ["pending", "withdrawn"],
  deleted: ["restored"],
  kept: [],
  withdrawn: [],
  restored: [],
};

/** States from which a deletion may become `to`. */
export function deletionStatesBefore(to: DeletionState): DeletionState[] {
  return DELETION_STATES.filter((from) => DELETION_MOVES[from].includes(to));
}
