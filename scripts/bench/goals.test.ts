import { expect, test } from "vitest";
import type { Finding } from "../budgets/budget.ts";
import { findingsOf } from "./engine/outcome.ts";
import type { Sample } from "./engine/rounds.ts";
import type { Source } from "./engine/source.ts";
import { WORKLOADS } from "./engine/workload.ts";
import { checkGoals, GOALS } from "./goals.ts";

const met = (budget: string): Finding => ({
  budget,
  subject: "",
  figure: 1,
  limit: 2,
  unit: "",
  bound: "most",
});
const ALL = Object.entries(GOALS).map(([id, budgets]) => ({ id, findings: budgets.map(met) }));

test("all goals measured and met are met", () => {
  const { lines, met: all } = checkGoals(ALL);
  expect(all).toBe(true);
  expect(lines.every((line) => line.startsWith("ok    "))).toBe(true);
});

test("one that is missed and one that never was measured are named, and neither is met", () => {
  const missed = ALL.map((section) =>
    section.id === "workers"
      ? {
          ...section,
          findings: section.findings.map((each) => ({
            ...each,
            figure: 1.5,
            limit: 1.8,
            bound: "least" as const,
          })),
        }
      : section,
  );
  expect(checkGoals(missed)).toMatchObject({
    met: false,
    lines: expect.arrayContaining(["MISSED two workers, times as fast as one: 1.50 ≥ 1.80"]),
  });
  const never = ALL.filter(({ id }) => id !== "W3 5 GiB");
  expect(checkGoals(never)).toMatchObject({
    met: false,
    lines: expect.arrayContaining(["NEVER  W3 5 GiB peak memory: was never measured; npm run bench -- W3"]),
  });
});

test("the goals of a workload are called as what is found of it", () => {
  const sample = {
    seconds: 1,
    cpuSeconds: 1,
    peakBytes: 1,
    sourceRequests: 1,
    targetRequests: 1,
    bytesRead: 1,
  };
  const row = (tool: string) => ({
    tool,
    seconds: 1,
    ratio: 1,
    sample: { ...sample, tool, round: 1 } as Sample,
  });
  const source = { tags: [], blobBytes: 1 } as unknown as Source;
  for (const workload of WORKLOADS) {
    const rows = workload.alone ? [row("lockstep")] : [row("lockstep"), row("oras")];
    expect(findingsOf(workload, rows, source).map(({ budget }) => budget)).toEqual(GOALS[workload.id]);
  }
});
