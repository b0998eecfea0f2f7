import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { InstanceLimits } from "../schemas/limits.ts";
import type { Share } from "../schemas/shares.ts";
import { LimitedEnd } from "./limited-end.ts";
import { LEASE_MS, RESERVE_MS } from "./shares.ts";

const ME = "me";
const limits: InstanceLimits = {
  copies: 2,
  readBytesPerSecond: null,
  writeBytesPerSecond: 1_000_000,
  timeZone: "UTC",
  windows: [{ days: [2], from: "12:00", to: "13:00", readBytesPerSecond: null, writeBytesPerSecond: null }],
};
const NOON = Date.parse("2026-11-24T12:00:00Z");

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const share = (write: number): Share => ({
  wants: 1,
  copies: 1,
  places: 2,
  read: null,
  write: { share: write, moved: 0, held: true, reserve: 50_000 },
  until: 0,
});

function grant(end: LimitedEnd, write: number, nowMs = NOON - 600_000) {
  const request = end.request(ME);
  const answer = { instanceId: end.id, holders: { [ME]: share(write) }, limits, nowMs };
  end.apply(ME, request, answer, performance.now());
  return request;
}

test("nothing moves before a share was granted, then as much as was granted", () => {
  const asked = vi.fn();
  const end = new LimitedEnd("a", asked);
  expect(end.gate.tryEnter({ owner: {}, sizeBytes: 1, signal: new AbortController().signal })).toBeDefined();
  expect([end.write.rate, end.gate.bound]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  expect(asked).not.toHaveBeenCalled();
  end.learn(limits, NOON - 600_000);
  expect([end.read.rate, end.write.rate, end.gate.bound]).toEqual([Number.POSITIVE_INFINITY, 0, 0]);
  expect(end.atWork).toBe(true);
  grant(end, 700_000);
  expect([end.read.rate, end.write.rate, end.gate.bound]).toEqual([Number.POSITIVE_INFINITY, 700_000, 2]);
  end.learn(null, NOON);
  expect([end.write.rate, end.gate.bound]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test("without another answer a share ends: its places are lost, a reserve is left, then nothing", () => {
  const end = new LimitedEnd("a", () => undefined);
  const place = end.gate.tryEnter({ owner: {}, sizeBytes: 1, signal: new AbortController().signal });
  end.learn(limits, NOON - 600_000);
  grant(end, 700_000);
  vi.advanceTimersByTime(LEASE_MS - 10);
  expect([end.write.rate, place?.lost]).toEqual([700_000, false]);
  vi.advanceTimersByTime(10);
  expect([end.write.rate, end.gate.bound, place?.lost]).toEqual([50_000, 0, true]);
  vi.advanceTimersByTime(RESERVE_MS);
  expect([end.write.rate, end.gate.bound]).toEqual([0, 0]);
  grant(end, 700_000);
  expect([end.write.rate, end.gate.bound]).toEqual([700_000, 2]);
});

test("each answer gives it another while", () => {
  const end = new LimitedEnd("a", () => undefined);
  end.gate.tryEnter({ owner: {}, sizeBytes: 1, signal: new AbortController().signal });
  end.learn(limits, NOON - 600_000);
  for (let second = 0; second < 20; second += 1) {
    grant(end, 500_000);
    vi.advanceTimersByTime(1_000);
  }
  expect(end.write.rate).toBe(500_000);
});

test("windows are read by the database's clock", () => {
  const end = new LimitedEnd("a", () => undefined);
  end.gate.tryEnter({ owner: {}, sizeBytes: 1, signal: new AbortController().signal });
  end.learn(limits, NOON - 2_000);
  expect(grant(end, 500_000, NOON - 2_000).limits.writeBytesPerSecond).toBe(1_000_000);
  vi.advanceTimersByTime(2_000);
  expect(grant(end, 500_000, NOON).limits.writeBytesPerSecond).toBeNull();
  expect(end.write.rate).toBe(Number.POSITIVE_INFINITY);
});

test("who has had nothing to do for a while gives its share back", () => {
  const end = new LimitedEnd("a", () => undefined);
  end.learn(limits, NOON - 600_000);
  end.gate.tryEnter({ owner: {}, sizeBytes: 1, signal: new AbortController().signal });
  end.gate.setBound(2);
  const place = end.gate.tryEnter({ owner: {}, sizeBytes: 1, signal: new AbortController().signal });
  grant(end, 500_000);
  place?.leave();
  expect(end.request(ME).wish).not.toBeNull();
  vi.advanceTimersByTime(3_000);
  expect(end.request(ME).wish).toBeNull();
});
