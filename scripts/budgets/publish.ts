import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ROOT } from "../root.ts";
import { type Finding, formatFigure, summarize } from "./budget.ts";

const README = join(ROOT, "README.md");
const BEGIN = "<!-- figures: npm run budgets -- --write -->";
const END = "<!-- end of the figures -->";

/** What one part of `npm run budgets` found. */
export interface Found {
  readonly part: string;
  readonly findings: readonly Finding[];
}

/** The figures as README.md shows them: one line a budget, the worst of its pages. */
export function figuresOf(found: readonly Found[], now: Date): string {
  const lines = found.flatMap(({ part, findings }) =>
    summarize(findings).map(({ budget, worst, count }) => {
      const where = count > 1 && worst.figure !== worst.limit ? ` (${worst.subject})` : "";
      const sign = worst.bound === "most" ? "≤" : "≥";
      const limit = formatFigure({ figure: worst.limit, unit: worst.unit });
      return `| ${budget} | ${count} | ${sign} ${limit} | ${formatFigure(worst)}${where} | \`-- --only ${part}\` |`;
    }),
  );
  return [
    `Measured on ${now.toISOString().slice(0, 10)} on ${availableParallelism()} processors, the worst of all:`,
    "",
    "| budget | figures | limit | worst | by |",
    "|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

/** @throws when README.md has lost the place where they stand */
export function publishFigures(found: readonly Found[]): void {
  const text = readFileSync(README, "utf8");
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) {
    throw new Error(`README.md has no lines ${BEGIN} and ${END}`);
  }
  writeFileSync(README, `${text.slice(0, from)}${BEGIN}\n${figuresOf(found, new Date())}\n${text.slice(to)}`);
}
