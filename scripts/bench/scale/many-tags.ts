import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forEachLimited } from "../../../lib/sync/limit.ts";
import { type RunningRegistry, startRegistry } from "../../../lib/testing/registry/server.ts";
import { Store } from "../../../lib/testing/registry/store.ts";
import { temporaryRegistry } from "../../../lib/testing/registry/temporary-registry.ts";
import { type Finding, median } from "../../budgets/budget.ts";
import { tags as tagsOf } from "../engine/content.ts";
import { type Contestant, contestants, OURS } from "../engine/contestant.ts";
import { type Cost, measureCommand } from "../engine/measure-command.ts";
import type { Section } from "../results.ts";

/** In one repository, ten of one image, as in W4. */
const SIZES = [1_000, 10_000, 100_000] as const;
const LARGEST = 100_000;
const TAGS_AN_IMAGE = 10;
const FILES_AT_ONCE = 64;
/** Short runs are told by the median of some. */
const RUNS: ReadonlyMap<number, number> = new Map([
  [1_000, 5],
  [10_000, 3],
]);

interface Run extends Cost {
  readonly requests: number;
}

interface Figures {
  readonly tags: number;
  /** Every tag is listed, resolved and looked for at the target; nothing is written. */
  readonly plan: Run;
  readonly copy: Run;
}

/** 100,000 tags between two registries of our own: what the plan and the whole cost, by tag, and how that grows. */
export async function manyTags(seed: number, say: (line: string) => void): Promise<Section> {
  const ours = (await contestants()).find(({ name }) => name === OURS) as Contestant;
  const figures: Figures[] = [];
  for (const tags of SIZES) {
    const found = await measureSize(ours, seed, tags);
    say(rowOf(found));
    figures.push(found);
  }
  return {
    id: "tags",
    title: "1,000, 10,000 and 100,000 tags in one repository, our own registry as both ends",
    lines: [
      "| tags | plan s | copy s | copy, ms a tag | CPU, ms a tag | requests a tag | peak MiB |",
      "|---|---|---|---|---|---|---|",
      ...figures.map(rowOf),
    ],
    findings: findingsOf(figures),
    conditions: `\`npm run bench -- tags --seed ${seed}\``,
  };
}

async function measureSize(ours: Contestant, seed: number, tags: number): Promise<Figures> {
  const dataDir = await mkdtemp(join(tmpdir(), "lockstep-many-"));
  await fill(dataDir, seed, tags);
  const source = await startRegistry({ dataDir });
  try {
    const plans: Run[] = [];
    const copies: Run[] = [];
    for (let run = 0; run < (RUNS.get(tags) ?? 1); run++) {
      const target = await temporaryRegistry();
      try {
        plans.push(await runOnce(ours, { source, target }, ["--dry-run"]));
        copies.push(await runOnce(ours, { source, target }, []));
      } finally {
        await target.stop();
      }
    }
    return { tags, plan: middle(plans), copy: middle(copies) };
  } finally {
    await source.stop();
  }
}

type Ends = Record<"source" | "target", Pick<RunningRegistry, "host" | "accessLog">>;

async function runOnce(ours: Contestant, { source, target }: Ends, more: readonly string[]): Promise<Run> {
  const asked = () => source.accessLog().total + target.accessLog().total;
  const before = asked();
  const command = ours.command({ source: source.host, target: target.host, tags: [] });
  const cost = await measureCommand({ ...command, parameters: [...command.parameters, ...more] });
  return { ...cost, requests: asked() - before };
}

/** Written where the registry keeps it: pushing each tag would take longer than what is measured. */
export async function fill(dataDir: string, seed: number, count: number): Promise<void> {
  const store = await Store.open(dataDir);
  await forEachLimited(tagsOf(seed, count / TAGS_AN_IMAGE), FILES_AT_ONCE, async (tagged) => {
    const { repository, tag, artifact } = tagged;
    const { manifest, blobs } = artifact;
    for (const { digest, bytes } of blobs) {
      await store.putBytes(digest, bytes);
      await store.linkBlob(repository, digest);
    }
    const { digest, bytes, mediaType } = manifest;
    if (blobs.length > 0) {
      await store.putManifest(repository, digest, bytes, { mediaType, size: bytes.length });
    }
    await store.tag(repository, tag, digest);
  });
}

function middle(runs: readonly Run[]): Run {
  const seconds = median(runs.map((run) => run.seconds));
  const found = runs.find((run) => run.seconds === seconds);
  if (!found) {
    throw new Error("nothing was run");
  }
  return { ...found, peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)) };
}

const peakMib = ({ plan, copy }: Figures) => Math.max(plan.peakBytes, copy.peakBytes) / 1024 ** 2;
const each = ({ tags }: Figures, whole: number) => whole / tags;

function rowOf(found: Figures): string {
  const { tags, plan, copy } = found;
  const cells = [
    tags.toLocaleString("en"),
    plan.seconds.toFixed(1),
    copy.seconds.toFixed(1),
    each(found, copy.seconds * 1_000).toFixed(2),
    each(found, copy.cpuSeconds * 1_000).toFixed(2),
    each(found, copy.requests).toFixed(2),
    peakMib(found).toFixed(0),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Constant: at most so much more a tag with a hundred times as many. */
const CONSTANT = 1.1;

function findingsOf(figures: readonly Figures[]): Finding[] {
  const [least] = figures;
  const most = figures.find(({ tags }) => tags === LARGEST);
  if (!least || !most) {
    return [];
  }
  const growth = (of: (run: Run) => number) => each(most, of(most.copy)) / each(least, of(least.copy));
  const goal = (budget: string, figure: number, limit: number, unit = ""): Finding => ({
    budget: `100,000 tags: ${budget}`,
    subject: "",
    figure,
    limit,
    unit,
    bound: "most",
  });
  return [
    goal("peak memory", peakMib(most), 256, "MiB"),
    goal("planning", most.plan.seconds, 60, "s"),
    goal(
      "time a tag ÷ that of 1,000 tags",
      growth(({ seconds }) => seconds),
      CONSTANT,
    ),
    goal(
      "requests a tag ÷ those of 1,000 tags",
      growth(({ requests }) => requests),
      CONSTANT,
    ),
  ];
}
