import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Watches how much memory a running process holds. On Linux the kernel keeps the high-water mark (VmHWM); elsewhere `ps` is
 * asked again and again, which may miss a short peak.
 */
export function watchPeakMemory(pid: number): { peakBytes(): number; stop(): void } {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, memoryOf(pid) ?? 0);
  };
  look();
  const timer = setInterval(look, 50);
  return { peakBytes: () => peak, stop: () => clearInterval(timer) };
}

/** The most that a process has held so far, bytes. Undefined when it is gone. */
export function memoryOf(pid: number): number | undefined {
  try {
    if (process.platform === "linux") {
      return kibibytes("VmHWM", pid);
    }
    return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)]).toString()) * 1024;
  } catch {
    return undefined;
  }
}

/** Watches what a process holds at the moment, from now on: its high-water mark may be of before. Linux; elsewhere as `memoryOf`. */
export function watchResidentMemory(pid: number): {
  firstBytes(): number;
  peakBytes(): number;
  stop(): void;
} {
  const first = residentOf(pid) ?? 0;
  let peak = first;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentOf(pid) ?? 0);
  }, 50);
  return { firstBytes: () => first, peakBytes: () => peak, stop: () => clearInterval(timer) };
}

function residentOf(pid: number): number | undefined {
  if (process.platform !== "linux") {
    return memoryOf(pid);
  }
  try {
    return kibibytes("VmRSS", pid);
  } catch {
    return undefined;
  }
}

function kibibytes(field: "VmHWM" | "VmRSS", pid: number): number | undefined {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, found] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(text) ?? [];
  return found === undefined ? undefined : Number(found) * 1024;
}
