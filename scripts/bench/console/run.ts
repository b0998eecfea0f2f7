import { createWriteStream, mkdirSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "@playwright/test";
import { type Finding, formatFigure, isMet, summarize } from "../../budgets/budget.ts";
import { launchBrowser } from "../../measure/browser.ts";
import { printError } from "../../print.ts";
import { ROOT } from "../../root.ts";
import { onStopSignal } from "../../signals.ts";
import { AT_ONCE, startStack } from "../../stack.ts";
import { publish, type Section } from "../results.ts";
import { onServer, withSeededCopy, withServer } from "./database.ts";
import { deletion } from "./deletion.ts";
import { events } from "./events.ts";
import { firstSight } from "./first-sight.ts";
import { keystrokes } from "./keystrokes.ts";
import { live } from "./live.ts";
import { retention } from "./retention.ts";
import { openScene, type Scene } from "./scene.ts";
import { SIZE } from "./seed-size.ts";
import { serverTimes } from "./server-times.ts";

type Part = (browser: Browser, scene: Scene) => AsyncIterable<Finding>;

/** What changes the database comes last. */
const PARTS: Readonly<Record<string, Part>> = {
  server: serverTimes,
  events,
  browser: firstSight,
  keys: keystrokes,
  live,
  deletion,
  retention,
};

/** @returns the exit code: 0 only if every goal is met */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: { only: { type: "string" } } });
    const chosen = values.only?.split(",") ?? Object.keys(PARTS);
    const unknown = chosen.filter((name) => !Object.hasOwn(PARTS, name));
    if (unknown.length > 0) {
      console.error(`--only is one of ${Object.keys(PARTS).join(", ")}`);
      return 2;
    }
    onStopSignal(
      () => process.exit(130),
      () => process.exit(130),
    );
    const findings = await measureConsole(chosen);
    const missed = findings.filter((finding) => !isMet(finding));
    if (values.only === undefined) {
      publish(sectionOf(findings));
    }
    console.log(`machine: ${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1)}`);
    console.log(missed.length === 0 ? "console: all goals met" : `console: ${missed.length} goals missed`);
    return missed.length === 0 ? 0 : 1;
  } catch (error) {
    printError(error);
    return 1;
  }
}

/** Every goal of the console with its figure, printed as it is found. */
async function measureConsole(parts: readonly string[]): Promise<Finding[]> {
  return withServer((adminUrl) =>
    withSeededCopy(adminUrl, console.log, async (url) => {
      mkdirSync(join(ROOT, "reports"), { recursive: true });
      const log = createWriteStream(join(ROOT, "reports/bench-console.log"));
      const ours = Object.fromEntries(NOT_OURS.map((name) => [name, ""]));
      const stack = await startStack({
        dataDir: join(ROOT, ".bench/console"),
        port: 0,
        workers: 0,
        env: { ...ours, DATABASE_URL: url },
        onLine: (source, line) => log.write(`${source}: ${line}\n`),
      });
      const browser = await launchBrowser();
      try {
        const scene = await openScene(browser, stack);
        const findings: Finding[] = [];
        for (const name of parts) {
          await onServer(url, (client) => client.query("checkpoint"));
          for await (const finding of (PARTS[name] as Part)(browser, scene)) {
            print(finding);
            findings.push(finding);
          }
        }
        return findings;
      } finally {
        await browser.close();
        await stack.stop(AT_ONCE);
        log.end();
      }
    }),
  );
}

/** A goal is its worst figure; the table has them all. */
function sectionOf(findings: readonly Finding[]): Section {
  const { rules, tasks, transfers, instances } = SIZE;
  return {
    id: "console",
    title: `${rules} rules, ${tasks} tasks, ${transfers} transfers, ${instances} instances`,
    lines: [
      "| goal | what | figure | |",
      "|---|---|---|---|",
      ...findings.map(
        (finding) =>
          `| ${finding.budget} | ${finding.subject} | ${formatFigure(finding)} | ${finding.detail ?? ""} |`,
      ),
    ],
    findings: summarize(findings).map(({ budget, worst }) => ({ ...worst, budget: `console: ${budget}` })),
    conditions: "`npm run bench -- console`",
  };
}

/** Of the environment: the console that is measured is set up here. */
const NOT_OURS = ["SECRET_KEY", "SECRET_KEY_FILE", "ROOT_PASSWORD", "PUBLIC_URL", "HOST", "PORT"];

function print(finding: Finding): void {
  const verdict = isMet(finding) ? "ok    " : "MISSED";
  const { budget, subject, limit, detail } = finding;
  console.log(
    `${verdict} ${budget}, ${subject}: ${formatFigure(finding)} ≤ ${limit}${detail ? ` (${detail})` : ""}`,
  );
}
