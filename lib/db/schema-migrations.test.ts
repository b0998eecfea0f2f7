import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

function generate(out: string): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      join(ROOT, "node_modules/drizzle-kit/bin.cjs"),
      "generate",
      "--dialect=postgresql",
      "--schema=./lib/db/schema/*.ts",
      // It puts "./" before whatever it is given.
      `--out=${relative(ROOT, out)}`,
    ],
    // drizzle-kit asks what was renamed when it cannot tell: without a terminal it fails instead of waiting.
    { cwd: ROOT, encoding: "utf8", timeout: 60_000 },
  );
  expect(status, stderr || stdout).toBe(0);
  return stdout;
}

test("the migrations make exactly the schema: nothing is left to generate", () => {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-migrations-"));
  try {
    const complete = join(folder, "complete");
    cpSync(join(ROOT, "drizzle"), complete, { recursive: true });
    const before = readdirSync(complete);
    expect(generate(complete)).toMatch(/No schema changes/);
    expect(readdirSync(complete)).toEqual(before);
    // The check bites: from nothing there is something to generate.
    const empty = join(folder, "empty");
    generate(empty);
    expect(readdirSync(empty).some((name) => name.endsWith(".sql"))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
