import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** In a process of its own: the flags are those of the whole process. @returns sizes of the young generation, MiB */
const SCRIPT = `
  import { getHeapSpaceStatistics } from "node:v8";
  import { setTimeout as sleep } from "node:timers/promises";
  const [, module] = process.argv;
  if (module) {
    (await import(module)).boundYoungGeneration();
  }
  const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size / 2 ** 20;
  const kept = [];
  async function work() {
    for (let turn = 0; turn < 100; turn++) {
      for (let n = 0; n < 20_000; n++) {
        kept[(turn * 20_000 + n) % 1_000_000] = { pair: [turn, n] };
      }
      // Between two turns is heard of what was collected.
      await new Promise(setImmediate);
    }
    return size();
  }
  const worked = await work();
  // As it does by itself once a process has waited for a while.
  gc({ type: "major", flavor: "last-resort" });
  await sleep(50);
  console.log(JSON.stringify({ worked, waited: size(), workedAgain: await work() }));
`;

const module = new URL("young-generation.ts", import.meta.url).href;

function sizes(...parameters: string[]): { worked: number; waited: number; workedAgain: number } {
  // On every machine V8 may let it grow as far as it does on one with much memory.
  const room = "--max-semi-space-size=64";
  // All that is made here lives on: once V8 has seen that, it would put it among what is old, and the young generation would rest.
  const young = "--no-allocation-site-pretenuring";
  const flags = ["--expose-gc", room, young, "--input-type=module", "--eval", SCRIPT];
  return JSON.parse(execFileSync(process.execPath, [...flags, ...parameters], { encoding: "utf8" }));
}

test("the young generation grows to a bound, and does so again after V8 has taken it back", () => {
  const { worked, waited, workedAgain } = sizes(module);
  expect(worked).toBeGreaterThanOrEqual(8);
  expect(worked).toBeLessThanOrEqual(32);
  expect(waited).toBeLessThan(4);
  expect(workedAgain).toBeGreaterThanOrEqual(8);
  expect(workedAgain).toBeLessThanOrEqual(32);
  expect(sizes().worked, "nobody bounds it").toBeGreaterThan(32);
});
