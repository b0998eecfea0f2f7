import { expect, test } from "vitest";
import { ApiError } from "../live/fetch-json.ts";
import { troubleOf } from "./system-trouble.ts";

const calm = { running: 0, bytesPerSecond: null, trouble: null };

test("what the last answer says is shown", () => {
  expect(troubleOf(undefined, null)).toBe(null);
  expect(troubleOf(calm, null)).toBe(null);
  expect(troubleOf({ ...calm, trouble: "no-workers" }, null)).toBe("no-workers");
});

test("a refusal outweighs the answer before it", () => {
  const refused = (reason: string) => new ApiError(503, { code: "UNAVAILABLE", reason });
  expect(troubleOf(calm, refused("database-away"))).toBe("away");
  expect(troubleOf(calm, refused("database-read-only"))).toBe("read-only");
  expect(troubleOf({ ...calm, trouble: "full" }, refused("database-full"))).toBe("full");
  const ended = new ApiError(401, { code: "UNAUTHENTICATED", reason: "unauthenticated" });
  expect(troubleOf(calm, ended)).toBe("signed-out");
});

test("a console that cannot be reached, or another refusal, is no news of the database", () => {
  expect(troubleOf({ ...calm, trouble: "read-only" }, new TypeError("Failed to fetch"))).toBe(null);
  expect(troubleOf(calm, new ApiError(403, { code: "FORBIDDEN", reason: "grant-missing" }))).toBe(null);
});
