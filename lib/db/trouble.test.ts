import { describe, expect, test } from "vitest";
import { databaseTrouble } from "./trouble.ts";

const withCode = (code: string, extra: object = {}) =>
  new Error("Failed query: select 1", { cause: Object.assign(new Error("of Postgres"), { code, ...extra }) });

describe("databaseTrouble", () => {
  test.each([
    ["57P01", "away"],
    ["57P03", "away"],
    ["08006", "away"],
    ["53300", "away"],
    ["25006", "read-only"],
    ["53100", "full"],
    ["23505", null],
    ["42703", null],
  ])("SQLSTATE %s: %s", (code, trouble) => {
    expect(databaseTrouble(withCode(code))).toBe(trouble);
  });

  test("a server that does not let us in", () => {
    expect(databaseTrouble(withCode("55000", { severity: "FATAL" }))).toBe("away");
    expect(databaseTrouble(withCode("55000", { severity: "ERROR" }))).toBe(null);
  });

  test("a server that is not there", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), {
      code: "ECONNREFUSED",
      syscall: "connect",
    });
    expect(databaseTrouble(refused)).toBe("away");
    expect(databaseTrouble(Object.assign(new AggregateError([refused]), { code: "ECONNREFUSED" }))).toBe(
      "away",
    );
    expect(databaseTrouble(withCode("ECONNREFUSED", { syscall: "connect" }))).toBe("away");
    expect(databaseTrouble(withCode("EPIPE", { syscall: "write" }))).toBe("away");
  });

  test.each([
    "Connection terminated unexpectedly",
    "Query read timeout",
    "timeout exceeded when trying to connect",
    "Connection terminated due to connection timeout",
  ])("a connection that broke: %s", (message) => {
    expect(databaseTrouble(new Error("Failed query", { cause: new Error(message) }))).toBe("away");
  });

  test("anything else is no trouble of the database", () => {
    expect(databaseTrouble(new Error("no such thing"))).toBe(null);
    expect(databaseTrouble("text")).toBe(null);
  });
});
