import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { memoryOf } from "../../../lib/testing/peak-memory.ts";

export interface Command {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly env?: Record<string, string>;
}

/** What one run of a command cost. */
export interface Cost {
  /** From its start to its end. */
  readonly seconds: number;
  /** User and system time of the command and all that it waited for, as the kernel counts it. */
  readonly cpuSeconds: number;
  /** Most memory that one of its processes held (VmHWM). */
  readonly peakBytes: number;
}

/** Runs a command in a shell of its own, which tells at its end what its children have used. POSIX `times`. */
const SHELL = '"$@" 3>&-; status=$?; times >&3; exit $status';
const LOOK_EVERY_MS = 20;
const LAST_WORDS = 2_000;

/** @throws when it ends with anything but 0, with the end of what it said */
export function measureCommand({ program, parameters, env }: Command): Promise<Cost> {
  const startedMs = performance.now();
  const child = spawn("/bin/sh", ["-c", SHELL, "sh", program, ...parameters], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let said = "";
  let times = "";
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-LAST_WORDS);
    });
  }
  child.stdio[3]?.on("data", (text: Buffer) => {
    times += text.toString();
  });
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, ...below(child.pid ?? 0).map((pid) => memoryOf(pid) ?? 0));
  }, LOOK_EVERY_MS);
  let seconds = 0;
  child.once("exit", () => {
    seconds = (performance.now() - startedMs) / 1000;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(look);
      if (code === 0) {
        resolve({ seconds, cpuSeconds: childSeconds(times), peakBytes });
      } else {
        reject(new Error(`${program} ended with ${code}: ${said}`));
      }
    });
  });
}

/** The second line of `times`: user and system time of the children, `0m1.250000s 0m0.500000s`. */
function childSeconds(times: string): number {
  const line = times.trim().split("\n")[1] ?? "";
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

/** Every process below this one, itself left out. */
function below(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const pids = children === "" ? [] : children.split(" ").map(Number);
    return pids.flatMap((each) => [each, ...below(each)]);
  } catch {
    // It has ended, or this is no Linux.
    return [];
  }
}
