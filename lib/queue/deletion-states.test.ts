import { describe, expect, test } from "vitest";
import { DELETION_STATES, type DeletionState, OPEN_DELETION_STATES } from "../schemas/deletion-words.ts";
import { DELETION_MOVES, deletionStatesBefore } from "./deletion-states.ts";

describe("the graph of deletions", () => {
  test("every state can be reached from held or pending, the two it begins in", () => {
    const seen = new Set<DeletionState>(["held", "pending"]);
    for (const state of seen) {
      for (const next of DELETION_MOVES[state]) {
        seen.add(next);
      }
    }
    expect(seen).toEqual(new Set(DELETION_STATES));
  });

  test("only what is pending is deleted: nothing held, refused or undone gets there without a person", () => {
    expect(deletionStatesBefore("deleted")).toEqual(["pending"]);
    expect(deletionStatesBefore("pending")).toEqual(["held", "refused", "failed"]);
  });

  test("what was undone, came back or was put back stays so", () => {
    for (const state of ["kept", "withdrawn", "restored"] as const) {
      expect(DELETION_MOVES[state]).toEqual([]);
    }
  });

  test("whatever is open can still be withdrawn when the tag comes back", () => {
    expect(deletionStatesBefore("withdrawn").toSorted()).toEqual([...OPEN_DELETION_STATES].toSorted());
  });
});
