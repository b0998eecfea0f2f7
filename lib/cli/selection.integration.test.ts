import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOf, skopeoDigest, skopeoListTags, skopeoPull } from "../testing/clients.ts";
import { attestation, image, index, layer } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import type { RunningRegistry } from "../testing/registry/server.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { runSync } from "../testing/sync-command.ts";

// What chooses tags and platforms, on the command line: from a CNCF Distribution to one, which refuses incomplete indexes, and
// to a registry of our own that takes them. What arrived is read by skopeo.

const base = layer("choice-base", 5_000);
const imageFor = (architecture: string) =>
  image({ layers: [base, layer(`choice ${architecture}`, 900)], platform: { os: "linux", architecture } });
const amd64 = imageFor("amd64");
const arm64 = imageFor("arm64");
const s390x = imageFor("s390x");
const proof = attestation(arm64, '{"proves":"arm64"}');
const all = index([amd64, arm64, s390x, proof, attestation(amd64, '{"proves":"amd64"}')]);

const TAGS = ["latest", "1.9.0", "1.10.0", "1.10.0-rc.1", "2.0.0", "v1.9.1"];

let source: DockerRegistry;
let strict: DockerRegistry;
let tolerant: RunningRegistry;
beforeAll(async () => {
  source = await startDockerRegistry({});
  strict = await startDockerRegistry({});
  tolerant = await temporaryRegistry({ sparseIndexes: true });
  for (const tag of TAGS) {
    const content = image({ layers: [base], config: { Labels: { tag } } });
    await pushContent(source.origin, "tags/app", tag, content);
  }
  await pushContent(source.origin, "multi/app", "1.0", all);
  await pushContent(source.origin, "multi/plain", "1.0", s390x);
});
afterAll(async () => {
  await source.stop();
  await strict.stop();
  await tolerant.stop();
});

function sync(target: { origin: string }, namespace: string, ...more: string[]) {
  return runSync([
    ...["--source", source.origin, "--source-plain-http", "--source-namespace", namespace],
    ...["--target", target.origin, "--target-plain-http", ...more],
  ]);
}

const client = (registry: { host: string }) => clientOf(registry, { plainHttp: true });

describe("tags", () => {
  test.each([
    ["excluded", ["--exclude-tag", "latest|.*-rc.*"], ["1.10.0", "1.9.0", "2.0.0", "v1.9.1"]],
    ["in a range", ["--semver", ">=1.9 <2"], ["1.10.0", "1.9.0", "v1.9.1"]],
    ["the newest", ["--newest", "2"], ["1.10.0", "2.0.0"]],
    [
      "all of it together",
      ["--tag", "v?1.*", "--exclude-tag", "1\\.10\\.0", "--semver", "1.x", "--newest", "1"],
      ["v1.9.1"],
    ],
  ])("%s", async (name, options, expected) => {
    const place = `tags-${name.replaceAll(" ", "-")}`;
    const run = await sync(strict, "tags", "--target-namespace", place, ...options);
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(run.summary).toMatchObject({ copied: expected.length, failed: 0 });
    expect((await skopeoListTags(client(strict), `${place}/app`)).toSorted()).toEqual(expected.toSorted());
  });
});

describe("platforms", () => {
  const some = ["--platform", "linux/arm64", "--platform-mode", "sparse"];

  test("a sparse index keeps its digest where the target takes it, and holds what was asked for alone", async () => {
    const run = await sync(tolerant, "multi", "--repository", "app", "--target-namespace", "some", ...some);
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(await skopeoDigest(client(tolerant), "some/app", "1.0")).toBe(all.manifest.digest);
    const digestOf = (digest: string) => skopeoDigest(client(tolerant), "some/app", digest);
    for (const kept of [arm64, proof]) {
      expect(await digestOf(kept.manifest.digest)).toBe(kept.manifest.digest);
    }
    for (const left of [amd64, s390x]) {
      await expect(digestOf(left.manifest.digest)).rejects.toThrow(/manifest unknown/i);
    }
    expect(await skopeoPull(client(tolerant), "some/app", arm64.manifest.digest)).toHaveLength(3);

    const again = await sync(tolerant, "multi", "--repository", "app", "--target-namespace", "some", ...some);
    expect(again.summary).toMatchObject({ copied: 0, upToDate: 1, bytesCopied: 0 });
    const more = ["--platform", "linux/arm64,linux/amd64"];
    const added = await sync(tolerant, "multi", "--repository", "app", "--target-namespace", "some", ...more);
    expect(added.summary).toMatchObject({ copied: 1, failed: 0 });
    expect(await digestOf(amd64.manifest.digest)).toBe(amd64.manifest.digest);
  });

  test("CNCF Distribution refuses a sparse index: named, with what to do, and no tag is written", async () => {
    const run = await sync(strict, "multi", "--repository", "app", "--target-namespace", "refused", ...some);
    expect(run.exitCode).toBe(1);
    expect(run.summary).toMatchObject({ copied: 0, failed: 1 });
    expect(run.stderr).toMatch(/does not accept 1\.0 with only some of its platforms/);
    expect(run.stderr).toMatch(/one platform as a single image/);
    expect(run.stderr).toMatch(/SPARSE_INDEX_REFUSED · at the target · HTTP 4\d\d · PUT http/);
    await expect(skopeoDigest(client(strict), "refused/app", "1.0")).rejects.toThrow(/unknown/i);
  });

  test("one platform is one image under the tag, in any registry; another image is skipped", async () => {
    const one = ["--target-namespace", "one", "--platform", "linux/arm64"];
    const dry = await sync(strict, "multi", ...one, "--dry-run");
    expect(dry.stdout).toContain(`copy: multi/app:1.0 → one/app:1.0 ${arm64.manifest.digest}`);
    expect(dry.stdout).toContain("skip, no such platform: multi/plain:1.0");
    const run = await sync(strict, "multi", ...one);
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(run.summary).toMatchObject({ copied: 1, skipped: 1, failed: 0 });
    expect(await skopeoDigest(client(strict), "one/app", "1.0")).toBe(arm64.manifest.digest);
    expect(await skopeoListTags(client(strict), "one/plain").catch(() => [])).toEqual([]);
    expect(await skopeoPull(client(strict), "one/app", "1.0")).toHaveLength(3);
    const again = await sync(strict, "multi", ...one);
    expect(again.summary).toMatchObject({ copied: 0, upToDate: 1, skipped: 1, bytesCopied: 0 });
  });
});
