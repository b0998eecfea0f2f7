import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Something the person who started the command can mend; printed without a stack trace. */
export class StartError extends Error {
  override readonly name = "StartError";
}

const LOCK_FILE = "lock";
const SECRET_KEY_FILE = "secret.key";
const SECRET_KEY_BYTES = 32;

/**
 * Takes a data folder for this process; released by the returned function, or by dying.
 * @throws {StartError} when another process has it
 */
export function lockDataFolder(dataDir: string): () => void {
  const folder = resolve(dataDir);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, LOCK_FILE);
  const mine = identity(process.pid) ?? String(process.pid);
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
    const holder = readFileSync(path, "utf8");
    const pid = Number.parseInt(holder, 10);
    if (identity(pid) === holder) {
      throw new StartError(
        `The data folder ${folder} is in use by process ${pid}. Stop that one first, or set LOCKSTEP_DATA to another folder.`,
      );
    }
    rmSync(path, { force: true });
  }
}

/** A process id alone may be given out again: on Linux with the moment of its start. Undefined: no such process lives. */
function identity(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      const [state] = fields;
      return state === "Z" || state === "X" ? undefined : `${pid} ${fields[19]}`;
    }
    process.kill(pid, 0);
    return String(pid);
  } catch {
    return undefined;
  }
}

/** The file that holds the secret key; made when it is not there. */
export function secretKeyFile(dataDir: string): string {
  const path = join(resolve(dataDir), SECRET_KEY_FILE);
  if (!existsSync(path)) {
    writeFileSync(path, `${randomBytes(SECRET_KEY_BYTES).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  }
  return path;
}
