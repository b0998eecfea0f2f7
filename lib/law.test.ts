import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = dirname(import.meta.dirname);
const ROOMS = ["lib", "app", "components"] as const;
/** Planted files live in folders of this name. */
const PLANT = "planted";
/** A copy of the house to plant in: in the house itself whoever else looks at it would find what is planted. */
let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "lockstep-law-"));
  for (const path of [
    ...ROOMS,
    "messages",
    "drizzle",
    ".dependency-cruiser.cjs",
    "package.json",
    "tsconfig.json",
  ]) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Cruise {
  summary: { totalCruised: number; violations: { rule: { name: string }; from: string; to: string }[] };
}

function cruise(house: string, ...options: string[]): Cruise["summary"] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs"),
      "--output-type",
      "json",
      ...options,
      ...ROOMS,
    ],
    { cwd: house, encoding: "utf8", maxBuffer: 256 * 2 ** 20 },
  );
  try {
    return (JSON.parse(stdout) as Cruise).summary;
  } catch {
    throw new Error(`dependency-cruiser said: ${stderr || stdout}`);
  }
}

function plant(folder: string, source: string, name = "planted.ts"): string {
  const path = join(folder, PLANT, name);
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), source);
  return path;
}

describe("the import law", () => {
  test("holds, and every TypeScript file of lib, app and components was looked at", () => {
    const files = execFileSync(
      "git",
      ["ls-files", "lib/*.ts", "app/*.ts", "app/*.tsx", "components/*.ts", "components/*.tsx"],
      {
        cwd: ROOT,
        encoding: "utf8",
      },
    );
    const { totalCruised, violations } = cruise(ROOT);
    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    expect(files.trim().split("\n").length).toBeGreaterThan(50);
    expect(totalCruised).toBeGreaterThanOrEqual(files.trim().split("\n").length);
  }, 60_000);

  test("bites: each planted violation is found under its rule", () => {
    const cases = [
      ["lib/registry", 'import { z } from "zod";\nexport const a = z;', "law-lib-registry"],
      ["lib/pattern", 'import "node:fs";', "law-lib-pattern"],
      [
        "lib/schemas",
        'import { database } from "../../db/client.ts";\nexport const a = database;',
        "law-lib-schemas",
      ],
      [
        "lib/sync",
        'import { database } from "../../db/client.ts";\nexport const a = database;',
        "law-lib-sync",
      ],
      ["lib/db", 'import { notFound } from "next/navigation";\nexport const a = notFound;', "law-lib-db"],
      [
        "lib/queue",
        'import { createRegistry } from "../../registry/remote-registry.ts";\nexport const a = createRegistry;',
        "law-lib-queue",
      ],
      ["lib/jobs", 'import { useState } from "react";\nexport const a = useState;', "law-lib-jobs"],
      [
        "lib/data",
        'import type { Registry } from "../../registry/repository.ts";\nexport type A = Registry;',
        "law-lib-data",
      ],
      [
        "lib/cli",
        'import { database } from "../../db/client.ts";\nexport const a = database;',
        "law-lib-cli",
      ],
      [
        "components",
        'import { database } from "../../lib/db/client.ts";\nexport const a = database;',
        "law-components",
      ],
      ["app", 'import { database } from "../../lib/db/client.ts";\nexport const a = database;', "law-app"],
      [
        "lib/queue",
        'import { x } from "./nowhere.ts";\nexport const a = x;',
        "not-resolvable",
        "unresolvable.ts",
      ],
      [
        "lib/data",
        'import { testDatabase } from "../../testing/database.ts";\nexport const a = testDatabase;',
        "testing-is-not-product",
        "testing.ts",
      ],
      ["lib/format", 'import { b } from "./cycle-b.ts";\nexport const a = b;', "no-cycles", "cycle-a.ts"],
    ] as const;
    const wanted = cases.map(([folder, source, rule, name]) => `${rule}: ${plant(folder, source, name)}`);
    plant("lib/format", 'import { a } from "./cycle-a.ts";\nexport const b = a;', "cycle-b.ts");
    const { violations } = cruise(copy, "--preserve-symlinks");
    const found = new Set(violations.map(({ rule, from }) => `${rule.name}: ${from}`));
    expect(wanted.filter((violation) => !found.has(violation))).toEqual([]);
    // In the copy, too, nothing else breaks the law: it is planted sources that were found, not a copy that does not resolve.
    expect([...found].filter((violation) => !violation.includes(`/${PLANT}/`))).toEqual([]);
  }, 60_000);
});
