import { join } from "node:path";
import { ROOT } from "../root.ts";
import { BIN, type Step } from "./step.ts";

const MINUTE_MS = 60_000;

/** Next writes the types that the compiler needs (next-env.d.ts, routes) when it builds; before a first build they are made here. */
export const TYPEGEN: Step = { name: "typegen", args: [BIN.next, "typegen"], withinMs: MINUTE_MS };

export const STATIC_STEPS: readonly Step[] = [
  { name: "types", args: [BIN.tsc, "--noEmit"], withinMs: 2 * MINUTE_MS },
  {
    name: "lint",
    args: [BIN.biome, "check", "--diagnostic-level=warn", "--error-on-warnings"],
    withinMs: MINUTE_MS,
  },
  {
    name: "law",
    args: [BIN.depcruise, "--output-type", "err", "lib", "app", "components"],
    withinMs: MINUTE_MS,
  },
  { name: "unused", args: [BIN.knip, "--no-progress"], withinMs: MINUTE_MS },
  { name: "lock", args: [join(ROOT, "scripts/check-lock.mjs")], withinMs: MINUTE_MS },
];

export function reportPath(part: string): string {
  return join(ROOT, "reports", `${part}.json`);
}

export const UNIT: Step = vitest("unit", 6 * MINUTE_MS);
export const INTEGRATION: Step = { ...vitest("integration", 25 * MINUTE_MS), live: true };
export const E2E: Step = {
  name: "e2e",
  args: [BIN.playwright, "test"],
  withinMs: 25 * MINUTE_MS,
  live: true,
};

function vitest(project: string, withinMs: number): Step {
  return {
    name: project,
    args: [
      BIN.vitest,
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportPath(project)}`,
    ],
    withinMs,
  };
}
