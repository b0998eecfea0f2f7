import { describe, expect, test } from "vitest";
import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import { isLarge } from "./preview-state.ts";
import { sumOf } from "./what-it-would-move.ts";

function totals(copy: number, toMove: number, complete = true): PreviewTotals {
  return {
    repositories: { listed: 9, matched: 1, complete, unmatched: [], unreadable: 0 },
    tags: { matched: copy, complete },
    verdicts: {
      copy,
      overwrite: 1,
      skip: 0,
      "up-to-date": 0,
      unknown: 0,
    } as unknown as PreviewTotals["verdicts"],
    bytes: { toMove, state: "exact" },
  };
}

describe("what several rules would move together", () => {
  test("adds up tags, verdicts and bytes; each is small, all of them are much", () => {
    const rules = [totals(400, 40e9), totals(300, 40e9), totals(299, 30e9)];
    expect(rules.some(isLarge)).toBe(false);
    const sum = sumOf(rules);
    expect(sum).toMatchObject({
      tags: { matched: 999, complete: true },
      verdicts: { copy: 999, overwrite: 3 },
      bytes: { toMove: 110e9, state: "exact" },
    });
    expect(isLarge(sum)).toBe(true);
  });

  test("with one of which nothing is known, it is at least so much", () => {
    expect(sumOf([totals(2, 5), null])).toMatchObject({
      tags: { matched: 2, complete: false },
      bytes: { toMove: 5, state: "estimated" },
    });
    expect(sumOf([totals(2, 5), totals(1, 1, false)])?.tags.complete).toBe(false);
  });

  test("nothing known at all is no answer", () => {
    expect(sumOf([null, null])).toBeNull();
    expect(sumOf([])).toBeNull();
  });
});
