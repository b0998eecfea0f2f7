import { runStep, runSteps } from "./step.ts";
import { STATIC_STEPS, TYPEGEN, UNIT } from "./steps.ts";

/** Everything that needs only Node, as fast as two cores allow. @returns the exit code */
export async function runCheck(): Promise<number> {
  const startedAt = performance.now();
  const typegen = await runStep(TYPEGEN);
  if (typegen.exitCode !== 0) {
    console.log(typegen.output);
  }
  const results = await runSteps([UNIT, ...STATIC_STEPS], 2);
  const failed = results.filter(({ exitCode }) => exitCode !== 0).map(({ name }) => name);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    failed.length === 0 ? `check passes (${seconds} s)` : `check fails: ${failed.join(", ")} (${seconds} s)`,
  );
  return failed.length === 0 ? 0 : 1;
}
