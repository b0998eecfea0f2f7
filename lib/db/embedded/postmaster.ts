import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a running server writes into `postmaster.pid` of its cluster. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** Above the largest process id of any kernel: nobody has it. */
const NOBODYS_PID = 2 ** 22 + 1;
const PID_FILE = "postmaster.pid";

export function readPostmaster(cluster: string): Postmaster | null {
  try {
    const lines = readFileSync(join(cluster, PID_FILE), "utf8").split("\n");
    return { pid: Math.abs(Number.parseInt(lines[0] ?? "", 10)), port: Number.parseInt(lines[3] ?? "", 10) };
  } catch {
    return null;
  }
}

/** Whether a process is the live server of a cluster. One that has ended but was not reaped yet (zombie) still answers kill(pid, 0). */
export function serves(pid: number, cluster: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1) {
    return false;
  }
  try {
    if (process.platform === "linux") {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const [, state] = /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      return command.includes(cluster) && state !== "Z" && state !== "X";
    }
    const answer = execFileSync("ps", ["-o", "stat=,command=", "-p", String(pid)], {
      encoding: "utf8",
    }).trim();
    return answer.includes(`-D ${cluster} `) && !answer.startsWith("Z");
  } catch {
    return false;
  }
}

/**
 * After a crash the file names a process that is gone, or by now somebody else's; Postgres refuses to start while
 * that id answers. The file itself stays: Postgres reads from it whether old processes still hold the shared memory.
 */
export function disownPostmasterFile(cluster: string): void {
  const path = join(cluster, PID_FILE);
  writeFileSync(path, readFileSync(path, "utf8").replace(/^-?\d+/, String(NOBODYS_PID)));
}
