import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "../root.ts";

const RESTART_FIRST_MS = 500;
const RESTART_MAX_MS = 10_000;
/** A process that ran this long was healthy: the next crash starts with a short wait again. */
const HEALTHY_AFTER_MS = 30_000;

const LEASH = fileURLToPath(new URL("../leash.mjs", import.meta.url));

export interface ChildOptions {
  readonly name: string;
  /** Arguments of the project's Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Each line that the child prints, and what the supervisor has to say about it. */
  readonly onLine: (line: string) => void;
}

/** A process that is started again when it ends, until it is stopped. */
export interface Child {
  readonly pid: number | undefined;
  /** How often it ended by itself. */
  readonly crashes: number;
  /** SIGTERM, and SIGKILL when it is still there after `withinMs`. */
  stop(withinMs: number): Promise<void>;
}

export function superviseChild(options: ChildOptions): Child {
  let stopping = false;
  let running: ChildProcess | undefined;
  let crashes = 0;
  const wake = new AbortController();

  const keepRunning = async () => {
    let waitMs = RESTART_FIRST_MS;
    while (!stopping) {
      const startedAt = performance.now();
      running = start(options);
      const how = await end(running);
      running = undefined;
      if (stopping) {
        return;
      }
      crashes++;
      waitMs = performance.now() - startedAt > HEALTHY_AFTER_MS ? RESTART_FIRST_MS : waitMs;
      options.onLine(`ended (${how}); starting again in ${waitMs / 1000} s`);
      await sleep(waitMs, undefined, { signal: wake.signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, RESTART_MAX_MS);
    }
  };
  const over = keepRunning();

  return {
    get pid() {
      return running?.pid;
    },
    get crashes() {
      return crashes;
    },
    async stop(withinMs) {
      stopping = true;
      wake.abort();
      running?.kill("SIGTERM");
      const inTime = await Promise.race([over.then(() => true), sleep(withinMs, false, { ref: false })]);
      if (!inTime) {
        options.onLine(`still running after ${withinMs / 1000} s: killed`);
        killGroup(running);
      }
      await over;
    },
  };
}

/** In a session of its own: Ctrl-C reaches the supervisor only, which stops the processes in the right order. */
function start({ args, env, onLine }: ChildOptions): ChildProcess {
  const child = spawn(process.execPath, ["--import", LEASH, ...args], {
    cwd: ROOT,
    env: env as NodeJS.ProcessEnv,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  for (const output of [child.stdout, child.stderr]) {
    if (output) {
      createInterface({ input: output }).on("line", onLine);
    }
  }
  return child;
}

function end(child: ChildProcess): Promise<string> {
  return new Promise((done) => {
    child.once("error", (error) => done(error.message));
    child.once("exit", (code, signal) => done(signal ?? `exit code ${code}`));
  });
}

function killGroup(child: ChildProcess | undefined): void {
  if (child?.pid) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended in this moment.
    }
  }
}
