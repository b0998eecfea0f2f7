import { expect, test } from "vitest";
import { contentSecurityPolicy } from "./page-headers.ts";

const policy = contentSecurityPolicy({ nonce: "bm9uY2U=", development: false });
const directives = new Map(
  policy.split("; ").map((directive) => {
    const [name = "", ...sources] = directive.split(" ");
    return [name, sources] as const;
  }),
);

test("a script runs from our own files or by nonce, never because it stands in the page", () => {
  expect(directives.get("script-src")).toEqual(["'self'", "'nonce-bm9uY2U='"]);
});

test("a style element counts by nonce; only attributes are free", () => {
  expect(directives.get("style-src")).toEqual(["'self'", "'nonce-bm9uY2U='"]);
  expect(directives.get("style-src-attr")).toEqual(["'unsafe-inline'"]);
});

test("nothing is loaded from elsewhere, sent elsewhere, or framed", () => {
  expect(directives.get("default-src")).toEqual(["'none'"]);
  for (const name of ["frame-ancestors", "base-uri"]) {
    expect(directives.get(name), name).toEqual(["'none'"]);
  }
  for (const name of ["connect-src", "font-src", "form-action"]) {
    expect(directives.get(name), name).toEqual(["'self'"]);
  }
  expect(policy).not.toMatch(/\*|https?:|unsafe-eval/);
});

test("only while developing may code be evaluated", () => {
  expect(contentSecurityPolicy({ nonce: "x", development: true })).toContain("'unsafe-eval'");
});
