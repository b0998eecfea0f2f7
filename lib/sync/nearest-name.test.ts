import { expect, test } from "vitest";
import { NearestName } from "./nearest-name.ts";

const nearest = (expression: string, names: string[]) => {
  const nearestName = new NearestName(expression);
  for (const name of names) {
    nearestName.offer(name);
  }
  return nearestName.best?.name ?? null;
};

test.each([
  ["gatway", ["router", "gateway", "gate"], "gateway"],
  ["inference/.+", ["training/bert", "infer/vllm", "inference-cpu"], "inference-cpu"],
  ["v\\d+\\.\\d+-cu12", ["2026.11-cu11", "latest", "v1.2-cpu"], "2026.11-cu11"],
  ["release-(alpine|slim)", ["release", "nightly"], "release"],
])("%s of %j is nearest to %s", (expression, names, expected) => {
  expect(nearest(expression, names)).toBe(expected);
});

test("a name that has nothing to do with it is not named", () => {
  expect(nearest("gateway", ["zz", "mysql"])).toBeNull();
  expect(nearest("\\d+", ["mysql"])).toBeNull();
});

test("a hundred thousand names take no time to speak of", () => {
  const nearestName = new NearestName("team/service-\\d+/web");
  const before = process.cpuUsage();
  for (let index = 0; index < 100_000; index += 1) {
    nearestName.offer(`team/service-${index}/api`);
  }
  // Of the processor: on a busy machine the same work takes many times as long by the clock.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(5_000);
});
