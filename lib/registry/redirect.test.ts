import { expect, test, vi } from "vitest";
import type { Answer } from "./exchange.ts";
import { redirectTarget } from "./redirect.ts";
import { ResponseBody } from "./response-body.ts";

function answer(url: string, location: string): { answer: Answer; abort: ReturnType<typeof vi.fn> } {
  const abort = vi.fn();
  const body = new ResponseBody({ pause() {}, resume() {}, abort }, () => {
    throw new Error("not slow");
  });
  return {
    abort,
    answer: {
      status: 307,
      headers: new Map([["location", location]]),
      url: new URL(url),
      body,
      elapsedMs: 1,
    },
  };
}

const HTTPS = "https://registry.example.com/v2/app/blobs/x";

test.each([
  ["from https down to http, on the same host", HTTPS, "http://registry.example.com/v2/app/blobs/x"],
  ["from https down to http, elsewhere", HTTPS, "http://cdn.example.net/x"],
  ["from https down to http, spelled with capitals", HTTPS, "HTTP://cdn.example.net/x"],
  ["to a file", HTTPS, "file:///etc/passwd"],
  ["to data", HTTPS, "data:text/plain,x"],
  ["to gopher", HTTPS, "gopher://cdn.example.net:6379/_x"],
  ["with a user name", HTTPS, "https://user@cdn.example.net/x"],
  ["with a name and a password", HTTPS, "//user:password@cdn.example.net/x"],
  ["to no address", HTTPS, "https://"],
])("%s: refused, and the answer given up", (_what, url, location) => {
  const { answer: given, abort } = answer(url, location);
  expect(() => redirectTarget("GET", given, 1)).toThrow(
    expect.objectContaining({ name: "TransportError", code: "REDIRECT_REFUSED" }),
  );
  expect(abort).toHaveBeenCalledOnce();
});

test.each([
  ["POST", 1],
  ["PUT", 1],
  ["PATCH", 1],
  ["DELETE", 1],
  ["GET", 6],
  ["HEAD", 6],
] as const)("%s, redirect %d: refused", (method, count) => {
  const { answer: given } = answer(HTTPS, "https://cdn.example.net/x");
  expect(() => redirectTarget(method, given, count)).toThrow(
    expect.objectContaining({ code: "REDIRECT_REFUSED" }),
  );
});

test.each([
  [HTTPS, "https://cdn.example.net/x?X-Signature=a%2Fb#part", "https://cdn.example.net/x?X-Signature=a%2Fb"],
  [HTTPS, "//cdn.example.net/x", "https://cdn.example.net/x"],
  [HTTPS, "../y", "https://registry.example.com/v2/app/y"],
  ["http://registry.example.com/x", "https://registry.example.com/x", "https://registry.example.com/x"],
  ["http://registry.example.com/x", "http://cdn.example.net/x", "http://cdn.example.net/x"],
])("%s → %s", (url, location, expected) => {
  expect(redirectTarget("GET", answer(url, location).answer, 5).href).toBe(expected);
});
