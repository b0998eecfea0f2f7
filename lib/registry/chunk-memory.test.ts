import { expect, test } from "vitest";
import { ChunkMemory } from "./chunk-memory.ts";

const MIB = 1024 * 1024;
const sizes = (memory: ChunkMemory, count: number, least = 0) =>
  Array.from({ length: count }, () => memory.take(8 * MIB, least)).map(
    (room) => room && room.bytes.length / 2 / MIB,
  );

test("the first has as much as it wants, the more there are the less each gets, and then none", () => {
  expect(sizes(new ChunkMemory(), 6)).toEqual([8, 4, 2, 1, 1, undefined]);
});

test("what is given back is there again, once", () => {
  const memory = new ChunkMemory(32 * MIB);
  const first = memory.take(8 * MIB, 0);
  first?.release();
  first?.release();
  expect(sizes(memory, 2)).toEqual([8, 4]);
});

test("who cannot do without gets a little beyond what there is", () => {
  const memory = new ChunkMemory(4 * MIB);
  sizes(memory, 2);
  expect(memory.takeSurely(8 * MIB, 0).bytes.length).toBe(MIB / 2);
  expect(memory.takeSurely(100, 0).bytes.length).toBe(200);
});

test("what a registry asks for at least is given, or nothing is", () => {
  expect(sizes(new ChunkMemory(32 * MIB), 2, 10 * MIB)).toEqual([10, undefined]);
});
