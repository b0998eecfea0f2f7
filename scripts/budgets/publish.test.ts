import { expect, test } from "vitest";
import type { Finding } from "./budget.ts";
import { figuresOf } from "./publish.ts";

const finding = (subject: string, figure: number, more: Partial<Finding> = {}): Finding => ({
  budget: "first-load JS of a route",
  subject,
  figure,
  limit: 180,
  unit: "KiB gzip",
  bound: "most",
  ...more,
});

test("one line a budget: its limit, the worst of its figures and whose it is", () => {
  const found = [
    { part: "js", findings: [finding("/", 160.2), finding("/rules", 172.51), finding("/tasks", 170)] },
    {
      part: "lighthouse",
      findings: [
        finding("/", 100, { budget: "Lighthouse performance", limit: 95, unit: "", bound: "least" }),
        finding("/rules", 98, { budget: "Lighthouse performance", limit: 95, unit: "", bound: "least" }),
      ],
    },
  ];
  const lines = figuresOf(found, new Date("2026-11-27T18:00:00Z")).split("\n");
  expect(lines[0]).toContain("2026-11-27");
  expect(lines.slice(4)).toEqual([
    "| first-load JS of a route | 3 | ≤ 180 KiB gzip | 172.5 KiB gzip (/rules) | `-- --only js` |",
    "| Lighthouse performance | 2 | ≥ 95 | 98 (/rules) | `-- --only lighthouse` |",
  ]);
});

test("where all are as good as can be, none is named", () => {
  const findings = [
    finding("/", 0, { budget: "axe violations", limit: 0, unit: "" }),
    finding("/rules", 0, { budget: "axe violations", limit: 0, unit: "" }),
  ];
  expect(figuresOf([{ part: "axe", findings }], new Date(0))).toContain(
    "| axe violations | 2 | ≤ 0 | 0 | `-- --only axe` |",
  );
});
