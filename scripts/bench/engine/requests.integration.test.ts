import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AccessEntry, AccessLog } from "../../../lib/testing/access-log.ts";
import { type DockerRegistry, startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { runSync } from "../../../lib/testing/sync-command.ts";
import { apps, NAMESPACE } from "./content.ts";
import { fillSource, type Source } from "./source.ts";

// W1 and W2 in small: four repositories of five tags, one an index of two images, on two bases.
const SIZE = { families: 2, members: 2, megabyte: 2_000 };
const REPOSITORIES = 4;
const TAGS = 5 * REPOSITORIES;
const IMAGES = 6 * REPOSITORIES;
const MANIFESTS = IMAGES + REPOSITORIES;
/** A config an image; a layer for all, five a base, and of a repository one shared and one an image. */
const UNIQUE_BLOBS = IMAGES + 1 + 5 * SIZE.families + REPOSITORIES + IMAGES;
/** Each is in one repository, but for bases and the layer of all. */
const PLACES = 2 * IMAGES + REPOSITORIES * (1 + 5 + 1);

let source: Source;
let target: DockerRegistry;
let cache: string;
beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), "lockstep-cache-"));
  source = await fillSource(apps(1, SIZE));
  target = await startDockerRegistry();
});
afterAll(async () => {
  await source?.registry.stop();
  await target?.stop();
  rmSync(cache, { recursive: true });
});

async function copied(): Promise<void> {
  const run = await runSync(
    [
      ...["--source", source.registry.origin, "--source-plain-http", "--source-namespace", NAMESPACE],
      ...["--target", target.origin, "--target-plain-http"],
    ],
    { env: { XDG_CACHE_HOME: cache } },
  );
  expect(run.summary).toMatchObject({ failed: 0, skipped: 0, repositories: REPOSITORIES });
}

const created = (log: AccessLog, method: string, path: RegExp) =>
  log.matching(method, path).filter(({ status }) => status === 201).length;

test("every byte is read once, mounted where it is needed again, and then nothing is asked that is known", async () => {
  const readBefore = (await source.registry.accessLog()).total;
  await copied();
  const read = (await source.registry.accessLog()).entries.slice(readBefore);
  const blobs = read.filter(({ method, path }) => method === "GET" && path.includes("/blobs/"));
  expect(blobs.length).toBe(UNIQUE_BLOBS);
  expect(blobs.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(source.blobBytes);

  const written = await target.accessLog();
  expect(created(written, "PUT", /blobs/)).toBe(UNIQUE_BLOBS);
  expect(created(written, "PUT", /manifests/)).toBe(MANIFESTS);
  // An upload a blob and repository, and one more that finds out how the registry mounts.
  expect(written.count("POST")).toBe(PLACES + 1);
  expect(written.count("HEAD", /blobs/)).toBe(0);
  // Before the write each tag is looked at, and each image of an index; of the looks at the beginning a list spares most.
  const parts = MANIFESTS - TAGS;
  expect(written.count("HEAD", /manifests/)).toBeLessThanOrEqual(2 * TAGS + parts);
  expect(written.count("GET", /tags/)).toBeLessThanOrEqual(REPOSITORIES);

  const before = { source: (await source.registry.accessLog()).total, target: written.total };
  await copied();
  const asked = (await source.registry.accessLog()).entries.slice(before.source);
  // A list of repositories, one of tags each, and once whether referrers are listed.
  expect(asked.length).toBeLessThanOrEqual(TAGS + REPOSITORIES + 2);
  const looks = (await target.accessLog()).entries.slice(before.target);
  // A machine that is busy takes its registries for distant ones, and lists them meanwhile.
  const lists = looks.filter(({ path }) => path.includes("/tags/list"));
  expect(lists.length).toBeLessThanOrEqual(REPOSITORIES);
  expect(looks.length - lists.length).toBe(TAGS);
  // All but the first one of each are asked whether the tag still names what it named.
  const still = (entries: readonly AccessEntry[]) => entries.filter(({ status }) => status === 304).length;
  expect(still(asked)).toBe(TAGS - 1);
  expect(still(looks)).toBe(TAGS - 1);
});
