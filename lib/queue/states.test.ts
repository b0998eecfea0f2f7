import { describe, expect, test } from "vitest";
import { OPEN_TASK_STATUSES, TASK_STATUSES, TRANSFER_STATUSES } from "../schemas/task.ts";
import { uniteScopes } from "./scope.ts";
import {
  isOpen,
  OPEN_TRANSFER_STATUSES,
  TASK_MOVES,
  TRANSFER_MOVES,
  taskStatusesBefore,
  transferStatusesBefore,
} from "./states.ts";

describe("the graph of statuses", () => {
  test("what has ended stays, and what is open can end", () => {
    for (const status of TASK_STATUSES) {
      expect(TASK_MOVES[status].length > 0).toBe(isOpen(status));
    }
    for (const status of TRANSFER_STATUSES) {
      expect(TRANSFER_MOVES[status].length > 0).toBe(OPEN_TRANSFER_STATUSES.some((open) => open === status));
    }
  });

  test("every status but the first can be reached from the first", () => {
    const reached = (moves: Readonly<Record<string, readonly string[]>>) => {
      const seen = new Set(["pending"]);
      for (const status of seen) {
        for (const next of moves[status] ?? []) {
          seen.add(next);
        }
      }
      return seen;
    };
    expect(reached(TASK_MOVES)).toEqual(new Set(TASK_STATUSES));
    expect(reached(TRANSFER_MOVES)).toEqual(new Set(TRANSFER_STATUSES));
  });

  test("a task succeeds only after it ran, and a failed transfer never becomes anything else", () => {
    expect(taskStatusesBefore("succeeded")).toEqual(["running"]);
    expect(taskStatusesBefore("stopped")).toEqual([...OPEN_TASK_STATUSES]);
    expect(transferStatusesBefore("pending")).toEqual(["running"]);
    expect(transferStatusesBefore("copied")).toEqual(["running"]);
  });
});

test("united scopes: the whole rule beats tags, a tag counts once", () => {
  const tags = (...names: string[]) =>
    ({ kind: "tags", tags: names.map((tag) => ({ repository: "a", tag })) }) as const;
  expect(
    uniteScopes(
      { kind: "tags", tags: [...tags("1", "2").tags] },
      { kind: "tags", tags: [...tags("2", "3").tags] },
    ),
  ).toEqual(tags("1", "2", "3"));
  expect(uniteScopes({ kind: "rule" }, { kind: "tags", tags: [...tags("1").tags] })).toEqual({
    kind: "rule",
  });
});
