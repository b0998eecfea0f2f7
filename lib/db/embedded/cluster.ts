import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Account, canEnter, giveTo } from "./account.ts";
import { type Binaries, SYSTEM_FOLDER } from "./binaries.ts";

/** Nothing of our own environment reaches the server. */
export const SERVER_ENVIRONMENT = {
  PATH: "/usr/bin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
} as unknown as NodeJS.ProcessEnv;

export const SUPERUSER = "lockstep";

/** One database server's files, and what has to be remembered to use them again. */
export interface Cluster {
  readonly folder: string;
  readonly password: string;
  readonly port: number;
}

interface Remembered {
  /** Absolute: it may lie outside the data folder, and the data folder may be moved. */
  folder: string;
  port: number;
}

const MEMORY_FILE = "postgres.json";
const PASSWORD_FILE = "postgres.password";

/** Opens the cluster of a data folder; the first time it is made. Port 0 means: not chosen yet. */
export function openCluster(dataDir: string, account: Account | null, binaries: Binaries): Cluster {
  mkdirSync(dataDir, { recursive: true });
  const password = ownPassword(dataDir);
  const remembered = recall(dataDir);
  if (remembered) {
    const local = join(dataDir, basename(remembered.folder));
    const folder = existsSync(remembered.folder) ? remembered.folder : local;
    if (!existsSync(join(folder, "PG_VERSION"))) {
      throw new Error(
        `The database of ${dataDir} was at ${remembered.folder} and is not there. Bring it back, or start with an empty data folder.`,
      );
    }
    return { folder, password, port: remembered.port };
  }
  const folder = chooseFolder(dataDir, account);
  if (!existsSync(folder)) {
    initialize({ folder, account, binaries, password });
  }
  const cluster = { folder, password, port: 0 };
  rememberCluster(dataDir, cluster);
  return cluster;
}

/** Where and on which port the cluster lives, kept for the next start. */
export function rememberCluster(dataDir: string, { folder, port }: Cluster): void {
  writeWhole(join(dataDir, MEMORY_FILE), `${JSON.stringify({ folder, port } satisfies Remembered)}\n`, 0o644);
}

/** Where the cluster of a data folder is, if it has one. */
export function recallFolder(dataDir: string): string | null {
  return recall(dataDir)?.folder ?? null;
}

/** Deletes a data folder and its cluster, wherever that is. No server may run on it. */
export function deleteCluster(dataDir: string): void {
  const folder = recallFolder(dataDir);
  if (folder !== null) {
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(dataDir, { recursive: true, force: true });
}

function recall(dataDir: string): Remembered | null {
  const path = join(dataDir, MEMORY_FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Remembered) : null;
}

function ownPassword(dataDir: string): string {
  const path = join(dataDir, PASSWORD_FILE);
  if (!existsSync(path)) {
    writeWhole(path, `${randomBytes(24).toString("base64url")}\n`, 0o600);
  }
  return readFileSync(path, "utf8").trim();
}

/** Inside the data folder if the account gets there; else in a folder of its own that nothing of ours ever deletes unasked. */
function chooseFolder(dataDir: string, account: Account | null): string {
  if (!account || canEnter(account, dataDir)) {
    return join(dataDir, "postgres");
  }
  mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  return join(SYSTEM_FOLDER, `cluster-${randomBytes(6).toString("hex")}`);
}

interface Initialization {
  folder: string;
  account: Account | null;
  binaries: Binaries;
  password: string;
}

/** initdb into a folder of another name, renamed when whole: an interrupted first start leaves nothing that looks like a database. */
function initialize({ folder, account, binaries, password }: Initialization): void {
  const unfinished = `${folder}.new`;
  const passwordFile = `${folder}.initdb-password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  giveTo(account, unfinished);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(account, passwordFile);
  const asAccount = account ? { uid: account.uid, gid: account.gid } : {};
  const options = [
    ["--pgdata", unfinished],
    ["--username", SUPERUSER],
    ["--pwfile", passwordFile],
    ["--auth", "scram-sha-256"],
    ["--encoding", "UTF8"],
    // Sorted and folded alike on every machine, whatever its locales.
    ["--locale-provider", "builtin"],
    ["--builtin-locale", "C.UTF-8"],
    ["--locale", "C"],
  ];
  try {
    const { status, stderr, error } = spawnSync(
      binaries.initdb,
      options.map(([name, value]) => `${name}=${value}`),
      { ...asAccount, cwd: "/", encoding: "utf8", env: SERVER_ENVIRONMENT },
    );
    if (status !== 0) {
      throw new Error(`initdb failed: ${error?.message ?? stderr.trim()}`);
    }
    renameSync(unfinished, folder);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function writeWhole(path: string, text: string, mode: number): void {
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(unfinished, text, { mode });
  chmodSync(unfinished, mode);
  renameSync(unfinished, path);
}
