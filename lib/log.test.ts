import { spawn } from "node:child_process";
import { once } from "node:events";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { expect, test } from "vitest";
import { createLogger } from "./log.ts";

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger("info", { write: (line) => lines.push(line) }));
  return lines.join("");
}

test("secret fields are replaced at the top and below", () => {
  const text = logged((log) =>
    log.info(
      {
        password: "canary-1",
        headers: { authorization: "canary-2", cookie: "canary-3" },
        request: { headers: { authorization: "canary-4" }, body: { token: "canary-5" } },
        instance: "上海",
      },
      "connected",
    ),
  );
  expect(text).not.toMatch(/canary/);
  expect(text).toContain("上海");
  expect(text).toContain('"level":"info"');
});

test("the parameters of a failed statement stay out", () => {
  const error = new DrizzleQueryError(
    "insert into users values ($1)",
    ["canary-6"],
    new Error("duplicate key"),
  );
  const text = logged((log) => log.error({ err: error }, "query failed"));
  expect(text).not.toMatch(/canary/);
  expect(text).toContain("duplicate key");
  expect(text).toContain("log.test.ts");
});

test("credentials in a URL of a message stay out", () => {
  const text = logged((log) =>
    log.error({ err: new Error("cannot reach postgres://lockstep:canary-7@10.0.0.1/lockstep") }),
  );
  expect(text).not.toMatch(/canary/);
  expect(text).toContain("postgres://10.0.0.1/lockstep");
});

test("a row that Postgres repeats, and a connection that hangs on an error, stay out", () => {
  const error = Object.assign(new Error("null value in column"), {
    severity: "ERROR",
    code: "23502",
    detail: "Failing row contains (1, canary-8)",
    client: { connection: { password: "canary-9" } },
  });
  const text = logged((log) => log.error({ err: error }));
  expect(text).not.toMatch(/canary/);
  expect(text).toContain('"code":"23502"');
});

test("the secret at the end of an event address stays out", () => {
  const error = new Error("POST http://console/api/events/0190f5c2/lse_canary-10?x=1 failed");
  const text = logged((log) => log.error({ err: error }));
  expect(text).not.toMatch(/canary/);
  expect(text).toContain("/api/events/0190f5c2/[redacted]");
});

test("what a registry said is kept", () => {
  const error = Object.assign(new Error("DENIED"), { status: 403, detail: "requested access is denied" });
  expect(logged((log) => log.error({ err: error }))).toContain("requested access is denied");
});

test("a process whose output nobody reads any more still ends", async () => {
  const script = `import { log } from ${JSON.stringify(new URL("./log.ts", import.meta.url).href)};
    process.on("SIGTERM", () => { log.info("ending"); log.info("ended"); process.exit(7); });
    log.info("ready");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(child.stdout, "data");
    child.stdout.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.kill("SIGTERM");
    const [code] = await once(child, "exit", { signal: AbortSignal.timeout(10_000) });
    expect(code).toBe(7);
  } finally {
    child.kill("SIGKILL");
  }
});
