import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Ids of live processes, this one left out, whose command line or environment holds `text`. */
export function processesWith(text: string): number[] {
  return process.platform === "linux" ? fromProc(text) : fromPs(text);
}

function fromProc(text: string): number[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((pid) => {
    try {
      const [state] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "");
      const told = ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8"));
      return pid !== process.pid && state !== "Z" && told.some((part) => part.includes(text));
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

function fromPs(text: string): number[] {
  const lines = execFileSync("ps", ["axeww", "-o", "pid=,command="]).toString().split("\n");
  return lines
    .filter((line) => line.includes(text))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid !== process.pid);
}
