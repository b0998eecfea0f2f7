import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { ROOT } from "../root.ts";

/** One tool that has to succeed. */
export interface Step {
  readonly name: string;
  /** Arguments of the project's Node: the tool's own script first. */
  readonly args: readonly string[];
  readonly withinMs: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Show the output while it runs; otherwise only when it fails. */
  readonly live?: boolean;
}

export interface StepResult {
  readonly name: string;
  /** Null: killed, because it took too long or by somebody else. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly seconds: number;
}

export const BIN = {
  biome: join(ROOT, "node_modules/@biomejs/biome/bin/biome"),
  tsc: join(ROOT, "node_modules/typescript/bin/tsc"),
  next: join(ROOT, "node_modules/next/dist/bin/next"),
  depcruise: join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs"),
  knip: join(ROOT, "node_modules/knip/bin/knip.js"),
  vitest: join(ROOT, "node_modules/vitest/vitest.mjs"),
  playwright: join(ROOT, "node_modules/@playwright/test/cli.js"),
};

export function runStep({ name, args, withinMs, env = {}, live = false }: Step): Promise<StepResult> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    // A group of its own, so that a step that hangs ends with everything it started.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`,
      NEXT_TELEMETRY_DISABLED: "1",
      ...env,
    },
  });
  let output = "";
  const collect = (chunk: Buffer) => {
    output += chunk;
    if (live) {
      process.stdout.write(chunk);
    }
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const endGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? Number.NaN), signal);
    } catch {
      // It has ended.
    }
  };
  const interrupt = () => endGroup("SIGTERM");
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const timer = setTimeout(() => {
    output += `\n${name} took longer than ${withinMs / 1000} s and was ended.\n`;
    endGroup("SIGTERM");
    setTimeout(() => endGroup("SIGKILL"), 5_000).unref();
  }, withinMs);
  return new Promise((done) => {
    const finish = (exitCode: number | null) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      endGroup("SIGKILL");
      done({ name, exitCode, output, seconds: (performance.now() - startedAt) / 1000 });
    };
    child.once("error", (error) => {
      output += error.message;
      finish(null);
    });
    child.once("close", (code) => finish(code));
  });
}

/** Says how a step went; its output only when that helps. */
export function printResult({ name, exitCode, output, seconds }: StepResult, live = false): void {
  const passed = exitCode === 0;
  console.log(`${passed ? "ok    " : "FAILED"} ${name.padEnd(12)} ${seconds.toFixed(1)} s`);
  if (!passed && !live) {
    console.log(output.trimEnd().replace(/^/gm, "    "));
  }
}

/** Runs steps, at most `width` at a time, in their order; prints each as it ends. */
export async function runSteps(steps: readonly Step[], width: number): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const waiting = [...steps];
  const work = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const result = await runStep(step);
      printResult(result, step.live);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
