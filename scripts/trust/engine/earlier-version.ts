import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../root.ts";
import type { Trust } from "../trust-case.ts";

const INSTALL_WITHIN_MS = 120_000;

/** Another commit of this project in a folder of its own, with the packages of this one, and those that this one no longer has. */
export interface EarlierVersion {
  readonly commit: string;
  readonly folder: string;
  /** Migrations that were written after it. */
  readonly migrationsSince: number;
}

const git = (...args: string[]) =>
  execFileSync("git", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).trim();

/**
 * Checks out the version that ran before the last `migrations` migrations came: what may still run beside this one.
 * @throws where the history is missing
 */
export function checkOutBefore(trust: Trust, migrations: number): EarlierVersion {
  const changes = git(
    "log",
    "--diff-filter=A",
    "--format=%H",
    "--",
    "drizzle/*.sql",
    "drizzle/*/migration.sql",
  )
    .split("\n")
    .filter(Boolean);
  const newest = changes[Math.min(migrations, changes.length - 1) - 1];
  if (newest === undefined) {
    throw new Error("the history of this project is not here: FE10 needs a clone that has it");
  }
  const commit = git("rev-parse", `${newest}^`);
  const outer = mkdtempSync(join(tmpdir(), "lockstep-trust-earlier-"));
  trust.cleanup(() => rmSync(outer, { recursive: true, force: true }));
  const folder = join(outer, "version");
  mkdirSync(folder);
  const archive = execFileSync("git", ["archive", commit, "lib", "drizzle", "messages", "package.json"], {
    cwd: ROOT,
    maxBuffer: 256 * 1024 * 1024,
  });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  installGone(folder, outer);
  return { commit: commit.slice(0, 7), folder, migrationsSince: Math.min(migrations, changes.length - 1) };
}

/** Packages that it was written with and that this version does without, one floor above: there they are looked for last. */
function installGone(folder: string, outer: string): void {
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const gone = Object.entries(dependencies).filter(([name]) => !existsSync(join(ROOT, "node_modules", name)));
  if (gone.length > 0) {
    const packages = gone.map(([name, version]) => `${name}@${version}`);
    execFileSync("npm", ["install", "--no-save", "--no-package-lock", "--ignore-scripts", ...packages], {
      cwd: outer,
      timeout: INSTALL_WITHIN_MS,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
}
