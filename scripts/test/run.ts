import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { printResult, runStep, runSteps, type Step } from "../check/step.ts";
import { E2E, INTEGRATION, reportPath, STATIC_STEPS, TYPEGEN, UNIT } from "../check/steps.ts";
import { ROOT } from "../root.ts";
import { withDatabase } from "./database.ts";
import { withSecondRun } from "./second-run.ts";
import { closingLine, sum, type Tally, tallyPlaywright, tallyStep, tallyVitest } from "./tally.ts";
import { provideTools } from "./tools.ts";

const STATIC_NAMES = STATIC_STEPS.map(({ name }) => name);
const SUITES = ["unit", "integration", "e2e"];
export const PARTS = [...STATIC_NAMES, ...SUITES];

/** Runs the named parts, all when none is named; prints the closing line last. @returns the exit code */
export async function runTests(chosen: readonly string[]): Promise<number> {
  const parts = chosen.length === 0 ? PARTS : PARTS.filter((part) => chosen.includes(part));
  mkdirSync(join(ROOT, "reports"), { recursive: true });
  for (const suite of SUITES) {
    rmSync(reportPath(suite), { force: true });
  }
  const missing = provideTools(parts);
  if (missing.length > 0) {
    console.error(`tools: missing and needed (names of Debian packages): ${missing.join(" ")}`);
    return close([{ passed: 0, failed: missing.length, skipped: 0 }]);
  }
  const tallies: Tally[] = [];
  await runStep(TYPEGEN);
  const statics = await runSteps(
    STATIC_STEPS.filter(({ name }) => parts.includes(name)),
    2,
  );
  tallies.push(...statics.map(({ exitCode }) => tallyStep(exitCode)));
  if (parts.includes("unit")) {
    tallies.push(await runSuite(UNIT, tallyVitest));
  }
  if (parts.includes("integration")) {
    tallies.push(await withDatabase((env) => runSuite({ ...INTEGRATION, env }, tallyVitest)));
  }
  if (parts.includes("e2e")) {
    tallies.push(await runSuite(E2E, tallyPlaywright));
  }
  return close(tallies);
}

function close(tallies: readonly Tally[]): number {
  const total = sum(tallies);
  console.log(closingLine(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

type Count = (report: string | null, exitCode: number | null) => Tally;

async function runSuite(step: Step, count: Count): Promise<Tally> {
  console.log(`— ${step.name}`);
  const path = reportPath(step.name);
  const read = () => (existsSync(path) ? readFileSync(path, "utf8") : null);
  const once = async (files: readonly string[]) => {
    const result = await runStep({ ...step, args: [...step.args, ...files] });
    printResult(result, step.live);
    return { exitCode: result.exitCode, tally: count(read(), result.exitCode) };
  };
  const first = await once([]);
  const tally = await withSecondRun(first, { path, text: read() }, (files) => {
    rmSync(path, { force: true });
    return once(files);
  });
  console.log(`       ${closingLine(tally).replaceAll(",", " ·")}`);
  return tally;
}
