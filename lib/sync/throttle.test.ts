import { expect, test } from "vitest";
import { MemoryRegistry, MemoryRepository } from "../registry/memory-repository.ts";
import { digestOf } from "../registry/verify.ts";
import { ByteBucket } from "./byte-bucket.ts";
import { copyBlob } from "./copy-blob.ts";
import { PlaceGate } from "./place-gate.ts";
import { memoryPlacements } from "./placements.ts";
import { targetMemory } from "./target-memory.ts";
import { PlaceLost, type ThrottledEnd, throttleBetween, throttleReading } from "./throttle.ts";
import type { Walk } from "./walk.ts";

const NEVER = new AbortController().signal;
const copy = () => ({ owner: {}, sizeBytes: 1, signal: NEVER });
const settled = () => new Promise((resolve) => setImmediate(resolve));

const end = (id: string): ThrottledEnd => ({
  id,
  gate: new PlaceGate(),
  read: new ByteBucket(),
  write: new ByteBucket(),
});

test("copies in opposite directions between two ends with one place each do not wait for each other for ever", async () => {
  const [a, b] = [end("a"), end("b")];
  a.gate.setBound(1);
  b.gate.setBound(1);
  const [there, back] = [throttleBetween(a, b), throttleBetween(b, a)];
  let done = 0;
  const run = async (throttle: typeof there) => {
    const passage = await throttle.enter(copy());
    expect([a.gate.active, b.gate.active]).toEqual([1, 1]);
    await settled();
    passage.leave();
    done += 1;
  };
  await Promise.all([there, back, there, back, back, there].map(run));
  expect([done, a.gate.active, b.gate.active]).toEqual([6, 0, 0]);
});

test("a copy inside one instance takes one place, and both rates", async () => {
  const one = end("a");
  one.gate.setBound(1);
  const throttle = throttleBetween(one, one);
  const passage = throttle.tryEnter(copy());
  expect(throttle.tryEnter(copy())).toBeUndefined();
  expect(passage?.take(10, NEVER)).toBeUndefined();
  expect([one.read.passed, one.write.passed]).toEqual([10, 10]);
  passage?.leave();
  expect(one.gate.active).toBe(0);
});

test("what is read and goes nowhere takes a place of its end, and nothing of what may be written there", () => {
  const one = end("a");
  one.gate.setBound(1);
  const reading = throttleReading(one);
  const passage = reading.tryEnter(copy());
  expect(reading.tryEnter(copy())).toBeUndefined();
  expect(passage?.take(10, NEVER)).toBeUndefined();
  passage?.leave();
  expect([one.read.passed, one.write.passed, one.gate.active]).toEqual([10, 0, 0]);
});

test("the slower end decides, and a place that cannot be had at both ends is not kept at one", async () => {
  const [a, b] = [end("a"), end("b")];
  b.gate.setBound(0);
  const throttle = throttleBetween(a, b);
  expect(throttle.tryEnter(copy())).toBeUndefined();
  expect(a.gate.active).toBe(0);
  b.gate.setBound(1);
  const passage = throttle.tryEnter(copy());
  b.write.setRate(0);
  const waiting = passage?.take(5, NEVER);
  await settled();
  expect([a.read.passed, b.write.passed]).toEqual([5, 0]);
  b.write.setRate(Number.POSITIVE_INFINITY);
  await waiting;
  expect(b.write.passed).toBe(5);
});

test("a copy whose place is lost ends with its next chunk", () => {
  const [a, b] = [end("a"), end("b")];
  const passage = throttleBetween(a, b).tryEnter(copy());
  b.gate.lose();
  expect(() => passage?.take(1, NEVER)).toThrow(PlaceLost);
});

test("small layers of the same task pass by those that wait for a place", async () => {
  const placements = memoryPlacements();
  const source = new MemoryRepository("team/app", new MemoryRegistry("memory://source"));
  const target = new MemoryRepository("team/app", new MemoryRegistry("memory://target"));
  const [a, b] = [end("a"), end("b")];
  b.gate.setBound(2);
  const walk = (): Walk => ({
    source,
    target,
    placements,
    memory: targetMemory(placements),
    throttle: throttleBetween(a, b),
    signal: NEVER,
    begin: NEVER,
    fail: () => undefined,
    report: () => undefined,
  });
  // More than there are slots for blobs of one target: two have the places, all others wait for them.
  const many = walk();
  const held = [b.gate.tryEnter({ owner: many, sizeBytes: 1, signal: NEVER })];
  held.push(b.gate.tryEnter({ owner: many, sizeBytes: 1, signal: NEVER }));
  const blobOf = (bytes: Uint8Array) => {
    source.putBlob(bytes);
    return { mediaType: "application/octet-stream", digest: digestOf(bytes), size: bytes.byteLength };
  };
  const order: string[] = [];
  const waiting = Array.from({ length: 40 }, (_, index) => {
    const blob = blobOf(Buffer.from(`many ${index}`));
    return copyBlob(blob, many).then(() => order.push("many"));
  });
  await settled();
  const small = copyBlob(blobOf(Buffer.from("small")), walk()).then(() => order.push("small"));
  await settled();
  await settled();
  held[0]?.leave();
  await Promise.all([small, ...waiting]);
  expect(order[0]).toBe("small");
});
