import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { spaced } from "./spaced.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what stands alone goes at once, a flood in steps and each text once", () => {
  const sent: string[] = [];
  const { add } = spaced((text) => sent.push(text), 100);
  add("a");
  expect(sent).toEqual(["a"]);
  for (const text of ["b", "c", "b"]) {
    add(text);
  }
  expect(sent).toEqual(["a"]);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual(["a", "bc"]);
  add("d");
  vi.advanceTimersByTime(100);
  expect(sent).toEqual(["a", "bc", "d"]);
  vi.advanceTimersByTime(100);
  add("a");
  expect(sent).toEqual(["a", "bc", "d", "a"]);
});

test("nothing is sent after the end", () => {
  const sent: string[] = [];
  const { add, close } = spaced((text) => sent.push(text), 100);
  add("a");
  add("b");
  close();
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual(["a"]);
});
