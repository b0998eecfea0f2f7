import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { type Finding, formatFigure, isMet } from "../budgets/budget.ts";
import { ROOT } from "../root.ts";

/** What one part of the bench found. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** Markdown. */
  readonly lines: readonly string[];
  readonly findings: readonly Finding[];
  /** The command that makes it again, and what else it depends on. */
  readonly conditions: string;
}

interface Stored extends Section {
  readonly measured: string;
}

const STORE = join(ROOT, "bench/results.json");
const PAGE = join(ROOT, "bench/RESULTS.md");

/** Puts a section in the place of its last run and writes bench/RESULTS.md anew. */
export function publish(section: Section): void {
  const stored = read();
  const measured = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC, commit ${commit()}, load ${loadavg()[0]?.toFixed(1)}`;
  const others = stored.filter(({ id }) => id !== section.id);
  const all = [...others, { ...section, measured }].sort((one, other) => (one.id < other.id ? -1 : 1));
  mkdirSync(join(ROOT, "bench"), { recursive: true });
  writeFileSync(STORE, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(PAGE, page(all));
}

/** What was found last of each section. */
export function lastResults(): readonly Section[] {
  return read();
}

/** Each goal with its figure. @returns whether all are met */
export function printFindings(findings: readonly Finding[]): boolean {
  for (const finding of findings) {
    console.log(`${isMet(finding) ? "ok    " : "MISSED"} ${sentence(finding)}`);
  }
  return findings.every(isMet);
}

function sentence(finding: Finding): string {
  const { budget, subject, limit, unit, bound } = finding;
  const most = formatFigure({ figure: limit, unit });
  return `${budget}: ${formatFigure(finding)} ${bound === "most" ? "≤" : "≥"} ${most}${subject ? ` (${subject})` : ""}`;
}

function read(): Stored[] {
  try {
    return JSON.parse(readFileSync(STORE, "utf8")) as Stored[];
  } catch {
    return [];
  }
}

/** With a plus sign where the tree is not what was committed. */
function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "-uno") === "" ? "" : "+");
  } catch {
    return "unknown";
  }
}

function page(sections: readonly Stored[]): string {
  const machine = `${availableParallelism()} processors (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 1024 ** 3)} GiB`;
  return [
    "# Results",
    "",
    `Written by \`npm run bench\` on ${machine}. Other work may run on the machine at the same time: read the ratios, which are medians of`,
    "paired rounds, not the seconds.",
    "",
    "| goal | figure | limit | |",
    "|---|---|---|---|",
    ...sections.flatMap(({ findings }) => findings.map(goalRow)),
    ...sections.flatMap(({ id, title, lines, conditions, measured }) => [
      "",
      `## ${id}: ${title}`,
      "",
      ...lines,
      "",
      `${conditions}; ${measured}.`,
    ]),
    "",
  ].join("\n");
}

function goalRow(finding: Finding): string {
  const { budget, subject, limit, unit, bound } = finding;
  const sign = bound === "most" ? "≤" : "≥";
  const verdict = isMet(finding) ? "met" : "**missed**";
  const where = subject ? ` (${subject})` : "";
  return `| ${budget} | ${formatFigure(finding)}${where} | ${sign} ${formatFigure({ figure: limit, unit })} | ${verdict} |`;
}
