import { expect, test } from "vitest";
import { isMet } from "../../budgets/budget.ts";
import { findingsOf, rowsOf } from "./outcome.ts";
import type { Sample } from "./rounds.ts";
import type { Source } from "./source.ts";
import { table } from "./table.ts";
import { WORKLOADS, type Workload } from "./workload.ts";

const [W1] = WORKLOADS as [Workload];
const source = { tags: [], blobBytes: 100 } as unknown as Source;

function sample(tool: string, round: number, seconds: number, more: Partial<Sample> = {}): Sample {
  const rest = { cpuSeconds: 1, peakBytes: 1024 ** 2, sourceRequests: 7, targetRequests: 9, bytesRead: 100 };
  return { tool, round, seconds, ...rest, ...more };
}

test("ratios are of the same round, and their median counts", () => {
  const samples = [1, 2, 3].flatMap((round) => [
    sample("lockstep", round, round * 2),
    sample("oras", round, round * (round === 1 ? 4 : 8)),
  ]);
  const rows = rowsOf(W1, samples);
  expect(rows.map(({ tool, ratio }) => [tool, ratio])).toEqual([
    ["lockstep", 1],
    ["oras", 0.25],
  ]);
});

test("a peer that is not here is worked out from skopeo of the same round, and said to be", () => {
  const rows = rowsOf(W1, [sample("lockstep", 1, 5), sample("skopeo", 1, 14.8), sample("oras", 1, 20)]);
  expect(rows.map(({ tool, seconds }) => [tool, Number(seconds.toFixed(2))])).toEqual([
    ["lockstep", 5],
    ["regsync, derived (skopeo ÷ 1.48)", 10],
    ["skopeo", 14.8],
    ["oras", 20],
  ]);
  expect(table(rows)[3]).toBe("| regsync, derived (skopeo ÷ 1.48) | 10.00 | 0.50 | – | – | – | – |");
  const findings = findingsOf(W1, rows, source);
  expect(findings[0]).toMatchObject({ figure: 0.5, subject: "regsync, derived (skopeo ÷ 1.48)" });
  expect(findings.every(isMet)).toBe(true);
});

test("several processes of a peer side by side are shown, and the goal is held against the peer itself", () => {
  const rows = rowsOf(W1, [
    sample("lockstep", 1, 4),
    sample("crane", 1, 10),
    sample("crane-x4", 1, 5),
    sample("regsync", 1, 16),
  ]);
  expect(rows.map(({ tool, ratio }) => [tool, ratio])).toEqual([
    ["lockstep", 1],
    ["crane-x4", 0.8],
    ["crane", 0.4],
    ["regsync", 0.25],
  ]);
  expect(findingsOf(W1, rows, source)[0]).toMatchObject({ figure: 0.4, subject: "crane" });
});

test("what is read twice or asked too often misses its goal", () => {
  const rows = rowsOf(W1, [sample("lockstep", 1, 5, { bytesRead: 150, targetRequests: 2_001 })]);
  const findings = findingsOf(W1, rows, source);
  expect(findings.map((finding) => [finding.budget, isMet(finding)])).toEqual([
    ["W1 bytes read ÷ unique bytes", false],
    ["W1 requests at the target", false],
  ]);
});
