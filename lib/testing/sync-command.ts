import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { watchPeakMemory } from "./peak-memory.ts";

/** The last line that `npm run sync -- --json` prints. */
export interface SyncSummary {
  repositories: number;
  copied: number;
  upToDate: number;
  skipped: number;
  failed: number;
  /** Signatures, attestations and SBOMs that came along. */
  referrers: number;
  /** With `--verify` alone. */
  verified?: {
    tags: number;
    manifests: number;
    blobs: number;
    bytesRead: number;
    findings: number;
    repaired: number;
  };
  bytesCopied: number;
  bytesMounted: number;
  bytesSkipped: number;
  requests: { source: number; target: number };
  durationMs: number;
}

export interface SyncRun {
  exitCode: number;
  /** Undefined when it ended before there was one. */
  summary: SyncSummary | undefined;
  stdout: string;
  stderr: string;
  peakBytes: number;
}

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");

/** Where nothing can be kept: ports come back, and what a run remembers is not to change what another test counts. */
const NO_CACHE = "/dev/null";

/**
 * Runs the command line client in a process of its own, as a person does, with `--json`.
 * @param options.env `XDG_CACHE_HOME`: where it is to remember something
 */
export function runSync(
  parameters: readonly string[],
  options: { env?: Record<string, string>; timeoutMs?: number } = {},
): Promise<SyncRun> {
  const timeoutMs = options.timeoutMs ?? 120_000;
  const child = spawn(NODE, ["lib/cli/sync.ts", ...parameters, "--json"], {
    cwd: ROOT,
    env: { ...process.env, XDG_CACHE_HOME: NO_CACHE, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return collect(child, timeoutMs);
}

function collect(child: ChildProcess, timeoutMs: number): Promise<SyncRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    const memory = child.pid === undefined ? undefined : watchPeakMemory(child.pid);
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the command did not end within ${timeoutMs} ms: ${stderr}`));
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      memory?.stop();
      const peakBytes = memory?.peakBytes() ?? 0;
      resolve({ exitCode: code ?? -1, summary: summaryOf(stdout), stdout, stderr, peakBytes });
    });
  });
}

function summaryOf(stdout: string): SyncSummary | undefined {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return last.startsWith("{") ? (JSON.parse(last) as SyncSummary) : undefined;
}
