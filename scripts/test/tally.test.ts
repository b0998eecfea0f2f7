import { describe, expect, test } from "vitest";
import { closingLine, sum, tallyPlaywright, tallyStep, tallyVitest } from "./tally.ts";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const vitest = (...testResults: unknown[]) => JSON.stringify({ testResults });
const playwright = (stats: object, errors: unknown[] = []) =>
  JSON.stringify({ stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats }, errors });

describe("tallyVitest", () => {
  test.each([
    ["passed and skipped", vitest(file("passed", "passed", "passed", "pending", "todo")), 0, [2, 0, 2]],
    ["a failed test", vitest(file("failed", "passed", "failed")), 1, [1, 1, 0]],
    ["a file that does not load", vitest(file("failed"), file("passed", "passed")), 1, [1, 1, 0]],
    ["a hook that fails after its tests", vitest(file("failed", "passed")), 1, [1, 1, 0]],
    ["an error outside of tests", vitest(file("passed", "passed")), 1, [1, 1, 0]],
    ["a killed run", vitest(file("passed", "passed")), null, [1, 1, 0]],
    ["no test at all", vitest(), 0, [0, 1, 0]],
    ["no report", null, 0, [0, 1, 0]],
    ["half a report", '{"testResults":[', 0, [0, 1, 0]],
    ["another report", "{}", 0, [0, 1, 0]],
  ] as const)("%s", (_, report, exitCode, [passed, failed, skipped]) => {
    expect(tallyVitest(report, exitCode)).toEqual({ passed, failed, skipped });
  });
});

describe("tallyPlaywright", () => {
  test.each([
    ["passed and skipped", playwright({ expected: 3, skipped: 1 }), 0, [3, 0, 1]],
    ["a flaky test is a failure", playwright({ expected: 2, flaky: 1 }), 0, [2, 1, 0]],
    ["a failed test", playwright({ unexpected: 1 }), 1, [0, 1, 0]],
    ["a set-up that throws", playwright({}, [{ message: "boom" }]), 1, [0, 1, 0]],
    ["no test at all", playwright({}), 0, [0, 1, 0]],
    ["a failure without a test", playwright({ expected: 1 }), 1, [1, 1, 0]],
    ["no report", null, 1, [0, 1, 0]],
  ] as const)("%s", (_, report, exitCode, [passed, failed, skipped]) => {
    expect(tallyPlaywright(report, exitCode)).toEqual({ passed, failed, skipped });
  });
});

test("the closing line sums all parts", () => {
  const total = sum([tallyStep(0), tallyStep(1), tallyStep(null), { passed: 10, failed: 0, skipped: 2 }]);
  expect(closingLine(total)).toBe("11 passed, 2 failed, 2 skipped");
});
