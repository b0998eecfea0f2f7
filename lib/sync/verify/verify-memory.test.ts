import { expect, test } from "vitest";
import type { Finding } from "../../schemas/verification.ts";
import { VerifyMemory } from "./verify-memory.ts";

const MISSING: Finding = {
  ...{ kind: "blob", reason: "missing", digest: "sha256:a", repository: "team/app" },
  ...{ tag: null, subject: null, mediaType: null, sizeBytes: null },
};

/** Something to ask for, which says how often it was asked. */
function question(answers: Finding[][]) {
  let times = 0;
  const ask = async (): Promise<Finding[]> => {
    times += 1;
    return answers[Math.min(times, answers.length) - 1] ?? [];
  };
  return { ask, times: () => times };
}

test("what is right is asked for once, also by many at the same time", async () => {
  const memory = new VerifyMemory();
  const { ask, times } = question([[]]);
  await Promise.all([memory.findings("a", ask), memory.findings("a", ask)]);
  await memory.mendOnce("b", async () => undefined);
  expect(await memory.findings("a", ask)).toEqual([]);
  expect(times()).toBe(1);
});

test("what is broken is mended once and then asked for again; what stays so is not asked for by every tag", async () => {
  const memory = new VerifyMemory();
  const { ask, times } = question([[MISSING], [MISSING]]);
  let mended = 0;
  const mend = async () => {
    mended += 1;
  };
  for (const _tag of [1, 2, 3]) {
    expect(await memory.findings("a", ask)).toEqual([MISSING]);
    await memory.mendOnce("a", mend);
    expect(await memory.findings("a", ask)).toEqual([MISSING]);
  }
  expect([mended, times()]).toEqual([1, 2]);
});

test("an answer that was on its way when something was mended counts for whoever waited, and only if all was right for others", async () => {
  const memory = new VerifyMemory();
  const late = Promise.withResolvers<Finding[]>();
  const whole = Promise.withResolvers<Finding[]>();
  const waiting = [
    memory.findings("late", () => late.promise),
    memory.findings("whole", () => whole.promise),
  ];
  await memory.mendOnce("a", async () => undefined);
  late.resolve([MISSING]);
  whole.resolve([]);
  expect(await Promise.all(waiting)).toEqual([[MISSING], []]);
  const again = question([[]]);
  expect(await memory.findings("late", again.ask)).toEqual([]);
  expect(await memory.findings("whole", again.ask)).toEqual([]);
  expect(again.times()).toBe(1);
});

test("a question that failed, and a repair that failed, are nobody else's answer", async () => {
  const memory = new VerifyMemory();
  const failing = () => Promise.reject(new Error("cut"));
  await expect(memory.findings("a", failing)).rejects.toThrow("cut");
  expect(await memory.findings("a", async () => [])).toEqual([]);
  await expect(memory.mendOnce("a", failing)).rejects.toThrow("cut");
  await expect(memory.mendOnce("a", async () => undefined)).resolves.toBeUndefined();
});
