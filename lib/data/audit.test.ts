import { expect, test } from "vitest";
import { boundedChanges, differences } from "./audit.ts";

test("only what differs is a change", () => {
  const before: Record<string, unknown> = { a: 1, b: [1], c: "x" };
  expect(differences(before, { a: 1, b: [2], d: null, e: false })).toEqual({
    b: { before: [1], after: [2] },
    c: { before: "x", after: null },
    e: { before: null, after: false },
  });
});

test("secrets are replaced, whatever they hold", () => {
  const kept = boundedChanges({
    password: { before: "canary-1", after: { deep: "canary-2" } },
    accessToken: { after: "canary-3" },
    clientSecret: { before: ["canary-4"] },
    name: { before: "a", after: "b" },
  });
  expect(JSON.stringify(kept)).not.toContain("canary");
  expect(kept.name).toEqual({ before: "a", after: "b" });
});

test("a row's changes stay below 8 KiB, and say how many are missing", () => {
  const many = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [
      `user${index}@实例`,
      { before: null, after: "管理".repeat(400) },
    ]),
  );
  const kept = boundedChanges(many);
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(8192);
  const shown = Object.keys(kept).length - 1;
  expect(shown).toBeGreaterThan(0);
  expect(kept["…"]).toEqual({ after: `${5000 - shown} more` });
});
