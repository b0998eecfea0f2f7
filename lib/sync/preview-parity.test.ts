import { describe, expect, test } from "vitest";
import type { MemoryRegistry } from "../registry/memory-repository.ts";
import type { PreviewTotals } from "../schemas/preview.ts";
import type { ResourceType } from "../schemas/rule.ts";
import { randomOf } from "../testing/random.ts";
import { copyTag } from "./copy-tag.ts";
import { memoryPlacements } from "./placements.ts";
import { planRepository } from "./plan.ts";
import type { PreviewRequest } from "./preview.ts";
import { collect } from "./preview-collect.ts";
import {
  expression,
  fillSource,
  fillTarget,
  PATHS,
  pattern,
  platformChoice,
  tagChoice,
} from "./random-world.testing.ts";
import { scan } from "./scan.ts";

const never = new AbortController().signal;

/** What the engine does, one transfer after the other: `target repository:tag verdict`, and the bytes it sent. */
async function synced({ source, selection, targets, override, platforms, partsBefore }: PreviewRequest) {
  const done: string[] = [];
  let bytes = 0;
  const placements = targets.map(() => memoryPlacements());
  for await (const scanned of scan(source as MemoryRegistry, selection, { signal: never })) {
    if (scanned.error) {
      throw scanned.error;
    }
    const numbered = targets.map((target, index) => ({ ...target, index }));
    for (const transfer of planRepository(scanned, selection.namespace, numbered).transfers) {
      const { index, registry } = transfer.target;
      const standing = await registry.repository(transfer.targetRepository).resolve(transfer.tag);
      const outcome = await copyTag(
        {
          source: source.repository(transfer.sourceRepository),
          target: registry.repository(transfer.targetRepository),
          tag: transfer.tag,
          digest: transfer.digest,
          mediaType: transfer.mediaType,
          override,
          platforms,
          partsBefore,
        },
        {
          placements: placements[index] ?? memoryPlacements(),
          signal: never,
          onProgress: ({ copied = 0 }) => {
            bytes += copied;
          },
        },
      );
      const verdict =
        outcome.status === "copied"
          ? outcome.replacedDigest
            ? "overwrite"
            : standing
              ? "complete"
              : "copy"
          : outcome.status === "skipped"
            ? outcome.reason
            : outcome.status;
      done.push(`${index} ${transfer.targetRepository}:${transfer.tag} ${verdict}`);
    }
  }
  return { done: done.sort(), bytes };
}

describe("the preview is what the engine then does", () => {
  const PAIRS = 500;
  const reached: PreviewTotals["verdicts"] = {
    ...{ copy: 0, complete: 0, "up-to-date": 0, overwrite: 0, behind: 0, exists: 0 },
    ...{ "platform-absent": 0, unknown: 0 },
  };

  // It computes all the time: on a busy machine that takes longer than any unit test may wait.
  test(`${PAIRS} random pairs of expression, catalogue, override and target`, async () => {
    let equal = 0;
    for (let seed = 1; seed <= PAIRS; seed += 1) {
      const random = randomOf(seed);
      const source = fillSource(random);
      const places = random.chance(0.2) ? [null, "other"] : [random.pick([null, "mirror", "a/b", ""])];
      const request: PreviewRequest = {
        source,
        selection: {
          namespace: "team",
          repository: pattern(expression(random, PATHS)),
          ...tagChoice(random),
          resourceType: random.pick<ResourceType>(["image", "chart", "all", "all"]),
        },
        override: random.chance(0.5),
        platforms: platformChoice(random),
        partsBefore: random.chance(0.3),
        targets: places.map((namespace) => ({
          namespace,
          registry: fillTarget(random, source, namespace),
        })),
      };
      const { rows, totals, events } = await collect(request);
      const previewed = rows.flatMap(({ tag, outcomes }) =>
        outcomes.map(({ target, repository, verdict }) => `${target} ${repository}:${tag} ${verdict}`),
      );
      const real = await synced(request);
      const about = `seed ${seed}: ${request.selection.repository.source} × ${request.selection.tag.source}`;
      expect(previewed.sort(), about).toEqual(real.done);
      expect(totals.bytes, about).toEqual({ toMove: real.bytes, state: "exact" });
      expect(totals.tags, about).toEqual({ matched: rows.length, complete: true });
      expect(events.at(-1), about).toMatchObject({ kind: "end", limit: null });
      for (const key of Object.keys(reached) as (keyof typeof reached)[]) {
        reached[key] += totals.verdicts[key];
      }
      equal += 1;
    }
    expect(equal).toBe(PAIRS);
    process.stdout.write(`    ${equal}/${PAIRS} pairs equal; verdicts ${JSON.stringify(reached)}\n`);
  }, 180_000);

  test("every verdict came up often", () => {
    for (const verdict of ["copy", "up-to-date", "overwrite", "exists"] as const) {
      expect(reached[verdict], verdict).toBeGreaterThan(75);
    }
    for (const verdict of ["complete", "platform-absent"] as const) {
      expect(reached[verdict], verdict).toBeGreaterThan(10);
    }
  });
});
