import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readToken } from "./token.ts";

const URL_OF_TOKENS = new URL("https://registry.example.com/token");
const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => void vi.useRealTimers());

const read = (body: object) => readToken(Buffer.from(JSON.stringify(body)), URL_OF_TOKENS);

test.each([
  ["nothing said", {}, 60],
  ["five minutes", { expires_in: 300 }, 300],
  ["as text", { expires_in: "300" }, 300],
  ["no number", { expires_in: "soon" }, 60],
  ["less than nothing", { expires_in: -1 }, 60],
  ["issued long ago by a clock that is wrong", { expires_in: 300, issued_at: "2001-01-01T00:00:00Z" }, 300],
])("a token lives as long as it is said to, or for a minute: %s", (_what, body, seconds) => {
  const { value, renewAtMs } = read({ token: "t", ...body });
  expect(value).toBe("t");
  // Renewed while it lives, and not so early that short lives are all renewal.
  expect(renewAtMs).toBeLessThan(NOW + seconds * 1000);
  expect(renewAtMs).toBeGreaterThanOrEqual(NOW + seconds * 750);
});

test("either name will do, and `token` goes first", () => {
  expect(read({ access_token: "a" }).value).toBe("a");
  expect(read({ token: "t", access_token: "a" }).value).toBe("t");
  expect(read({ token: "", access_token: "a" }).value).toBe("a");
});
