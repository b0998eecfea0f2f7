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
      const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
    }
    return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)]).toString()) * 1024;
  } catch {
    return undefined;
  }
}
