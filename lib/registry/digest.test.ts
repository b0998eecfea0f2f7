import { describe, expect, test } from "vitest";
import { isDigest, parseDigest } from "./digest.ts";

const hex = (length: number) => "0123456789abcdef".repeat(8).slice(0, length);

describe("a digest", () => {
  test.each([`sha256:${hex(64)}`, `sha512:${hex(128)}`])("is %s", (text) => {
    expect(parseDigest(text)).toEqual({ algorithm: text.slice(0, 6), encoded: text.slice(7) });
  });

  test.each([
    "",
    "sha256",
    "sha256:",
    `sha256:${hex(63)}`,
    `sha256:${hex(65)}`,
    `sha256:${hex(64).toUpperCase()}`,
    `sha512:${hex(64)}`,
    `md5:${hex(32)}`,
    `blake3:${hex(64)}`,
    "sha256:../../x",
    `sha256:${hex(60)}/../`,
    `sha256:${hex(64)}\n`,
    ` sha256:${hex(64)}`,
    `__proto__:${hex(64)}`,
    hex(64),
  ])("is not %j", (text) => {
    expect(isDigest(text)).toBe(false);
  });
});
