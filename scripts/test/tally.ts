/** What CI counts. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, each) => ({
      passed: total.passed + each.passed,
      failed: total.failed + each.failed,
      skipped: total.skipped + each.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** A tool that reports no tests of its own counts as one. */
export function tallyStep(exitCode: number | null): Tally {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** The closing line: CI reads it. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

interface VitestReport {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/**
 * Counts a report of vitest's JSON reporter. No report, no test, a file that could not be loaded, and a run that failed
 * although each test passed count as a failure each.
 */
export function tallyVitest(reportText: string | null, exitCode: number | null): Tally {
  const report = parse<VitestReport>(reportText);
  if (!report?.testResults) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const statuses = report.testResults.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const unloadable = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  ).length;
  const passed = statuses.filter((status) => status === "passed").length;
  const failed = statuses.filter((status) => status === "failed").length + unloadable;
  return withRunFailure(
    { passed, failed, skipped: statuses.length - passed - (failed - unloadable) },
    exitCode,
  );
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  errors?: unknown[];
}

/** As {@link tallyVitest}, of Playwright's JSON reporter. A flaky test passed only when asked again: a failure. */
export function tallyPlaywright(reportText: string | null, exitCode: number | null): Tally {
  const report = parse<PlaywrightReport>(reportText);
  if (!report?.stats) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const { expected, unexpected, flaky, skipped } = report.stats;
  return withRunFailure(
    { passed: expected, failed: unexpected + flaky + (report.errors?.length ?? 0), skipped },
    exitCode,
  );
}

function withRunFailure(tally: Tally, exitCode: number | null): Tally {
  const nothing = tally.passed + tally.failed + tally.skipped === 0;
  const silent = exitCode !== 0 && tally.failed === 0;
  return nothing || silent ? { ...tally, failed: tally.failed + 1 } : tally;
}

function parse<Report>(text: string | null): Report | null {
  try {
    return text === null ? null : (JSON.parse(text) as Report);
  } catch {
    return null;
  }
}
