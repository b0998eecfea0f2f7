import { startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { type Finding, median } from "../../budgets/budget.ts";
import { type Contestant, contestants, OURS } from "../engine/contestant.ts";
import { measureCommand } from "../engine/measure-command.ts";
import type { Source } from "../engine/source.ts";
import { CONTENT } from "../engine/workload.ts";
import type { Section } from "../results.ts";
import { peakMib, type Stage, withStage } from "./stage.ts";
import { prepareWarmUp } from "./warm-up.ts";

interface Order {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

const WAYS = ["command", "queue"] as const;
type Way = (typeof WAYS)[number];

/** W1 as a person has it done: a task is triggered, a worker that waits takes its jobs from the queue. Beside it, the command. */
export async function throughQueue({ rounds, seed, say }: Order): Promise<Section> {
  const command = (await contestants()).find(({ name }) => name === OURS) as Contestant;
  const source = await CONTENT.apps(seed);
  const warmUp = await prepareWarmUp(seed);
  try {
    return await withStage(async (stage) => {
      const workers = await stage.workers(1);
      await warmUp.run(stage);
      // Uncounted, as before the first round of the tools (engine/rounds.ts): by the second one a worker of days has met this work.
      for (const way of WAYS) {
        await copyOnce({ way, command, stage, source });
      }
      const times: Record<Way, number>[] = [];
      for (let round = 1; round <= rounds; round++) {
        const seconds: Record<Way, number> = { command: 0, queue: 0 };
        for (const way of round % 2 === 1 ? WAYS : WAYS.toReversed()) {
          seconds[way] = await copyOnce({ way, command, stage, source });
          say(`queue round ${round} ${way}: ${seconds[way].toFixed(2)} s`);
        }
        times.push(seconds);
      }
      return sectionOf(times, peakMib(workers), { rounds, seed });
    });
  } finally {
    await warmUp.stop();
    await source.registry.stop();
  }
}

interface Copy {
  readonly way: Way;
  readonly command: Contestant;
  readonly stage: Stage;
  readonly source: Source;
}

/** Into an empty target. @returns seconds */
async function copyOnce({ way, command, stage, source }: Copy): Promise<number> {
  const target = await startDockerRegistry();
  try {
    const ends = { source: source.registry.host, target: target.host };
    return way === "queue"
      ? await stage.sync(ends.source, ends.target)
      : (await measureCommand(command.command({ ...ends, tags: source.tags }))).seconds;
  } finally {
    await target.stop();
  }
}

function sectionOf(
  times: readonly Record<Way, number>[],
  mib: number,
  { rounds, seed }: Pick<Order, "rounds" | "seed">,
): Section {
  const ratio = median(times.map(({ queue, command }) => queue / command));
  const goal: Finding = {
    budget: "W1 through console, queue and database ÷ the command",
    subject: "",
    figure: ratio,
    limit: 1.15,
    unit: "",
    bound: "most",
  };
  return {
    id: "queue",
    title: "W1 through trigger, queue, database and one worker of a default installation",
    lines: [
      "| round | command s | queue s | ratio |",
      "|---|---|---|---|",
      ...times.map(
        ({ command, queue }, index) =>
          `| ${index + 1} | ${command.toFixed(2)} | ${queue.toFixed(2)} | ${(queue / command).toFixed(2)} |`,
      ),
      "",
      `The worker has carried out a few other, small tasks before, and both have done this once, uncounted. The worker held ${mib.toFixed(0)} MiB at most.`,
    ],
    findings: [goal],
    conditions: `\`npm run bench -- queue --rounds ${rounds} --seed ${seed}\``,
  };
}
