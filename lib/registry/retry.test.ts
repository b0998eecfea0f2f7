import { expect, test } from "vitest";
import { RegistryError, TransportError } from "./errors.ts";
import { PATIENCE } from "./patience.ts";
import { backoffMs, isRetryable, PATIENT_RETRIES, retryAfterMs, Waits } from "./retry.ts";

test("Retry-After is seconds or a date, and nobody waits for hours", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  expect(retryAfterMs("3", now)).toBe(3000);
  expect(retryAfterMs(" 0 ", now)).toBe(0);
  expect(retryAfterMs("Thu, 01 Jan 2026 12:00:07 GMT", now)).toBe(7000);
  expect(retryAfterMs("Thu, 01 Jan 2026 11:00:00 GMT", now)).toBe(0);
  expect(retryAfterMs("36000", now)).toBe(PATIENCE.retryAfterMostMs);
  expect(retryAfterMs("soon", now)).toBeUndefined();
  expect(retryAfterMs(undefined, now)).toBeUndefined();
});

test("the pauses double, are bounded, and differ between callers", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map((retry) => backoffMs(retry, 1))).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000,
  ]);
  expect(backoffMs(3, 0)).toBe(1000);
  const least = Array.from({ length: PATIENT_RETRIES }, (_, n) => backoffMs(n + 1, 0));
  expect(least.reduce((sum, ms) => sum + ms)).toBeGreaterThan(65_000);
});

test("only what may get better is asked again", () => {
  const answered = (status: number, detail = "") =>
    new RegistryError({ code: "UNKNOWN", status, method: "GET", url: "https://x/", detail });
  expect([408, 425, 429, 500, 502, 503, 504].every((status) => isRetryable(answered(status)))).toBe(true);
  expect([400, 401, 403, 404, 405, 409, 413, 416, 501].some((status) => isRetryable(answered(status)))).toBe(
    false,
  );
  expect(isRetryable(answered(500, "write /data: no space left on device"))).toBe(false);
  const failed = (code: TransportError["code"]) =>
    new TransportError(code, { method: "GET", url: "https://x/" }, "");
  expect((["CONNECTION", "TIMEOUT", "DNS"] as const).every((code) => isRetryable(failed(code)))).toBe(true);
  expect(
    (["TLS", "EGRESS_DENIED", "REDIRECT_REFUSED"] as const).some((code) => isRetryable(failed(code))),
  ).toBe(false);
  expect(isRetryable(new TypeError())).toBe(false);
});

test("of several waits the longest is told, and the end when all are over", async () => {
  const told: (string | null)[] = [];
  const waits = new Waits((wait) => told.push(wait?.reason ?? null));
  await Promise.all([waits.pause(30, "backoff", undefined), waits.pause(60, "rate-limit", undefined)]);
  expect(told).toEqual(["backoff", "rate-limit", null]);
});

test("a registry that is closed for a while is closed for everybody, and the wait can be given up", async () => {
  const waits = new Waits(undefined);
  waits.closeFor(80);
  const started = performance.now();
  await waits.opening(undefined);
  expect(performance.now() - started).toBeGreaterThanOrEqual(75);
  waits.closeFor(60_000);
  await expect(waits.opening(AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
});
