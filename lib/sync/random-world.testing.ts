import { compileTagChoice } from "../pattern/compile-tag-choice.ts";
import { compilePattern } from "../pattern/pattern.ts";
import type { TagChoice } from "../pattern/tag-choice.ts";
import type { Descriptor } from "../registry/descriptor.ts";
import { MemoryRegistry, type MemoryRepository } from "../registry/memory-repository.ts";
import type { Manifest } from "../registry/repository.ts";
import type { PlatformChoice } from "../schemas/platform.ts";
import { MEDIA } from "../testing/content.ts";
import type { Random } from "../testing/random.ts";

const HELM = "application/vnd.cncf.helm.config.v1+json";

export const PATHS = [
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
const RANGES = [">=1", "^1.2", "1.x || >=2.0.0-rc1", "<1.1", "*"];
const PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64"];
const DIGEST_TAG = `sha256-${"0".repeat(64)}.sig`;

export function pattern(source: string) {
  const compiled = compilePattern(source);
  if (!compiled.ok) {
    throw new Error(`${source}: ${compiled.error.reason}`);
  }
  return compiled.pattern;
}

/** An RE2 expression that compiles: blank, nothing but names, or built of the parts that people write. */
export function expression(random: Random, names: readonly string[], depth = 0): string {
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

export function tagChoice(random: Random): TagChoice {
  const choice = compileTagChoice({
    tagPattern: expression(random, TAGS),
    excludeTagPattern: random.chance(0.3) ? expression(random, TAGS) : "",
    semverRange: random.chance(0.15) ? random.pick(RANGES) : "",
    newestTags: random.chance(0.3) ? 1 + random.below(4) : null,
  });
  if (!choice) {
    throw new Error("it compiles");
  }
  return choice;
}

export function platformChoice(random: Random): PlatformChoice | null {
  if (random.chance(0.65)) {
    return null;
  }
  const [first, second] = [random.pick(PLATFORMS), random.pick(PLATFORMS)];
  return random.chance(0.5)
    ? { mode: "single", names: [first] }
    : { mode: "sparse", names: [...new Set([first, second])] };
}

/** A blob that several images may share. */
function blob(random: Random, repository: MemoryRepository): Descriptor {
  return repository.putBlob(Buffer.alloc(20 + random.below(8), random.below(6)), MEDIA.layer);
}

function image(random: Random, repository: MemoryRepository, tag?: string): Descriptor {
  const configType = random.chance(0.2) ? HELM : MEDIA.config;
  const stated = random.chance(0.5) ? platformOf(random.pick(PLATFORMS)) : {};
  const body = JSON.stringify({ n: random.below(4), ...stated });
  const config = repository.putBlob(Buffer.from(body), configType);
  const layers = Array.from({ length: random.below(4) }, () => blob(random, repository));
  return repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers }, tag);
}

function platformOf(name: string) {
  const [os, architecture, variant] = name.split("/");
  return { os, architecture, ...(variant ? { variant } : {}) };
}

function artifact(random: Random, repository: MemoryRepository, tag: string): void {
  if (random.chance(0.35)) {
    const manifests: object[] = Array.from({ length: random.below(4) }, () => ({
      ...image(random, repository),
      ...(random.chance(0.8) ? { platform: platformOf(random.pick(PLATFORMS)) } : {}),
    }));
    if (random.chance(0.2)) {
      const inner = { ...image(random, repository), platform: platformOf(random.pick(PLATFORMS)) };
      const nested = { schemaVersion: 2, mediaType: MEDIA.index, manifests: [inner], n: random.below(1_000) };
      manifests.push(repository.putManifest(nested));
    }
    repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.index, manifests }, tag);
  } else {
    image(random, repository, tag);
  }
}

export function fillSource(random: Random): MemoryRegistry {
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
export function fillTarget(random: Random, source: MemoryRegistry, namespace: string | null): MemoryRegistry {
  const target = new MemoryRegistry("memory://target", { sparseIndexes: true });
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
        loseSome(random, to, manifest);
      } else if (random.chance(0.5)) {
        artifact(random, to, tag);
      }
    }
  }
  return target;
}

/** A former version of the rule left out parts of this index, unless it is an image, which has no parts to leave out. */
function loseSome(random: Random, repository: MemoryRepository, { descriptor, bytes }: Manifest): void {
  if (descriptor.mediaType === MEDIA.index) {
    for (const [part] of Buffer.from(bytes)
      .toString()
      .matchAll(/sha256:[0-9a-f]{64}/g)) {
      if (random.chance(0.5) && ![...repository.tagged.values()].includes(part)) {
        repository.manifests.delete(part);
      }
    }
  }
}

/** A manifest with all that it names. */
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
