import { startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { type Finding, median } from "../../budgets/budget.ts";
import { few } from "../engine/content.ts";
import { openSlowLink } from "../engine/slow-link.ts";
import { fillSource, type Source } from "../engine/source.ts";
import { FAR_ONE_WAY_MS } from "../engine/workload.ts";
import type { Section } from "../results.ts";
import { FAR_MACHINE } from "./far-machine.ts";
import { type Stage, withStage } from "./stage.ts";
import { prepareWarmUp, type WarmUp } from "./warm-up.ts";

interface Order {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

type Times = Record<"one" | "two", number>;

/** W5 ten times as large, both registries 100 ms away: one worker of a default installation, and two. */
export async function twoWorkers({ rounds, seed, say }: Order): Promise<Section> {
  const source = await fillSource(few(seed, 10), FAR_MACHINE);
  const warmUp = await prepareWarmUp(seed, FAR_MACHINE);
  try {
    return await withStage(async (stage) => {
      const times: Times[] = [];
      for (let round = 1; round <= rounds; round++) {
        const seconds: Times = { one: 0, two: 0 };
        for (const crew of round % 2 === 1 ? (["one", "two"] as const) : (["two", "one"] as const)) {
          seconds[crew] = await timeOf(crew, { stage, source, warmUp });
          say(`workers round ${round} ${crew}: ${seconds[crew].toFixed(2)} s`);
        }
        times.push(seconds);
      }
      return sectionOf(times, { rounds, seed });
    });
  } finally {
    await warmUp.stop();
    await source.registry.stop();
  }
}

interface Surroundings {
  readonly stage: Stage;
  readonly source: Source;
  readonly warmUp: WarmUp;
}

/** Those of the round before have met this work: every crew begins anew, and is warm before it does. @returns seconds */
async function timeOf(crew: keyof Times, { stage, source, warmUp }: Surroundings): Promise<number> {
  await stage.workers(0);
  await stage.workers(crew === "one" ? 1 : 2);
  await warmUp.run(stage);
  const target = await startDockerRegistry(FAR_MACHINE);
  const links = await Promise.all(
    [source.registry, target].map(({ host }) => openSlowLink(Number(host.split(":")[1]), FAR_ONE_WAY_MS)),
  );
  try {
    const [from, to] = links.map(({ host }) => host);
    return await stage.sync(from ?? "", to ?? "");
  } finally {
    await Promise.all(links.map((link) => link.close()));
    await target.stop();
  }
}

function sectionOf(times: readonly Times[], { rounds, seed }: Pick<Order, "rounds" | "seed">): Section {
  const goal: Finding = {
    budget: "two workers, times as fast as one",
    subject: "",
    figure: median(times.map(({ one, two }) => one / two)),
    limit: 1.8,
    unit: "",
    bound: "least",
  };
  return {
    id: "workers",
    title:
      "both registries 100 ms away, 30 repositories, 150 tags, 615 MB: one worker of a default installation, and two",
    lines: [
      "| round | one worker s | two workers s | times as fast |",
      "|---|---|---|---|",
      ...times.map(
        ({ one, two }, index) =>
          `| ${index + 1} | ${one.toFixed(2)} | ${two.toFixed(2)} | ${(one / two).toFixed(2)} |`,
      ),
      "",
      "Each crew is started anew and has carried out a few other, small tasks before. The registries, which share the processors with the workers, keep their content in memory where there is room, and collect their heaps seldom (GOGC=800, GOMAXPROCS=1).",
    ],
    findings: [goal],
    conditions: `\`npm run bench -- workers --rounds ${rounds} --seed ${seed}\``,
  };
}
