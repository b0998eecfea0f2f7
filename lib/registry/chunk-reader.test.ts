import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChunkReader } from "./chunk-reader.ts";

const KIB = 1024;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Pieces of 64 KiB, a moment apart. */
async function* slowly(pieces: number, everyMs: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces; piece += 1) {
    vi.advanceTimersByTime(everyMs);
    yield new Uint8Array(64 * KIB).fill(piece);
  }
}

async function sizesOf(reader: ChunkReader): Promise<number[]> {
  const sizes: number[] = [];
  for (let chunk = await reader.next(); chunk; chunk = await reader.next()) {
    sizes.push(chunk.byteLength / KIB);
  }
  return sizes;
}

test("what comes fast fills its chunks", async () => {
  const reader = new ChunkReader(slowly(40, 1), new Uint8Array(2 * 1_024 * KIB));
  expect(await sizesOf(reader)).toEqual([1_024, 1_024, 512]);
});

test("a chunk may be bounded, and is no smaller for that than a chunk may be", async () => {
  const reader = new ChunkReader(slowly(40, 1), new Uint8Array(2 * 1_024 * KIB));
  expect((await reader.next(768 * KIB))?.byteLength).toBe(768 * KIB);
  expect((await reader.next(1))?.byteLength).toBe(512 * KIB);
  expect(await sizesOf(reader)).toEqual([1_024, 256]);
});

test("what is held to few bytes a second goes on every two seconds, in chunks that are worth a request", async () => {
  const evenly = new ChunkReader(slowly(40, 200), new Uint8Array(2 * 8_192 * KIB));
  expect(await sizesOf(evenly)).toEqual([640, 640, 640, 640]);
  const trickling = new ChunkReader(slowly(16, 1_000), new Uint8Array(2 * 8_192 * KIB));
  expect(await sizesOf(trickling)).toEqual([512, 512]);
});

test("no chunk but the last is smaller than the registry asks for", async () => {
  const reader = new ChunkReader(slowly(40, 1_000), new Uint8Array(2 * 8_192 * KIB), 1_024 * KIB);
  expect(await sizesOf(reader)).toEqual([1_024, 1_024, 512]);
});

test("a beginning is no more than a chunk must have, and nothing is lost behind it", async () => {
  const reader = new ChunkReader(slowly(40, 1), new Uint8Array(2 * 1_024 * KIB));
  expect((await reader.beginning())?.byteLength).toBe(512 * KIB);
  expect(await sizesOf(reader)).toEqual([1_024, 1_024]);
  const asked = new ChunkReader(slowly(40, 1), new Uint8Array(2 * 2_048 * KIB), 1_024 * KIB);
  expect((await asked.beginning())?.byteLength).toBe(1_024 * KIB);
});
