import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A real worker process. */
export interface WorkerProcess {
  readonly pid: number;
  /** Row of `workers`. */
  readonly workerId: string;
  /** Lines of its log so far. */
  lines(): Record<string, unknown>[];
  /** Sends a signal; SIGKILL, SIGSTOP and SIGCONT included. */
  signal(name: NodeJS.Signals): void;
  /** How it ended: exit code, or the signal that ended it. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGKILL, if it still runs. */
  end(): Promise<void>;
}

const WORKER = fileURLToPath(new URL("../jobs/worker.ts", import.meta.url));
const BASE_ENV = { EGRESS_ALLOW: "127.0.0.1/32", WORKER_CONCURRENCY: "4" };
const READY_TIMEOUT_MS = 90_000;

/**
 * Starts `lib/jobs/worker.ts`, of this version unless another `script` is named, and waits until it takes jobs.
 * @throws with its log when it does not
 */
export async function startWorkerProcess(
  env: Record<string, string>,
  script: string = WORKER,
): Promise<WorkerProcess> {
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: { ...BASE_ENV, PATH: process.env.PATH ?? "", ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test process that dies must not leave a worker behind.
  const reap = () => child.kill("SIGKILL");
  process.once("exit", reap);
  child.once("exit", () => process.removeListener("exit", reap));
  const lines: Record<string, unknown>[] = [];
  const ready = Promise.withResolvers<string>();
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      lines.push(line);
      if (line.msg === "the worker is ready") {
        ready.resolve(String(line.workerId));
      }
    });
  }
  const ended = once(child, "exit").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const told = () => `${lines.map((line) => JSON.stringify(line)).join("\n")}\n${errors}`;
  const timer = setTimeout(
    () => ready.reject(new Error(`the worker was not ready in time:\n${told()}`)),
    READY_TIMEOUT_MS,
  );
  ended.then(() => ready.reject(new Error(`the worker ended at once:\n${told()}`)));
  const workerId = await ready.promise.finally(() => clearTimeout(timer));
  return {
    pid: child.pid ?? 0,
    workerId,
    lines: () => [...lines],
    signal: (name) => void child.kill(name),
    ended,
    end: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
