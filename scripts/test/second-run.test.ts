import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ROOT } from "../root.ts";
import { failedFiles, type Outcome, withSecondRun } from "./second-run.ts";

const vitest = (...statuses: string[]) =>
  JSON.stringify({
    testResults: statuses.map((status, index) => ({
      name: join(ROOT, `lib/${index}.test.ts`),
      status,
      assertionResults: [{ status }, { status: "pending" }],
    })),
  });
const playwright = (errors: unknown[], ...oks: boolean[]) =>
  JSON.stringify({
    errors,
    suites: oks.map((ok, index) => ({
      file: `${index}.spec.ts`,
      specs: [{ ok: true }],
      suites: [{ specs: [{ ok, tests: [{ status: "skipped" }, { status: "expected" }] }] }],
    })),
  });

describe("failedFiles", () => {
  test.each([
    ["of vitest", vitest("passed", "failed", "failed"), ["lib/1.test.ts", "lib/2.test.ts"]],
    ["of Playwright, in a group of tests", playwright([], true, false), ["1.spec.ts"]],
    ["a failure outside of tests is in no file", playwright([{ message: "boom" }], false), []],
    ["no failure", vitest("passed"), []],
    ["no report", null, []],
    ["half a report", '{"testResults":[', []],
  ])("%s", (_, text, files) => {
    expect(failedFiles(text)).toEqual(files);
  });
});

describe("withSecondRun", () => {
  const first: Outcome = { tally: { passed: 8, failed: 2, skipped: 2 }, exitCode: 1 };
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "second-run-"));
    vi.spyOn(console, "log").mockImplementation(() => undefined);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    vi.restoreAllMocks();
  });
  const run = (text: string, tally: { passed: number; failed: number }, outcome = first) => {
    const path = join(folder, "unit.json");
    writeFileSync(path, text);
    const rerun = vi.fn(async () => ({ tally: { skipped: 0, ...tally }, exitCode: 0 }));
    return { rerun, tally: withSecondRun(outcome, { path, text }, rerun) };
  };

  test("what passes by itself counts as passed, is named, and its first report is kept", async () => {
    const { rerun, tally } = run(vitest("failed", "passed"), { passed: 5, failed: 0 });
    expect(await tally).toEqual({ passed: 11, failed: 0, skipped: 1 });
    expect(rerun).toHaveBeenCalledExactlyOnceWith(["lib/0.test.ts"]);
    expect(vi.mocked(console.log).mock.lastCall?.[0]).toContain("to be mended: lib/0.test.ts");
    expect(readFileSync(join(folder, "unit.first.json"), "utf8")).toBe(vitest("failed", "passed"));
  });

  test("the tests that a failure in a browser left out count once they have run", async () => {
    const { tally } = run(playwright([], true, false), { passed: 5, failed: 0 });
    expect(await tally).toEqual({ passed: 11, failed: 0, skipped: 1 });
  });

  test.each([
    ["fails again", { passed: 4, failed: 1 }],
    ["finds no test", { passed: 0, failed: 0 }],
  ])("what %s stays failed", async (_, second) => {
    expect(await run(vitest("failed"), second).tally).toEqual(first.tally);
  });

  test.each([
    [
      "nothing failed",
      vitest("passed"),
      { ...first, tally: { passed: 1, failed: 0, skipped: 0 }, exitCode: 0 },
    ],
    ["more than three files failed", vitest("failed", "failed", "failed", "failed"), first],
    ["the run was killed", vitest("failed"), { ...first, exitCode: null }],
  ])("%s: no second run", async (_, text, outcome) => {
    const { rerun, tally } = run(text, { passed: 1, failed: 0 }, outcome);
    expect(await tally).toEqual(outcome.tally);
    expect(rerun).not.toHaveBeenCalled();
  });
});
