import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

describe("readConfig", () => {
  test("an empty environment gives the defaults", () => {
    const { dataDir, ...rest } = readConfig({ DATABASE_URL: "postgres://h/d", SECRET_KEY: "0".repeat(64) });
    expect(dataDir).toBe(join(process.cwd(), ".data"));
    expect(rest).toMatchObject({
      egressAllow: [],
      publicUrl: null,
      host: "127.0.0.1",
      port: 3000,
      logLevel: "info",
    });
  });

  test("a database and a key are asked for only by those who use them", () => {
    const config = readConfig({});
    expect(() => config.databaseUrl).toThrow(/DATABASE_URL is not set/);
    expect(() => config.secretKey).toThrow(/Neither SECRET_KEY nor SECRET_KEY_FILE/);
  });

  test("the secret key may be hexadecimal, base64, or a file of either", () => {
    const key = Buffer.alloc(32, 7);
    const file = join(mkdtempSync(join(tmpdir(), "config-")), "secret.key");
    writeFileSync(file, `${key.toString("base64")}\n`);
    for (const env of [
      { SECRET_KEY: key.toString("hex") },
      { SECRET_KEY: key.toString("base64") },
      { SECRET_KEY: key.toString("base64url") },
      { SECRET_KEY_FILE: file },
    ]) {
      expect(readConfig(env).secretKey).toEqual(key);
    }
  });

  test.each([
    ["a short key", { SECRET_KEY: "abc" }],
    ["a pass phrase", { SECRET_KEY: "correct horse battery staple, as they say" }],
    ["31 bytes", { SECRET_KEY: Buffer.alloc(31).toString("base64") }],
    ["a missing file", { SECRET_KEY_FILE: "/nonexistent/secret.key" }],
  ])("%s is refused", (_, env) => {
    expect(() => readConfig(env).secretKey).toThrow(ConfigError);
  });

  test.each([
    [{ PORT: "80a" }, /PORT/],
    [{ PORT: "65536" }, /PORT/],
    [{ WORKER_CONCURRENCY: "0" }, /WORKER_CONCURRENCY/],
    [{ PUBLIC_URL: "console.example" }, /PUBLIC_URL/],
    [{ LOG_LEVEL: "loud" }, /LOG_LEVEL/],
  ])("%o is refused by name", (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
  });

  test("EGRESS_ALLOW is a list", () => {
    expect(readConfig({ EGRESS_ALLOW: "127.0.0.0/8, ::1/128,," }).egressAllow).toEqual([
      "127.0.0.0/8",
      "::1/128",
    ]);
  });
});
