import { expect, test } from "vitest";
import { largeMemory, markPassing, own, spend } from "./spent.ts";

const filled = (text: string) => {
  const memory = largeMemory();
  memory.fill(text);
  return memory;
};

test("memory of a chunk that was sent is that of the next one, and nobody has it twice", () => {
  const first = filled("first");
  const chunk = own(first.subarray(0, 300_000));
  const kept = first.subarray(0, 10);
  markPassing(chunk);
  spend(chunk);
  // Whoever still looks there finds nothing, and not the bytes of somebody else.
  expect([chunk.byteLength, kept.byteLength, first.byteLength]).toEqual([0, 0, 0]);
  const second = largeMemory();
  expect(second.subarray(0, 5).toString()).toBe("first");
  expect(second.byteLength).toBe(512 * 1024);
  second.fill("second");
  expect(largeMemory().subarray(0, 6).toString()).not.toBe("second");
});

test("what nobody said passes stays as it is", () => {
  const chunk = filled("mine");
  spend(chunk);
  expect(chunk.subarray(0, 4).toString()).toBe("mine");
  expect(largeMemory().subarray(0, 4).toString()).not.toBe("mine");
});

test("a part of a memory in which something else may lie is left to the collector", () => {
  const memory = filled("shared");
  const part = memory.subarray(0, 100_000);
  markPassing(part);
  spend(part);
  expect(part.subarray(0, 6).toString()).toBe("shared");
});

test("there is an end to what is kept", () => {
  const chunks = Array.from({ length: 40 }, () => filled("many"));
  for (const chunk of chunks) {
    markPassing(chunk);
    spend(chunk);
  }
  expect(chunks.every(({ byteLength }) => byteLength === 0)).toBe(true);
  const again = Array.from({ length: 40 }, () => largeMemory());
  expect(again.filter((memory) => memory.subarray(0, 4).toString() === "many").length).toBe(16);
});
