import { spawnSync } from "node:child_process";
import { chownSync, readFileSync } from "node:fs";

/** Postgres refuses to run as root: then it runs as one of these, the first that the system knows. */
const ACCOUNT_NAMES = ["postgres", "nobody"];

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server runs as, when it cannot run as ourselves; otherwise null. */
export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) {
    return null;
  }
  const known = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ACCOUNT_NAMES) {
    const [, , uid, gid] = known.find(([candidate]) => candidate === name) ?? [];
    if (uid && gid) {
      return { name, uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new Error(
    "Postgres does not run as root, and the system has no user postgres or nobody. Set DATABASE_URL.",
  );
}

/** Whether the account gets into a folder: a parent with mode 0700 is enough to keep it out. */
export function canEnter(account: Account | null, folder: string): boolean {
  const asAccount = account ? { uid: account.uid, gid: account.gid } : {};
  const { status } = spawnSync("/bin/sh", ["-c", 'cd -- "$1"', "sh", folder], {
    ...asAccount,
    cwd: "/",
    stdio: "ignore",
  });
  return status === 0;
}

/** Gives a file or folder to the account. */
export function giveTo(account: Account | null, path: string): void {
  if (account) {
    chownSync(path, account.uid, account.gid);
  }
}
