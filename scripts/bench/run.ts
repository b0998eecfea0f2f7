import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { printError } from "../print.ts";
import { onStopSignal } from "../signals.ts";
import { provideTools } from "../test/tools.ts";
import { type Contestant, contestants, OURS } from "./engine/contestant.ts";
import { findingsOf, rowsOf } from "./engine/outcome.ts";
import { runRounds } from "./engine/rounds.ts";
import type { Source } from "./engine/source.ts";
import { table } from "./engine/table.ts";
import { CONTENT, WORKLOADS, type Workload } from "./engine/workload.ts";
import { checkGoals } from "./goals.ts";
import { lastResults, printFindings, publish } from "./results.ts";
import { SECTIONS } from "./sections.ts";

/** With arguments of their own (scripts/bench.mjs). */
const ALONE: ReadonlySet<string> = new Set(["console", "seed"]);

interface Order {
  readonly workloads: readonly Workload[];
  /** Keys of SECTIONS. */
  readonly sections: readonly string[];
  readonly tools: readonly Contestant[];
  readonly rounds: number;
  readonly seed: number;
  readonly check: boolean;
  /** Against every peer: what is measured so is kept. */
  readonly whole: boolean;
}

/** @returns the exit code: with --check 1 where a goal is missed; 2 for arguments that make no sense */
export async function runBench(args: readonly string[]): Promise<number> {
  if (args.length === 1 && args[0] === "--check") {
    return printGoals();
  }
  const missing = provideTools(["integration"]);
  if (missing.length > 0) {
    console.error(`tools: missing and needed (names of Debian packages): ${missing.join(" ")}`);
    return 1;
  }
  const order = readOrder(args, await contestants());
  if (typeof order === "string") {
    console.error(order);
    return 2;
  }
  const folder = workFolder();
  onStopSignal(
    () => process.exit(130),
    () => process.exit(130),
  );
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  try {
    const met = [await runWorkloads(order), await runSections(order)].every(Boolean);
    return order.check && !met ? 1 : 0;
  } catch (error) {
    printError(error);
    return 1;
  }
}

/** Every goal with the figure that was found last: nothing is measured. @returns 1 where one is missed, or never was measured */
function printGoals(): number {
  const { lines, met } = checkGoals(lastResults());
  console.log(lines.join("\n"));
  return met ? 0 : 1;
}

/** What to run, or what is wrong with the arguments. */
function readOrder(args: readonly string[], all: readonly Contestant[]): Order | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: "string", default: "5" },
        seed: { type: "string", default: "1" },
        only: { type: "string" },
        check: { type: "boolean", default: false },
      },
    });
    const known = [...new Set(WORKLOADS.map(({ id }) => id.slice(0, 2))), ...Object.keys(SECTIONS)];
    const isWanted = (name: string) => positionals.length === 0 || positionals.includes(name);
    const unknown = positionals.filter((name) => !known.includes(name));
    const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
    const alone = unknown.find((name) => ALONE.has(name));
    if (alone) {
      return `${alone} is measured by itself: npm run bench -- ${alone}`;
    }
    if (unknown.length > 0) {
      return `There is no workload ${unknown.join(", ")}. Workloads: ${known.join(" ")} console`;
    }
    if (!Number.isSafeInteger(rounds) || rounds < 1 || !Number.isSafeInteger(seed)) {
      return "--rounds is a whole number from 1, --seed a whole number.";
    }
    const only = values.only?.split(",");
    return {
      workloads: WORKLOADS.filter(({ id }) => isWanted(id.slice(0, 2))),
      sections: Object.keys(SECTIONS).filter(isWanted),
      tools: all.filter(({ name }) => name === OURS || !only || only.includes(name)),
      rounds,
      seed,
      check: values.check,
      whole: !only,
    };
  } catch (error) {
    return (error as Error).message;
  }
}

/** @returns whether all goals are met */
async function runWorkloads({ workloads, rounds, seed, ...order }: Order): Promise<boolean> {
  let met = true;
  let last: { content: Workload["content"]; source: Source } | undefined;
  for (const workload of workloads) {
    const tools = order.tools.filter(
      ({ name }) => name === OURS || !(workload.alone || workload.without?.includes(name)),
    );
    console.log(`— ${workload.id} ${workload.title}: ${tools.map(({ name }) => name).join(", ")}`);
    if (last?.content !== workload.content) {
      await last?.source.registry.stop();
      last = { content: workload.content, source: await CONTENT[workload.content](seed) };
    }
    const { source } = last;
    const samples = await runRounds({
      workload,
      source,
      tools,
      rounds: workload.alone ? 1 : rounds,
      say: (line) => console.log(`       ${line}`),
    });
    const rows = rowsOf(workload, samples);
    const findings = findingsOf(workload, rows, source);
    const lines = table(rows);
    console.log(lines.join("\n"));
    met = printFindings(findings) && met;
    const command = `\`npm run bench -- ${workload.id.slice(0, 2)} --rounds ${rounds} --seed ${seed}\``;
    if (order.whole) {
      publish({ id: workload.id, title: workload.title, lines, findings, conditions: command });
    }
  }
  await last?.source.registry.stop();
  return met;
}

/** @returns whether all goals are met */
async function runSections({ sections, rounds, seed }: Order): Promise<boolean> {
  let met = true;
  for (const name of sections) {
    console.log(`— ${name}`);
    const section = await SECTIONS[name]?.({ rounds, seed, say: (line) => console.log(`       ${line}`) });
    if (section) {
      console.log(section.lines.join("\n"));
      met = printFindings(section.findings) && met;
      publish(section);
    }
  }
  return met;
}

/** Registries keep their content in memory where there is room for it: a disk would be measured else. Set for `tmpdir()`. */
function workFolder(): string {
  const SHM = "/dev/shm";
  const NEEDED_BYTES = 12 * 1024 ** 3;
  let parent = tmpdir();
  try {
    const { bavail, bsize } = statfsSync(SHM);
    parent = bavail * bsize > NEEDED_BYTES ? SHM : parent;
  } catch {
    // There is none: this is no Linux.
  }
  const folder = mkdtempSync(join(parent, "lockstep-bench-"));
  process.env.TMPDIR = folder;
  return folder;
}
