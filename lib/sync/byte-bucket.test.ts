import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { ByteBucket } from "./byte-bucket.ts";

const NEVER = new AbortController().signal;
const CHUNK = 16 * 1024;

/** Takes chunks as long as it is told to. */
async function pump(bucket: ByteBucket, until: AbortSignal): Promise<number> {
  let bytes = 0;
  while (!until.aborted) {
    try {
      await bucket.take(CHUNK, until);
    } catch {
      break;
    }
    bytes += CHUNK;
    await sleep(0);
  }
  return bytes;
}

test("without a rate nothing is waited for", () => {
  const bucket = new ByteBucket();
  expect(bucket.take(1_000_000_000, NEVER)).toBeUndefined();
  expect(bucket.take(1, NEVER)).toBeUndefined();
  expect(bucket).toMatchObject({ passed: 1_000_000_001, heldMs: 0 });
});

test("however many streams take, no more than the rate passes, and little less; each gets its turn", async () => {
  const bucket = new ByteBucket();
  bucket.setRate(2_000_000);
  const until = AbortSignal.timeout(2_000);
  const since = performance.now();
  const bytes = await Promise.all(Array.from({ length: 5 }, () => pump(bucket, until)));
  const seconds = (performance.now() - since) / 1000;
  const rate = bucket.passed / seconds;
  expect(rate).toBeLessThan(2_000_000 * 1.1);
  expect(rate).toBeGreaterThan(2_000_000 * 0.8);
  expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThanOrEqual(2 * CHUNK);
  expect(bucket.heldMs).toBeGreaterThan(1_500);
});

test("a new rate counts at once for whoever waits", async () => {
  const bucket = new ByteBucket();
  bucket.setRate(0);
  const waits = [bucket.take(CHUNK, NEVER), bucket.take(CHUNK, NEVER)];
  await sleep(30);
  expect(bucket.passed).toBe(0);
  bucket.setRate(Number.POSITIVE_INFINITY);
  await Promise.all(waits);
  expect(bucket.passed).toBe(2 * CHUNK);
});

test("what was not taken is not saved up beyond a tenth of a second", () => {
  // A clock of its own: on a busy machine the bucket would fill while it is being emptied.
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const bucket = new ByteBucket();
  bucket.setRate(1_000_000);
  vi.advanceTimersByTime(400);
  let atOnce = 0;
  while (bucket.take(CHUNK, AbortSignal.timeout(5_000)) === undefined) {
    atOnce += CHUNK;
  }
  expect(atOnce).toBeGreaterThanOrEqual(100_000);
  expect(atOnce).toBeLessThanOrEqual(100_000 + 2 * CHUNK);
});

test("who gives up while waiting leaves the line to the others", async () => {
  const bucket = new ByteBucket();
  bucket.setRate(0);
  const control = new AbortController();
  const given = bucket.take(CHUNK, control.signal);
  const next = bucket.take(CHUNK, NEVER);
  control.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  bucket.setRate(1_000_000);
  await next;
  expect(bucket.passed).toBe(CHUNK);
});
