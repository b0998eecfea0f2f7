import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChartMuseum, type TestChartMuseum } from "../testing/chart-museum/chart-museum.ts";
import {
  type ClientRegistry,
  clientOf,
  manifestOf,
  skopeoDigest,
  skopeoListTags,
} from "../testing/clients.ts";
import { image, layer } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { HELM, helmChart, packagedChart, provenanceOf } from "../testing/helm-chart.ts";
import { pushContent } from "../testing/push-content.ts";
import { runSync } from "../testing/sync-command.ts";
import { runTool } from "../testing/tool.ts";

// The whole engine as a process of its own, out of a ChartMuseum into another one and into a CNCF Distribution. What arrived is
// read back by oras and skopeo, and from the disk of the other museum.

const account = { username: "robot", password: "s3cret:with@signs" };
const credentials = { SOURCE_USERNAME: account.username, SOURCE_PASSWORD: account.password };
const CHARTS = [
  { name: "web", version: "1.0.0" },
  { name: "web", version: "1.1.0+build.5" },
  { name: "api", version: "0.3.0-rc.1" },
];

let source: TestChartMuseum;
let museum: TestChartMuseum;
let registry: DockerRegistry;
let client: ClientRegistry;

beforeAll(async () => {
  source = await startChartMuseum({ account });
  museum = await startChartMuseum();
  registry = await startDockerRegistry();
  client = clientOf(registry, { plainHttp: true });
  for (const chart of CHARTS) {
    await source.store.putChart("team", packagedChart(chart), false);
  }
  await source.store.putProvenance("team", provenanceOf(signed(), packagedChart(signed())), false);
});
afterAll(async () => {
  await source.stop();
  await museum.stop();
  await registry.stop();
});

function signed() {
  return CHARTS[1] as { name: string; version: string };
}

function sync(...more: string[]) {
  const from = ["--source-charts", source.address, "--source-plain-http", "--source-namespace", "team"];
  return runSync([...from, "--target-plain-http", ...more], { env: credentials });
}

/** Every blob that oras finds below a tag, checked by it against its digest. */
async function pulled(repository: string, tag: string): Promise<Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), "lockstep-oras-"));
  try {
    await runTool("oras", [
      "copy",
      "--from-plain-http",
      "--to-oci-layout",
      `${client.host}/${repository}:${tag}`,
      `${folder}:${tag}`,
    ]);
    const names = await readdir(join(folder, "blobs/sha256"));
    return await Promise.all(names.map((name) => readFile(join(folder, "blobs/sha256", name))));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("into a registry", () => {
  test("charts become what helm pull finds: the archive, Chart.yaml as config, the provenance", async () => {
    const run = await sync("--target", registry.origin, "--target-namespace", "charts");
    expect([run.stderr, run.exitCode]).toEqual(["", 0]);
    expect(run.summary).toMatchObject({ repositories: 2, copied: 3, failed: 0 });
    expect(await skopeoListTags(client, "charts/web")).toEqual(["1.0.0", "1.1.0_build.5"]);
    expect(await skopeoListTags(client, "charts/api")).toEqual(["0.3.0-rc.1"]);
    const { json } = await manifestOf(client, "charts/web", "1.1.0_build.5");
    expect(json).toMatchObject({
      config: { mediaType: HELM.config },
      layers: [{ mediaType: HELM.chart }, { mediaType: HELM.provenance }],
      annotations: { "org.opencontainers.image.version": "1.1.0+build.5" },
    });
    const blobs = await pulled("charts/web", "1.1.0_build.5");
    expect(blobs).toContainEqual(packagedChart(signed()));
    expect(blobs).toContainEqual(provenanceOf(signed(), packagedChart(signed())));
    const metadata = blobs.map(String).find((text) => text.startsWith('{"name"'));
    expect(JSON.parse(metadata ?? "")).toMatchObject({ name: "web", version: "1.1.0+build.5" });
  });

  test("a second run finds the same digests and writes nothing", async () => {
    const written = async () =>
      (await registry.accessLog()).entries.filter(({ method }) => /PUT|POST|PATCH/.test(method)).length;
    const before = await written();
    const run = await sync("--target", registry.origin, "--target-namespace", "charts", "--override");
    expect(run.summary).toMatchObject({ copied: 0, upToDate: 3, failed: 0, bytesCopied: 0 });
    expect(await written()).toBe(before);
  });

  test("a version that is there with other content is kept, or replaced with --override", async () => {
    const other = helmChart({ name: "api", version: "0.3.0-rc.1", description: "pushed by somebody" });
    await pushContent(registry.origin, "kept/api", "0.3.0-rc.1", other);
    const kept = await sync("--target", registry.origin, "--target-namespace", "kept", "--repository", "api");
    expect(kept.summary).toMatchObject({ copied: 0, skipped: 1, failed: 0 });
    expect(await skopeoDigest(client, "kept/api", "0.3.0-rc.1")).toBe(other.manifest.digest);
    const replaced = await sync(
      "--target",
      registry.origin,
      "--target-namespace",
      "kept",
      "--repository",
      "api",
      "--override",
    );
    expect(replaced.summary).toMatchObject({ copied: 1, failed: 0 });
    expect(await skopeoDigest(client, "kept/api", "0.3.0-rc.1")).toBe(
      await skopeoDigest(client, "charts/api", "0.3.0-rc.1"),
    );
  });
});

describe("into another chart repository", () => {
  test("archives and provenance arrive byte for byte, and a second run writes nothing", async () => {
    const run = await sync("--target-charts", museum.address, "--target-namespace", "a/b");
    expect([run.stderr, run.exitCode]).toEqual(["", 0]);
    expect(run.summary).toMatchObject({ repositories: 2, copied: 3, failed: 0 });
    for (const { name, version } of CHARTS) {
      const file = `${name}-${version}.tgz`;
      expect(await museum.store.file("a/b", file)).toEqual(await source.store.file("team", file));
    }
    expect(await museum.store.file("a/b", "web-1.1.0+build.5.tgz.prov")).toEqual(
      provenanceOf(signed(), packagedChart(signed())),
    );
    const posts = () => museum.requests.filter(({ method }) => method === "POST").length;
    const before = posts();
    const again = await sync("--target-charts", museum.address, "--target-namespace", "a/b");
    expect(again.summary).toMatchObject({ copied: 0, upToDate: 3, failed: 0, bytesCopied: 0 });
    expect(posts()).toBe(before);
  });

  test("a version that is there with other content is kept, or replaced with --override", async () => {
    const other = packagedChart({ name: "api", version: "0.3.0-rc.1", description: "pushed by somebody" });
    await museum.store.putChart("kept", other, false);
    const into = ["--target-charts", museum.address, "--target-namespace", "kept", "--repository", "api"];
    expect((await sync(...into)).summary).toMatchObject({ copied: 0, skipped: 1, failed: 0 });
    expect(await museum.store.file("kept", "api-0.3.0-rc.1.tgz")).toEqual(other);
    expect((await sync(...into, "--override")).summary).toMatchObject({ copied: 1, failed: 0 });
    expect(await museum.store.file("kept", "api-0.3.0-rc.1.tgz")).toEqual(
      packagedChart({ name: "api", version: "0.3.0-rc.1" }),
    );
  });
});

test("two stores at each end: charts stay charts, OCI charts and images go to the registry", async () => {
  const oci = await startDockerRegistry();
  const plain = await startChartMuseum();
  try {
    await plain.store.putChart("team", packagedChart({ name: "web", version: "1.0.0" }), false);
    await plain.store.putChart("team", packagedChart({ name: "old", version: "2.0.0" }), false);
    const pushed = helmChart({ name: "web", version: "1.0.0", description: "as helm pushed it" });
    await pushContent(oci.origin, "team/web", "1.0.0", pushed);
    await pushContent(oci.origin, "team/app", "v1", image({ layers: [layer("app", 2000)] }));
    const run = await runSync([
      ...[
        "--source",
        oci.origin,
        "--source-charts",
        plain.address,
        "--source-plain-http",
        "--source-namespace",
        "team",
      ],
      ...["--target", registry.origin, "--target-charts", museum.address, "--target-plain-http"],
      ...["--target-namespace", "both"],
    ]);
    expect([run.stderr, run.exitCode]).toEqual(["", 0]);
    expect(run.summary).toMatchObject({ repositories: 3, copied: 3, failed: 0 });
    expect(await skopeoDigest(client, "both/web", "1.0.0")).toBe(pushed.manifest.digest);
    expect(await skopeoListTags(client, "both/app")).toEqual(["v1"]);
    expect((await museum.store.list("both")).map(({ fileName }) => fileName)).toEqual(["old-2.0.0.tgz"]);
  } finally {
    await oci.stop();
    await plain.stop();
  }
});

test("what is wrong with one version is said of it, and the others are copied", async () => {
  const odd = await startChartMuseum();
  try {
    const good = packagedChart({ name: "good", version: "1.0.0" });
    await odd.store.putChart("", good, false);
    odd.setIndex(`entries:
  good:
  - {version: 1.0.0, urls: [charts/good-1.0.0.tgz]}
  - {version: latest, urls: [charts/good-1.0.0.tgz]}
  gone:
  - {version: 1.0.0, urls: [charts/gone-1.0.0.tgz]}
  Upper:
  - {version: 1.0.0, urls: [charts/good-1.0.0.tgz]}
`);
    const run = await runSync([
      ...["--source-charts", odd.address, "--source-plain-http", "--source-namespace", ""],
      ...["--target", registry.origin, "--target-plain-http", "--target-namespace", "odd"],
    ]);
    expect(run.exitCode).toBe(1);
    expect(run.summary).toMatchObject({ copied: 1, failed: 3 });
    expect(run.stderr).toMatch(/^gone: .*archive of gone 1\.0\.0 where the index says, got 404/m);
    expect(run.stderr).toMatch(/^good: .*expected a semantic version, got good latest/m);
    expect(run.stderr).toMatch(/^upper: .*a chart's name of lower-case letters.*got Upper/m);
  } finally {
    await odd.stop();
  }
});

test("credentials of the source are shown to the source alone", async () => {
  const elsewhere = await startChartMuseum();
  const pointing = await startChartMuseum({ account, chartUrl: elsewhere.address });
  try {
    const chart = packagedChart({ name: "far", version: "1.0.0" });
    await elsewhere.store.putChart("team", chart, false);
    await pointing.store.putChart("team", chart, false);
    const run = await runSync(
      [
        ...["--source-charts", pointing.address, "--source-plain-http", "--source-namespace", "team"],
        ...["--target-charts", museum.address, "--target-plain-http", "--target-namespace", "far"],
      ],
      { env: credentials },
    );
    expect([run.stderr, run.summary?.copied]).toEqual(["", 1]);
    expect(await museum.store.file("far", "far-1.0.0.tgz")).toEqual(chart);
    expect(elsewhere.requests.length).toBeGreaterThan(1);
    const shown = [...elsewhere.requests, ...museum.requests].filter(({ authorization }) => authorization);
    expect(shown).toEqual([]);
  } finally {
    await elsewhere.stop();
    await pointing.stop();
  }
});
