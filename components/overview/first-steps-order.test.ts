import { expect, test } from "vitest";
import { dueHref, dueStep, stepsDone } from "./first-steps-order.ts";

test.each([
  [{ instances: 0, rules: 0 }, "instance", 2, "/instances/new"],
  [{ instances: 1, rules: 0 }, "second", 3, "/instances/new"],
  [{ instances: 2, rules: 0 }, "rule", 3, "/rules/new?instance=a"],
  [{ instances: 2, rules: 1 }, "sync", 4, "/tasks/t"],
] as const)("with %j the step is %s", (stand, due, done, href) => {
  expect(dueStep(stand)).toBe(due);
  expect(stepsDone(due)).toBe(done);
  expect(dueHref(due, { sourceId: "a", taskId: "t" })).toBe(href);
});

test("a rule without a task leads to where one is triggered", () => {
  expect(dueHref("sync", { sourceId: "a", taskId: null })).toBe("/rules");
});
