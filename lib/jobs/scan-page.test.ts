import { expect, test } from "vitest";
import { cutSlices, type PlannedRow, SLICE_SIZE } from "./scan-page.ts";

const rows = (repository: string, ruleTargetId: string, count: number): PlannedRow[] =>
  Array.from({ length: count }, (_, n) => ({
    ruleTargetId,
    targetInstanceId: ruleTargetId,
    repository,
    tag: `${n}`,
    targetRepository: repository,
    digest: "sha256:0",
    mediaType: "m",
    knownAt: null,
  }));

test("a slice holds tags of one repository for one target, at most SLICE_SIZE", () => {
  const mixed = [...rows("a", "x", SLICE_SIZE + 1), ...rows("a", "y", 2), ...rows("b", "x", 1)];
  const cut = cutSlices(mixed, 7);
  expect(cut).toHaveLength(mixed.length);
  const slices = Map.groupBy(cut, (row) => row.slice);
  expect([...slices.keys()]).toEqual([7, 8, 9, 10]);
  for (const slice of slices.values()) {
    expect(slice.length).toBeLessThanOrEqual(SLICE_SIZE);
    expect(new Set(slice.map((row) => `${row.ruleTargetId}/${row.repository}`)).size).toBe(1);
  }
});
