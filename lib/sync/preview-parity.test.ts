import { describe, expect, test } from "vitest";
import { compilePattern } from "../pattern/pattern.ts";
import type { Descriptor } from "../registry/descriptor.ts";
import { MemoryRegistry, type MemoryRepository } from "../registry/memory-repository.ts";
import type { ResourceType } from "../schemas/rule.ts";
import { MEDIA } from "../testing/content.ts";
import { copyTag } from "./copy-tag.ts";
import { memoryPlacements } from "./placements.ts";
import { planRepository } from "./plan.ts";
import type { PreviewRequest } from "./preview.ts";
import { collect } from "./preview-collect.ts";
import { scan } from "./scan.ts";

const HELM = "application/vnd.cncf.helm.config.v1+json";
const never = new AbortController().signal;

/** Mulberry32: the same numbers for the same seed on every machine. */
function randomOf(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (share: number): boolean => next() < share,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
  };
}
type Random = ReturnType<typeof randomOf>;

const PATHS = [
  "order-api",
  "order-worker",
  "pay",
  "pay-gateway",
  "web",
  "web/api",
  "web/ui",
  "a.b",
  "charts/web",
];
const TAGS = ["v1", "v1.2", "v1.2.3", "v2.0.0-rc1", "latest", "nightly", "1.0.0"];
const DIGEST_TAG = `sha256-${"0".repeat(64)}.sig`;

function pattern(source: string) {
  const compiled = compilePattern(source);
  if (!compiled.ok) {
    throw new Error(`${source}: ${compiled.error.reason}`);
  }
  return compiled.pattern;
}

/** An RE2 expression that compiles: blank, nothing but names, or built of the parts that people write. */
function expression(random: Random, names: readonly string[], depth = 0): string {
  const quoted = (name: string) => name.replaceAll(".", "\\.");
  switch (random.below(depth > 2 ? 5 : 9)) {
    case 0:
      return depth === 0 ? "" : ".*";
    case 1:
      return quoted(random.pick(names));
    case 2:
      return random.pick([".*", ".+", "[a-z]+", "\\w+", "v\\d+(?:\\.\\d+)*", "[^-]*", "(?i)V.*", "\\pL+.*"]);
    case 3:
      return `${quoted(random.pick(names).slice(0, 3))}.*`;
    case 4:
      return `.*${quoted(random.pick(names).slice(-2))}`;
    case 5:
      return `${quoted(random.pick(names))}|${quoted(random.pick(names))}`;
    case 6:
      return `(?:${expression(random, names, depth + 1)}|${expression(random, names, depth + 1)})`;
    case 7:
      return `(${expression(random, names, depth + 1)})?-?(${expression(random, names, depth + 1)})`;
    default:
      return `(?P<n${depth}${random.below(1_000_000)}>${expression(random, names, depth + 1)}){0,2}`;
  }
}

/** A blob that several images may share. */
function blob(random: Random, repository: MemoryRepository): Descriptor {
  return repository.putBlob(Buffer.alloc(20 + random.below(8), random.below(6)), MEDIA.layer);
}

function image(random: Random, repository: MemoryRepository, tag?: string): Descriptor {
  const configType = random.chance(0.2) ? HELM : MEDIA.config;
  const config = repository.putBlob(Buffer.from(`{"n":${random.below(4)}}`), configType);
  const layers = Array.from({ length: random.below(4) }, () => blob(random, repository));
  return repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers }, tag);
}

function artifact(random: Random, repository: MemoryRepository, tag: string): void {
  if (random.chance(0.15)) {
    const manifests = Array.from({ length: random.below(3) }, () => image(random, repository));
    repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.index, manifests }, tag);
  } else {
    image(random, repository, tag);
  }
}

function fillSource(random: Random): MemoryRegistry {
  const source = new MemoryRegistry();
  for (const path of PATHS.filter(() => random.chance(0.6))) {
    const repository = source.repository(`team/${path}`);
    for (const tag of [...TAGS, DIGEST_TAG].filter(() => random.chance(0.5))) {
      artifact(random, repository, tag);
    }
  }
  artifact(random, source.repository("teamwork/pay"), "v1");
  artifact(random, source.repository("web"), "v1");
  return source;
}

/** Some tags as at the source, some with other content, some blobs and manifests without a tag. */
function fillTarget(random: Random, source: MemoryRegistry, namespace: string | null): MemoryRegistry {
  const target = new MemoryRegistry("memory://target");
  for (const path of PATHS.filter(() => random.chance(0.7))) {
    const from = source.repository(`team/${path}`);
    const place = namespace === null ? `team/${path}` : namespace === "" ? path : `${namespace}/${path}`;
    const to = target.repository(place);
    for (const [digest, bytes] of from.blobs) {
      if (random.chance(0.3)) {
        to.blobs.set(digest, bytes);
      }
    }
    for (const [tag, digest] of from.tagged) {
      const manifest = from.manifests.get(digest);
      if (manifest && random.chance(0.4)) {
        carry(from, to, digest);
        to.tagged.set(tag, digest);
      } else if (random.chance(0.5)) {
        artifact(random, to, tag);
      }
    }
  }
  return target;
}

/** A manifest with all that it names: a registry has no half ones. */
function carry(from: MemoryRepository, to: MemoryRepository, digest: string): void {
  const manifest = from.manifests.get(digest);
  if (!manifest) {
    return;
  }
  to.manifests.set(digest, manifest);
  const text = Buffer.from(manifest.bytes).toString();
  for (const [child] of text.matchAll(/sha256:[0-9a-f]{64}/g)) {
    const bytes = from.blobs.get(child);
    if (bytes) {
      to.blobs.set(child, bytes);
    }
    carry(from, to, child);
  }
}

/** What the engine does, one transfer after the other: `target repository:tag verdict`, and the bytes it sent. */
async function synced({ source, selection, targets, override }: PreviewRequest) {
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
      const outcome = await copyTag(
        {
          source: source.repository(transfer.sourceRepository),
          target: registry.repository(transfer.targetRepository),
          tag: transfer.tag,
          digest: transfer.digest,
          override,
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
  const reached = { copy: 0, "up-to-date": 0, overwrite: 0, exists: 0, unknown: 0 };

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
          tag: pattern(expression(random, TAGS)),
          resourceType: random.pick<ResourceType>(["image", "chart", "all", "all"]),
        },
        override: random.chance(0.5),
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
  });

  test("every verdict came up often", () => {
    for (const verdict of ["copy", "up-to-date", "overwrite", "exists"] as const) {
      expect(reached[verdict], verdict).toBeGreaterThan(100);
    }
  });
});
