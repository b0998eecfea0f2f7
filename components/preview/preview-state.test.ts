import { describe, expect, test } from "vitest";
import type { PreviewRow, PreviewTotals } from "@/lib/schemas/preview.ts";
import { applyEvents, isLarge, mayOverwrite, NO_PREVIEW } from "./preview-state.ts";

function totals(changed: {
  verdicts?: Partial<PreviewTotals["verdicts"]>;
  matched?: number;
  complete?: boolean;
  toMove?: number;
}): PreviewTotals {
  const { verdicts, matched = 1, complete = true, toMove = 0 } = changed;
  return {
    repositories: { listed: matched, matched, complete: true, unmatched: [], unreadable: 0 },
    tags: { matched: 1, complete },
    verdicts: {
      ...{ copy: 0, complete: 0, "up-to-date": 0, overwrite: 0, behind: 0, exists: 0 },
      ...{ "platform-absent": 0, unknown: 0 },
      ...verdicts,
    },
    bytes: { toMove, state: "exact" },
  };
}

const row = (index: number): PreviewRow => ({
  index,
  repository: `team/app-${index}`,
  matched: [5, 10],
  tag: "v1",
  digest: null,
  bytes: null,
  outcomes: [],
  failure: null,
});

test("rows are kept in order, and a size finds its row whenever it comes", () => {
  const first = applyEvents(NO_PREVIEW, [{ kind: "rows", rows: [row(0), row(1)] }, { kind: "beat" }]);
  const then = applyEvents(first, [
    { kind: "sizes", sizes: [[1, 20]] },
    { kind: "rows", rows: [row(2)] },
    { kind: "end", limit: null, elapsedMs: 12 },
  ]);
  expect(then.rows.map(({ index, bytes }) => [index, bytes])).toEqual([
    [0, null],
    [1, 20],
    [2, null],
  ]);
  expect([first.elapsedMs, then.elapsedMs]).toEqual([null, 12]);
  expect(first.rows).toHaveLength(2);
});

describe("who is asked", () => {
  test.each([
    ["nothing is known", null, false],
    ["a few tags", totals({ verdicts: { copy: 12 } }), false],
    ["999 tags", totals({ verdicts: { copy: 900, overwrite: 99 } }), false],
    ["1,000 tags", totals({ verdicts: { copy: 900, overwrite: 100 } }), true],
    ["2,000 that are there already", totals({ verdicts: { "up-to-date": 2_000 } }), false],
    ["100 GB", totals({ verdicts: { copy: 1 }, toMove: 100e9 }), true],
    ["more repositories than were looked at", totals({ matched: 90_000, complete: false }), true],
  ])("about very much: %s", (_what, known, asked) => {
    expect(isLarge(known)).toBe(asked);
  });

  test.each([
    ["nothing is known", null, true],
    ["all is known, nothing is replaced", totals({ verdicts: { copy: 3 } }), false],
    ["one is replaced", totals({ verdicts: { overwrite: 1 } }), true],
    ["a target did not answer", totals({ verdicts: { unknown: 1 } }), true],
    ["it was broken off", totals({ complete: false }), true],
  ])("about replacing: %s", (_what, known, asked) => {
    expect(mayOverwrite(known)).toBe(asked);
  });
});
