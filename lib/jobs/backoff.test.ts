import { expect, test } from "vitest";
import { RegistryError } from "../registry/errors.ts";
import { CopyError } from "../sync/errors.ts";
import { backoffMs, waitAfter } from "./backoff.ts";
import { isDatabaseAway } from "./transient.ts";

test("waits grow from 3 s to a minute and are never longer, nor shorter than three quarters", () => {
  const longest = [1, 2, 3, 4, 5].map((failures) => backoffMs(failures, () => 0));
  expect(longest).toEqual([3_000, 12_000, 48_000, 60_000, 60_000]);
  expect(backoffMs(1, () => 1)).toBe(2_250);
  expect(backoffMs(0, () => 0)).toBe(3_000);
});

test("a database that is away is told from a wrong statement", () => {
  const wrapped = (code: string) =>
    new Error("Failed query", { cause: Object.assign(new Error("said the server"), { code }) });
  expect(isDatabaseAway(wrapped("57P01"))).toBe(true);
  expect(isDatabaseAway(wrapped("40P01"))).toBe(true);
  expect(isDatabaseAway(wrapped("53100"))).toBe(true);
  expect(isDatabaseAway(wrapped("23505"))).toBe(false);
  expect(isDatabaseAway(wrapped("42P01"))).toBe(false);
  const refused = Object.assign(new Error("connect ECONNREFUSED"), {
    code: "ECONNREFUSED",
    syscall: "connect",
  });
  expect(isDatabaseAway(new Error("Failed query", { cause: refused }))).toBe(true);
  expect(isDatabaseAway(refused)).toBe(true);
  expect(isDatabaseAway(new Error("Connection terminated unexpectedly"))).toBe(true);
  const unusable = new Error("Client has encountered a connection error and is not queryable");
  expect(isDatabaseAway(new Error("Failed query: rollback", { cause: unusable }))).toBe(true);
  expect(isDatabaseAway(new TypeError("a fault of ours"))).toBe(false);
});

test("a registry that limits gets the time that it asked for, and is named as the reason", () => {
  const refused = (status: number, retryAfterMs?: number) =>
    new RegistryError({
      ...{ code: "UNKNOWN", status, method: "GET", url: "https://x/", detail: "", retryAfterMs },
    });
  expect(waitAfter(refused(429, 90_000), 1)).toEqual({ delayMs: 90_000, reason: "rate-limit" });
  const wrapped = new CopyError("fetch-blob", "source", undefined, refused(429, 90_000));
  expect(waitAfter(wrapped, 1)).toEqual({ delayMs: 90_000, reason: "rate-limit" });
  expect(waitAfter(refused(429), 1)).toMatchObject({ reason: "rate-limit" });
  expect(waitAfter(refused(429, 1), 1).delayMs).toBeGreaterThanOrEqual(2_250);
  expect(waitAfter(refused(503, 90_000), 1).reason).toBe("backoff");
  expect(waitAfter(new Error("of ours"), 1).reason).toBe("backoff");
});
