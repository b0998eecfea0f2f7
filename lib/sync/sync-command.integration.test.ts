import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestCa, type TestCa } from "../testing/certificates.ts";
import {
  type ClientRegistry,
  clientOf,
  orasCopy,
  orasPush,
  skopeoDigest,
  skopeoListTags,
  skopeoPull,
} from "../testing/clients.ts";
import { type Artifact, image, index, layer } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { helmChart } from "../testing/helm-chart.ts";
import { pushContent } from "../testing/push-content.ts";
import { runSync } from "../testing/sync-command.ts";

// The whole engine as a process of its own, from a CNCF Distribution with htpasswd to one behind TLS of a private CA.
// What went in and what arrived is judged by skopeo and oras.

const account = { username: "robot", password: "s3cret:with@signs" };
const base = layer("base", 300_000);
const dockerBase = layer("docker-base", 50_000, true);

const TAGGED: [repository: string, tag: string, artifact: Artifact][] = [
  ["team/app", "v1", image({ layers: [base, layer("app-1", 20_000)] })],
  ["team/app", "v2", image({ layers: [base, layer("app-2", 20_000)] })],
  ["team/sub/api", "v1", image({ layers: [base, layer("api", 20_000)] })],
  [
    "team/both",
    "v1",
    index(
      ["amd64", "arm64"].map((architecture) =>
        image({ layers: [base, layer(architecture, 9000)], platform: { os: "linux", architecture } }),
      ),
    ),
  ],
  [
    "team/nested",
    "v1",
    index([index([image({ layers: [base, layer("deep", 700)] })]), image({ layers: [base] })]),
  ],
  ["team/docker", "v1", index([image({ layers: [dockerBase], docker: true })], { docker: true })],
  ["team/web-chart", "1.0.0", helmChart({ name: "web", version: "1.0.0" })],
  ["team/web-chart", "1.1.0_build.5", helmChart({ name: "web", version: "1.1.0+build.5" })],
  ["other/app", "v1", image({ layers: [layer("other", 100)] })],
];

let ca: TestCa;
let source: DockerRegistry;
let target: DockerRegistry;
let sourceClient: ClientRegistry;
let targetClient: ClientRegistry;

beforeAll(async () => {
  ca = await createTestCa();
  source = await startDockerRegistry({ htpasswd: account });
  target = await startDockerRegistry({ tls: ca });
  sourceClient = clientOf(source, { account, plainHttp: true });
  targetClient = clientOf(target, { ca });
  for (const [repository, tag, artifact] of TAGGED) {
    await pushContent(source.origin, repository, tag, artifact, { account });
  }
  await orasPush(sourceClient, "team/files", "v1", [{ name: "notes.txt", content: "any artifact" }], {
    artifactType: "application/vnd.example.notes",
  });
});
afterAll(async () => {
  await source.stop();
  await target.stop();
  await ca.remove();
});

const credentials = { SOURCE_USERNAME: account.username, SOURCE_PASSWORD: account.password };

function sync(...more: string[]) {
  return runSync(
    [
      ...["--source", source.origin, "--source-plain-http", "--source-namespace", "team"],
      ...["--target", target.origin, "--target-ca", ca.certificatePath],
      ...more,
    ],
    { env: credentials },
  );
}

async function expectSameDigests(namespace: string, repositories: readonly string[]): Promise<void> {
  for (const repository of repositories) {
    const path = `${namespace}/${repository}`;
    const tags = await skopeoListTags(sourceClient, `team/${repository}`);
    expect(await skopeoListTags(targetClient, path)).toEqual(tags);
    for (const tag of tags) {
      const here = await skopeoDigest(sourceClient, `team/${repository}`, tag);
      expect([path, tag, await skopeoDigest(targetClient, path, tag)]).toEqual([path, tag, here]);
    }
  }
}

describe("a namespace into another one", () => {
  const everything = ["app", "both", "docker", "files", "nested", "sub/api", "web-chart"];

  test("every kind of content arrives with the digest it had, and can be pulled whole", async () => {
    const run = await sync("--target-namespace", "mirror");
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(run.summary).toMatchObject({ repositories: 7, copied: 9, upToDate: 0, skipped: 0, failed: 0 });
    await expectSameDigests("mirror", everything);
    for (const repository of ["app", "both", "docker", "sub/api"]) {
      expect((await skopeoPull(targetClient, `mirror/${repository}`, "v1")).length).toBeGreaterThan(1);
    }
    // skopeo reads no index inside an index; oras copies what it finds, down to the last blob.
    const at = { registry: targetClient, repository: "mirror/nested", tag: "v1" };
    await orasCopy(at, { ...at, repository: "again/nested" });
    await expect(skopeoListTags(targetClient, "mirror/other")).rejects.toThrow();
  });

  test("each distinct blob was sent once and mounted elsewhere", async () => {
    const uploads = (await target.accessLog()).matching("PUT", /\/blobs\/uploads\/.*digest=/);
    const digests = uploads.map(({ path }) => decodeURIComponent(path).replace(/.*digest=([^&]+).*/, "$1"));
    expect(digests.length).toBeGreaterThan(10);
    expect(new Set(digests).size).toBe(digests.length);
    // `base` is in four repositories.
    const mounts = (await target.accessLog()).matching("POST", /[?&]mount=/);
    expect(mounts.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(3);
    const reads = (await source.accessLog()).matching("GET", /\/blobs\/sha256:/);
    const okReads = reads.filter(({ status }) => status === 200).map(({ path }) => path.replace(/.*\//, ""));
    expect(new Set(okReads).size).toBe(okReads.length);
  });

  test("a second run writes nothing", async () => {
    const before = await target.accessLog();
    const run = await sync("--target-namespace", "mirror");
    expect(run.exitCode).toBe(0);
    expect(run.summary).toMatchObject({ copied: 0, upToDate: 9, failed: 0, bytesCopied: 0 });
    const after = await target.accessLog();
    const written = (log: typeof after) => log.entries.filter(({ method }) => /PUT|POST|PATCH/.test(method));
    expect(written(after)).toHaveLength(written(before).length);
  });

  test("a tag that names something else is kept, or replaced with --override", async () => {
    const newer = image({ layers: [base, layer("app-1-newer", 20_000)] });
    const old = await skopeoDigest(targetClient, "mirror/app", "v1");
    await pushContent(source.origin, "team/app", "v1", newer, { account });
    const kept = await sync("--target-namespace", "mirror");
    expect([kept.exitCode, kept.summary?.skipped, kept.summary?.copied]).toEqual([0, 1, 0]);
    expect(await skopeoDigest(targetClient, "mirror/app", "v1")).toBe(old);
    const replaced = await sync("--target-namespace", "mirror", "--override");
    expect([replaced.exitCode, replaced.summary?.skipped, replaced.summary?.copied]).toEqual([0, 0, 1]);
    expect(await skopeoDigest(targetClient, "mirror/app", "v1")).toBe(newer.manifest.digest);
  });
});

test("expressions match the whole path below the namespace and the whole tag", async () => {
  const run = await sync("--target-namespace", "some", "--repository", "sub/.*|app", "--tag", "v1");
  expect(run.summary).toMatchObject({ repositories: 2, copied: 2, failed: 0 });
  expect(await skopeoListTags(targetClient, "some/app")).toEqual(["v1"]);
  expect(await skopeoListTags(targetClient, "some/sub/api")).toEqual(["v1"]);
});

test("charts are told from images by their config", async () => {
  const charts = await sync("--target-namespace", "charts", "--type", "chart");
  expect(charts.summary).toMatchObject({ repositories: 1, copied: 2, failed: 0 });
  await expectSameDigests("charts", ["web-chart"]);
  const images = await sync("--target-namespace", "images", "--type", "image");
  expect(images.summary).toMatchObject({ repositories: 6, copied: 7, failed: 0 });
});

test("a dry run writes nothing", async () => {
  const run = await sync("--target-namespace", "dry", "--dry-run");
  expect(run.exitCode).toBe(0);
  await expect(skopeoListTags(targetClient, "dry/app")).rejects.toThrow();
});

test("what cannot work ends with 1, wrong usage with 2, and says why", async () => {
  const refused = await runSync(
    [
      ...["--source", source.origin, "--source-plain-http", "--source-namespace", "team"],
      ...["--target", target.origin, "--target-ca", ca.certificatePath],
    ],
    { env: { ...credentials, SOURCE_PASSWORD: "wrong" } },
  );
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/UNAUTHORIZED|refused/);
  expect(refused.stderr).not.toContain("wrong");

  const distrusted = await runSync(
    [
      ...["--source", source.origin, "--source-plain-http", "--source-namespace", "team"],
      ...["--target", target.origin],
    ],
    { env: credentials },
  );
  expect(distrusted.exitCode).toBe(1);
  expect(`${distrusted.stderr}${distrusted.stdout}`).toMatch(/TLS|certificate/i);

  const plain = await runSync([
    "--source",
    source.origin,
    "--source-namespace",
    "team",
    "--target",
    target.origin,
  ]);
  expect(plain.exitCode).toBe(2);
  expect(plain.stderr).toContain("--source-plain-http");
  const pattern = await sync("--repository", "(?=look)ahead");
  expect(pattern.exitCode).toBe(2);
  expect(pattern.stderr).not.toMatch(/\n\s+at /);

  const nothing = await sync("--repository", "no-such-repository");
  expect([nothing.exitCode, nothing.summary?.repositories]).toEqual([0, 0]);
});
