import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { BIN, runStep } from "../../check/step.ts";
import { ROOT } from "../../root.ts";
import type { NamedTest } from "./row.ts";
import { PROTOCOL } from "./table.ts";

const WITHIN_MS = 1_500_000;
const REPORT = join(ROOT, "reports/protocol.json");

/** What vitest writes of each file. */
interface Report {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** Whether a name stands in the file, as it is written: `%s` and all. */
export function isWritten({ file, name }: NamedTest): boolean {
  try {
    return readFileSync(join(ROOT, file), "utf8").includes(name);
  } catch {
    return false;
  }
}

let running: Promise<Report> | undefined;

/**
 * Runs every file of the table once, whoever asks first.
 * @returns what is wrong with a test; null when all that have its name passed
 */
export async function troubleWith({ file, name }: NamedTest): Promise<string | null> {
  running ??= runFiles([...new Set(PROTOCOL.flatMap(({ tests }) => tests.map((test) => test.file)))]);
  const { testResults } = await running;
  const ours = testResults.find((result) => relative(ROOT, result.name) === file);
  const found = (ours?.assertionResults ?? []).filter(({ fullName }) => fullName.includes(name));
  const failed = found.filter(({ status }) => status !== "passed");
  if (found.length === 0) {
    return "did not run";
  }
  return failed.length === 0 ? null : `${failed.length} of ${found.length} failed`;
}

async function runFiles(files: readonly string[]): Promise<Report> {
  mkdirSync(dirname(REPORT), { recursive: true });
  // One of an earlier run would be read as that of this one.
  rmSync(REPORT, { force: true });
  const args = [
    BIN.vitest,
    "run",
    ...files,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${REPORT}`,
  ];
  // The report says what failed; without one nothing ran.
  const { output } = await runStep({ name: "protocol", args, withinMs: WITHIN_MS });
  const report = existsSync(REPORT) ? (JSON.parse(readFileSync(REPORT, "utf8")) as Report) : null;
  if (!report || report.testResults.length === 0) {
    throw new Error(`the tests did not run: ${output.slice(-2_000)}`);
  }
  return report;
}
