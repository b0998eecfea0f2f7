import { expect, test } from "vitest";
import { SubmissionKeys } from "./submission-key.ts";

test("content that was not answered keeps its key; other content, and what follows an answer, gets another", () => {
  const keys = new SubmissionKeys();
  const first = keys.keyFor("a");
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(keys.keyFor("a")).toBe(first);
  const other = keys.keyFor("b");
  expect(other).not.toBe(first);
  expect(keys.keyFor("b")).toBe(other);
  keys.answered();
  expect(keys.keyFor("b")).not.toBe(other);
});
