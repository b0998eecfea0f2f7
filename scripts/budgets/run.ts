import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "@playwright/test";
import { launchBrowser } from "../measure/browser.ts";
import { openStage, type Stage } from "../measure/stage.ts";
import { printError } from "../print.ts";
import { ROOT } from "../root.ts";
import { onStopSignal } from "../signals.ts";
import { actions } from "./actions.ts";
import { axe } from "./axe.ts";
import { type Finding, formatFigure, isMet, summarize } from "./budget.ts";
import { firstLoad } from "./first-load.ts";
import { lighthouse } from "./lighthouse.ts";
import { newcomer } from "./newcomer.ts";
import { previewScale } from "./preview-scale.ts";
import { type Found, publishFigures } from "./publish.ts";
import { vitals } from "./vitals.ts";

interface Part {
  readonly name: string;
  /** With the seeded console, or on its own. */
  readonly run: (browser: Browser, stage: Stage) => Promise<Finding[]>;
}

/** What changes the console comes last. */
const PARTS: readonly Part[] = [
  { name: "js", run: firstLoad },
  { name: "axe", run: axe },
  { name: "lighthouse", run: lighthouse },
  { name: "vitals", run: vitals },
  { name: "actions", run: actions },
  { name: "preview-scale", run: previewScale },
  { name: "newcomer", run: newcomer },
];

/** @returns the exit code: 0 only if every budget is met */
export async function runBudgets(args: readonly string[]): Promise<number> {
  let browser: Browser | undefined;
  let stage: Stage | undefined;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { only: { type: "string" }, write: { type: "boolean", default: false } },
    });
    const chosen = PARTS.filter(({ name }) => !values.only || values.only.split(",").includes(name));
    if (values.write && values.only) {
      console.error("--write publishes a whole run: without --only");
      return 2;
    }
    if (chosen.length === 0) {
      console.error(`--only is one of ${PARTS.map(({ name }) => name).join(", ")}`);
      return 2;
    }
    onStopSignal(
      () => process.exit(130),
      () => process.exit(130),
    );
    browser = await launchBrowser();
    stage = await openStage("full");
    const found: Found[] = [];
    for (const { name, run } of chosen) {
      const startedAt = performance.now();
      const findings = await run(browser, stage);
      found.push({ part: name, findings });
      print(name, findings, (performance.now() - startedAt) / 1000);
    }
    const findings = found.flatMap((part) => part.findings);
    mkdirSync(join(ROOT, "reports"), { recursive: true });
    writeFileSync(join(ROOT, "reports/budgets.json"), `${JSON.stringify(findings, null, 1)}\n`);
    if (values.write) {
      publishFigures(found);
    }
    const missed = findings.filter((finding) => !isMet(finding));
    // A machine that is busy with something else misses what takes time.
    console.log(`machine: ${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1)}`);
    console.log(missed.length === 0 ? "budgets: all met" : `budgets: ${missed.length} figures missed`);
    return missed.length === 0 ? 0 : 1;
  } catch (error) {
    printError(error);
    return 1;
  } finally {
    await browser?.close();
    await stage?.stop();
  }
}

function print(part: string, findings: readonly Finding[], seconds: number): void {
  console.log(`— ${part} (${seconds.toFixed(0)} s)`);
  for (const { budget, worst, count, missed } of summarize(findings)) {
    const verdict = missed.length === 0 ? "ok    " : "MISSED";
    const of = count > 1 ? `, worst of ${count}: ${worst.subject}` : worst.subject && `, ${worst.subject}`;
    const sign = worst.bound === "most" ? "≤" : "≥";
    console.log(`${verdict} ${budget}: ${formatFigure(worst)} ${sign} ${worst.limit}${of}`);
    for (const each of missed) {
      console.log(`         ${each.subject}: ${formatFigure(each)}${each.detail ? ` — ${each.detail}` : ""}`);
    }
  }
}
