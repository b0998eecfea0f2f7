import { copyFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { ROOT } from "../root.ts";
import type { Tally } from "./tally.ts";

/** More files than this failing at once is no accident of the machine. */
const FILES = 3;

/** How a run of a suite went. */
export interface Outcome {
  readonly tally: Tally;
  readonly exitCode: number | null;
}

/**
 * Files with a failure are run once more, by themselves, and said by name: what then passes was an accident of time or
 * machine, and is to be mended as a fault; what is broken fails again. A run that was killed, that failed outside of its
 * tests, or in which more than three files failed is not repeated.
 *
 * @param report the JSON report of the first run, kept beside it with the ending `.first.json`
 * @param rerun runs the suite with these files only
 */
export async function withSecondRun(
  first: Outcome,
  report: { readonly path: string; readonly text: string | null },
  rerun: (files: readonly string[]) => Promise<Outcome>,
): Promise<Tally> {
  const files = first.exitCode === null || first.tally.failed === 0 ? [] : failedFiles(report.text);
  if (files.length === 0 || files.length > FILES) {
    return first.tally;
  }
  copyFileSync(report.path, report.path.replace(/\.json$/, ".first.json"));
  console.log(`— once more, by themselves: ${files.join(" ")}`);
  const second = await rerun(files);
  if (second.tally.failed > 0 || second.tally.passed === 0) {
    return first.tally;
  }
  console.log(`       passed only when run again, to be mended: ${files.join(" ")}`);
  // What was left out after a failure has run now; what the other files leave out stays left out.
  const { passed, failed, skipped } = first.tally;
  const leftOut = skipped - skippedIn(report.text, files) + second.tally.skipped;
  return { passed: passed + failed + skipped - leftOut, failed: 0, skipped: leftOut };
}

interface Report {
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
  readonly suites?: readonly (Suite & { readonly file: string })[];
  readonly errors?: readonly unknown[];
}

interface Suite {
  readonly specs?: readonly {
    readonly ok: boolean;
    readonly tests?: readonly { readonly status: string }[];
  }[];
  readonly suites?: readonly Suite[];
}

/** The files in which a test failed, relative to the project; none where the failure is in no file. */
export function failedFiles(text: string | null): string[] {
  const report = parse(text);
  if (!report || (report.errors?.length ?? 0) > 0) {
    return [];
  }
  const ofVitest = (report.testResults ?? []).filter(({ status }) => status === "failed");
  const ofPlaywright = (report.suites ?? []).filter((suite) => specsOf(suite).some(({ ok }) => !ok));
  return [...ofVitest.map(({ name }) => inProject(name)), ...ofPlaywright.map(({ file }) => file)];
}

function skippedIn(text: string | null, files: readonly string[]): number {
  const report = parse(text);
  const statuses = [
    ...(report?.testResults ?? [])
      .filter(({ name }) => files.includes(inProject(name)))
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status !== "passed" && status !== "failed"),
    ...(report?.suites ?? [])
      .filter(({ file }) => files.includes(file))
      .flatMap(specsOf)
      .flatMap(({ tests = [] }) => tests)
      .filter(({ status }) => status === "skipped"),
  ];
  return statuses.length;
}

function specsOf({ specs = [], suites = [] }: Suite): NonNullable<Suite["specs"]> {
  return [...specs, ...suites.flatMap(specsOf)];
}

function inProject(name: string): string {
  return isAbsolute(name) ? relative(ROOT, name) : name;
}

function parse(text: string | null): Report | null {
  try {
    return text === null ? null : (JSON.parse(text) as Report);
  } catch {
    return null;
  }
}
