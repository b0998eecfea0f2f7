import "./environment.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { printError } from "../print.ts";
import { ROOT } from "../root.ts";
import { onStopSignal } from "../signals.ts";
import { withDatabase } from "../test/database.ts";
import { provideTools } from "../test/tools.ts";
import { type Outcome, runCase } from "./run-case.ts";
import { SECTIONS } from "./sections.ts";
import type { TrustCase } from "./trust-case.ts";

interface Order {
  readonly section: string;
  readonly cases: readonly TrustCase[];
  readonly full: boolean;
  readonly seed: number;
}

/** @returns the exit code: 0 only if every case meets its target, 2 for arguments that make no sense */
export async function runTrust(args: readonly string[]): Promise<number> {
  const order = readOrder(args);
  if (typeof order === "string") {
    console.error(order);
    return 2;
  }
  const missing = provideTools(["integration"]);
  if (missing.length > 0) {
    console.error(`tools: missing and needed (names of Debian packages): ${missing.join(" ")}`);
    return 1;
  }
  onStopSignal(
    () => process.exit(130),
    () => process.exit(130),
  );
  try {
    return await withDatabase(async ({ TEST_DATABASE_URL }) => {
      process.env.TEST_DATABASE_URL = TEST_DATABASE_URL;
      return runSection(order);
    });
  } catch (error) {
    printError(error);
    return 1;
  }
}

/** What to run, or what is wrong with the arguments. */
function readOrder(args: readonly string[]): Order | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: "string" },
        seed: { type: "string" },
        small: { type: "boolean", default: false },
      },
    });
    const section = positionals[0] ?? "";
    const all = SECTIONS[section];
    if (!all || positionals.length > 1) {
      return `Which section? One of ${Object.keys(SECTIONS).join(", ")}.`;
    }
    const only = values.only?.split(",");
    const unknown = only?.filter((id) => !all.some((each) => each.id === id)) ?? [];
    if (unknown.length > 0) {
      return `There is no case ${unknown.join(", ")}. Cases: ${all.map(({ id }) => id).join(" ")}`;
    }
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    if (!Number.isSafeInteger(seed)) {
      return "--seed is a whole number.";
    }
    return {
      section,
      cases: all.filter(({ id }) => !only || only.includes(id)),
      full: !values.small,
      seed,
    };
  } catch (error) {
    return (error as Error).message;
  }
}

async function runSection({ section, cases, full, seed }: Order): Promise<number> {
  console.log(`trust ${section}: ${cases.length} cases, seed ${seed}${full ? "" : ", small"}`);
  const outcomes: Outcome[] = [];
  for (const each of cases) {
    console.log(`— ${each.id} ${each.title}`);
    const outcome = await runCase(each, { full, seed, onStep: (text) => console.log(`       ${text}`) });
    outcomes.push(outcome);
    const verdict = outcome.met ? "ok    " : "MISSED";
    console.log(`${verdict} ${each.id}: ${outcome.figure} (${outcome.seconds.toFixed(0)} s, ${load()})`);
    if (outcome.error !== undefined) {
      console.error(outcome.error);
    }
  }
  const met = outcomes.filter((outcome) => outcome.met).length;
  const conditions = `seed ${seed}, ${full ? "full" : "small"} size, ${availableParallelism()} processors, ${load()}`;
  mkdirSync(join(ROOT, "reports"), { recursive: true });
  writeFileSync(join(ROOT, `reports/trust-${section}.md`), table(section, outcomes, conditions));
  console.log(`${met}/${outcomes.length}`);
  return met === outcomes.length ? 0 : 1;
}

/** A machine that is busy with something else is slower. */
function load(): string {
  return `load ${loadavg()[0]?.toFixed(1)}`;
}

function table(section: string, outcomes: readonly Outcome[], conditions: string): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const rows = outcomes.map(
    ({ id, title, met, figure, seconds }) =>
      `| ${id} | ${cell(title)} | ${met ? "met" : "**missed**"} | ${cell(figure)} | ${seconds.toFixed(0)} s |`,
  );
  const met = outcomes.filter((outcome) => outcome.met).length;
  return [
    `# Trust: ${section}, ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    "",
    `${conditions}.`,
    "",
    "| case | what | target | figure | took |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    `${met}/${outcomes.length}`,
    "",
  ].join("\n");
}
