import type { AccessEntry } from "../../../lib/testing/access-log.ts";
import { type DockerRegistry, startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import type { Contestant } from "./contestant.ts";
import { type Cost, measureCommand } from "./measure-command.ts";
import { openSlowLink } from "./slow-link.ts";
import type { Source } from "./source.ts";
import type { Workload } from "./workload.ts";

/** What one run of one tool cost, and what the servers saw of it. */
export interface Sample extends Cost {
  readonly tool: string;
  readonly round: number;
  readonly sourceRequests: number;
  readonly targetRequests: number;
  /** Bytes of configs and layers that the source sent. */
  readonly bytesRead: number;
}

export interface Order {
  readonly workload: Workload;
  readonly source: Source;
  readonly tools: readonly Contestant[];
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/**
 * Runs every tool once a round, in turns that alternate: what the machine does besides meets all of them. A full copy begins with an
 * empty target each time; for "again" we fill one before. So we do for a full copy, and nobody counts it: memory that the host has taken
 * back costs seconds, and whoever comes first would pay for it.
 * @throws when a tool fails, or does not leave every tag at the target
 */
export async function runRounds(order: Order): Promise<Sample[]> {
  const { workload, tools, rounds, say } = order;
  const filled = workload.alone ? undefined : await startDockerRegistry();
  const standing = workload.phase === "again" ? filled : undefined;
  try {
    if (filled && tools[0]) {
      await runOnce(order, tools[0], filled, 0);
      await (standing ? undefined : filled.stop());
    }
    const samples: Sample[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const tool of round % 2 === 1 ? tools : [...tools].reverse()) {
        const target = standing ?? (await startDockerRegistry());
        try {
          const sample = await runOnce(order, tool, target, round);
          samples.push(sample);
          say(`${workload.id} round ${round} ${tool.name}: ${sample.seconds.toFixed(2)} s`);
        } finally {
          await (standing ? undefined : target.stop());
        }
      }
    }
    return samples;
  } finally {
    await filled?.stop();
  }
}

async function runOnce(
  { workload, source }: Order,
  tool: Contestant,
  target: DockerRegistry,
  round: number,
): Promise<Sample> {
  const links = workload.oneWayMs > 0 ? await openLinks([source.registry, target], workload.oneWayMs) : [];
  try {
    const [from = source.registry, to = target] = links;
    const command = tool.command({ source: from.host, target: to.host, tags: source.tags });
    const before = await Promise.all([entriesOf(source.registry), entriesOf(target)]);
    const cost = await measureCommand(command);
    const [read, written] = await Promise.all([entriesOf(source.registry), entriesOf(target)]);
    const seen = read.slice(before[0].length);
    if (round <= 1) {
      await expectComplete(source, target, tool.name);
    }
    return {
      ...cost,
      tool: tool.name,
      round,
      sourceRequests: seen.length,
      targetRequests: written.length - before[1].length,
      bytesRead: bytesOfBlobs(seen),
    };
  } finally {
    await Promise.all(links.map((link) => link.close()));
  }
}

function openLinks(registries: readonly DockerRegistry[], oneWayMs: number) {
  return Promise.all(registries.map(({ host }) => openSlowLink(Number(host.split(":")[1]), oneWayMs)));
}

async function entriesOf(registry: DockerRegistry): Promise<readonly AccessEntry[]> {
  return (await registry.accessLog()).entries;
}

function bytesOfBlobs(entries: readonly AccessEntry[]): number {
  const reads = entries.filter(({ method, path }) => method === "GET" && path.includes("/blobs/"));
  return reads.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function expectComplete(source: Source, target: DockerRegistry, tool: string): Promise<void> {
  for (const [repository, wanted] of Map.groupBy(source.tags, (place) => place.repository)) {
    const answer = await fetch(`${target.origin}/v2/${repository}/tags/list`);
    const { tags } = (await answer.json()) as { tags?: string[] };
    const lacking = wanted.filter(({ tag }) => !tags?.includes(tag));
    if (lacking.length > 0) {
      throw new Error(`${tool} left ${lacking.length} tags of ${repository} behind`);
    }
  }
}
