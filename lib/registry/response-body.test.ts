import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TransportError } from "./errors.ts";
import { ResponseBody } from "./response-body.ts";

const slow = () =>
  new TransportError(
    "TIMEOUT",
    { method: "GET", url: "http://registry.test/" },
    "the answer only trickles in",
  );

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function opened() {
  const flow = { pause: vi.fn(), resume: vi.fn(), abort: vi.fn() };
  return { flow, body: new ResponseBody(flow, slow) };
}

/** Sends `bytes` every `everyMs` until the time is over or the reader has given up. @returns when that was, in ms */
async function trickle(
  body: ResponseBody,
  { bytes, everyMs, forMs }: { bytes: number; everyMs: number; forMs: number },
): Promise<{ endedAtMs: number; error: unknown }> {
  const startedMs = performance.now();
  let outcome: { endedAtMs: number; error: unknown } | undefined;
  void (async () => {
    try {
      for await (const chunk of body) {
        void chunk;
      }
      outcome = { endedAtMs: performance.now() - startedMs, error: null };
    } catch (error) {
      outcome = { endedAtMs: performance.now() - startedMs, error };
    }
  })();
  for (let passed = 0; passed < forMs && !outcome; passed += everyMs) {
    await vi.advanceTimersByTimeAsync(everyMs);
    body.push(new Uint8Array(bytes));
  }
  body.end();
  await vi.advanceTimersByTimeAsync(0);
  return outcome ?? { endedAtMs: Number.NaN, error: new Error("the reader is still waiting") };
}

describe("the slow-loris guard", () => {
  test.each([
    ["a byte a second", { bytes: 1, everyMs: 1_000 }],
    ["a byte just before the silence would count", { bytes: 1, everyMs: 29_000 }],
    ["400 bytes a second", { bytes: 400, everyMs: 1_000 }],
  ])("%s: given up within a window and a half, and the connection with it", async (_what, rate) => {
    const { body, flow } = opened();
    const { endedAtMs, error } = await trickle(body, { ...rate, forMs: 600_000 });
    expect(error).toMatchObject({ name: "TransportError", code: "TIMEOUT" });
    expect(endedAtMs).toBeGreaterThanOrEqual(60_000);
    expect(endedAtMs).toBeLessThanOrEqual(90_000);
    expect(flow.abort).toHaveBeenCalledOnce();
  });

  test("a slow but honest line is read to its end", async () => {
    const { body, flow } = opened();
    const { error } = await trickle(body, { bytes: 1_024, everyMs: 1_000, forMs: 600_000 });
    expect(error).toBeNull();
    expect(flow.abort).not.toHaveBeenCalled();
  });

  test("a reader that takes its time is not the server's fault", async () => {
    const { body, flow } = opened();
    const iterator = body[Symbol.asyncIterator]();
    for (let round = 0; round < 10; round += 1) {
      body.push(new Uint8Array(16));
      await vi.advanceTimersByTimeAsync(50_000);
      expect((await iterator.next()).value).toHaveLength(16);
    }
    expect(flow.abort).not.toHaveBeenCalled();
  });
});

describe("a whole body", () => {
  test.each([
    ["one chunk that fills its memory", [new Uint8Array([1, 2, 3])]],
    ["a part of a larger chunk", [new Uint8Array([0, 1, 2, 3, 0]).subarray(1, 4)]],
    ["several chunks", [new Uint8Array([1]), Buffer.from([2, 3])]],
    ["nothing", []],
  ])("%s: keeps no memory but its own, so that many small ones may be kept", async (_what, chunks) => {
    const { body } = opened();
    for (const chunk of chunks) {
      body.push(chunk);
    }
    body.end();
    const whole = await body.bytes(3, () => new Error("too long"));
    expect([...whole]).toEqual(chunks.length > 0 ? [1, 2, 3] : []);
    expect(whole.buffer.byteLength).toBe(whole.byteLength);
  });
});
