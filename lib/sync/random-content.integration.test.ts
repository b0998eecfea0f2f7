import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { pushRepository } from "../testing/push-repository.ts";
import { randomOf } from "../testing/random.ts";
import { RandomContent, type RandomRepository } from "../testing/random-content.ts";
import type { RunningRegistry } from "../testing/registry/server.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { closureOf } from "../testing/registry-closure.ts";
import { runSync } from "../testing/sync-command.ts";
import { mapLimited } from "./limit.ts";

// Repositories drawn at random, from and to CNCF Distribution (tag schema) and our own registry (referrers API, three referrers
// a page): a client that begins at the tags finds the same at the target as at the source, and a second run writes nothing.
// More of them: RANDOM_REPOSITORIES=200 RANDOM_SEED=7 npx vitest run --project integration lib/sync/random-content

const COUNT = Number(process.env.RANDOM_REPOSITORIES ?? 4);
const SEED = Number(process.env.RANDOM_SEED ?? 1);
const FOREIGN = "https://layers.example.com/";

type Kind = "docker" | "own";
const REGISTRIES: Record<
  Kind,
  { source: DockerRegistry | RunningRegistry; target: DockerRegistry | RunningRegistry }
> = Object.create(null);

function drawn(seed: number, sha512Manifests: boolean): RandomRepository {
  const random = randomOf(seed * 7_919);
  return new RandomContent(random, { foreignUrl: FOREIGN, sha512Manifests }).repository(`r${seed}`);
}

const SEEDS = Array.from({ length: COUNT }, (_, number) => SEED + number);

beforeAll(async () => {
  const start = {
    docker: () => startDockerRegistry({ foreignUrls: `^${FOREIGN}` }),
    own: () => temporaryRegistry({ pageSize: 3 }),
  };
  for (const kind of ["docker", "own"] as const) {
    const [source, target] = await Promise.all([start[kind](), start[kind]()]);
    REGISTRIES[kind] = { source, target };
    const push = (namespace: string, sha512Manifests: boolean) =>
      mapLimited(SEEDS, 8, async (seed) => {
        const repository = drawn(seed, sha512Manifests);
        await pushRepository(source.origin, `${namespace}/${repository.name}`, repository, {
          keepsLists: kind === "docker",
        });
      });
    await push("random", false);
    if (kind === "own") {
      await push("sha512", true);
    }
  }
}, 600_000);
afterAll(async () => {
  await Promise.all(
    Object.values(REGISTRIES).flatMap(({ source, target }) => [source.stop(), target.stop()]),
  );
});

describe.each([
  ["docker", "docker", "random"],
  ["docker", "own", "random"],
  ["own", "docker", "random"],
  ["own", "own", "random"],
  ["own", "own", "sha512"],
] as const)("%s → %s, %s", (from, to, namespace) => {
  const into = `${namespace}-from-${from}`;
  const sync = (...more: string[]) => {
    const { source, target } = { source: REGISTRIES[from].source, target: REGISTRIES[to].target };
    return runSync(
      [
        ...["--source", source.origin, "--source-plain-http", "--source-namespace", namespace],
        ...["--target", target.origin, "--target-plain-http", "--target-namespace", into, ...more],
      ],
      { timeoutMs: 600_000 },
    );
  };

  test("the same is found at both ends", async () => {
    const run = await sync();
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    await mapLimited(SEEDS, 4, async (seed) => {
      const at = async (origin: string, name: string) =>
        (await closureOf(origin, `${name}/r${seed}`)).map((line) => `seed ${seed}: ${line}`);
      const [here, there] = await Promise.all([
        at(REGISTRIES[from].source.origin, namespace),
        at(REGISTRIES[to].target.origin, into),
      ]);
      expect(there).toEqual(here);
    });
  }, 600_000);

  test("a second run proves every byte and writes nothing", async () => {
    const { target } = REGISTRIES[to];
    const before = (await target.accessLog()).total;
    const run = await sync("--override", "--verify", "--deep");
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(run.summary).toMatchObject({
      copied: 0,
      failed: 0,
      referrers: 0,
      verified: { findings: 0, repaired: 0 },
    });
    const asked = (await target.accessLog()).entries.slice(before);
    expect(asked.filter(({ method }) => !["GET", "HEAD"].includes(method))).toEqual([]);
  }, 600_000);
});
