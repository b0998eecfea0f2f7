import { afterAll, beforeAll, expect, test } from "vitest";
import { startChartMuseum } from "../testing/chart-museum/chart-museum.ts";
import { clientOf, skopeoPull } from "../testing/clients.ts";
import { image, index, layer } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { startGeneratedRegistry } from "../testing/generated-registry.ts";
import { packagedChart, provenanceOf } from "../testing/helm-chart.ts";
import { pullAndHash } from "../testing/pull-and-hash.ts";
import { pushContent } from "../testing/push-content.ts";
import type { RunningRegistry } from "../testing/registry/server.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { dockerStorage, flipByte, takeAway } from "../testing/stored-content.ts";
import { runSync, type SyncRun } from "../testing/sync-command.ts";

// --verify and --deep as a person runs them, against a CNCF Distribution whose disk is changed behind its back, and a registry
// of our own that takes incomplete indexes.

const base = layer("verify-base", 30_000);
const imageFor = (architecture: string) =>
  image({ layers: [base, layer(`verify ${architecture}`, 900)], platform: { os: "linux", architecture } });
const [amd64, arm64] = [imageFor("amd64"), imageFor("arm64")];
const both = index([amd64, arm64]);
const VERIFIED = { tags: 2, manifests: 3, blobs: 5, bytesRead: 0, findings: 0, repaired: 0 };

let source: DockerRegistry;
let target: DockerRegistry;
let tolerant: RunningRegistry;
beforeAll(async () => {
  source = await startDockerRegistry();
  target = await startDockerRegistry();
  tolerant = await temporaryRegistry({ sparseIndexes: true });
  await pushContent(source.origin, "team/app", "1.0", both);
  await pushContent(source.origin, "team/app", "1.0-amd64", amd64);
});
afterAll(async () => {
  await source.stop();
  await target.stop();
  await tolerant.stop();
});

let sent = 0;

async function sync(to: { origin: string }, ...more: string[]): Promise<SyncRun> {
  const run = await runSync([
    ...["--source", source.origin, "--source-plain-http", "--source-namespace", "team"],
    ...["--target", to.origin, "--target-plain-http", ...more],
  ]);
  sent += to === target ? (run.summary?.requests.target ?? 0) : 0;
  return run;
}

/** Of all runs so far: a server may note a request after its answer was read. */
async function writes(): Promise<number> {
  const noted = async () => (await target.accessLog()).total;
  await expect.poll(noted, { timeout: 60_000 }).toBeGreaterThanOrEqual(sent);
  const { entries } = await target.accessLog();
  return entries.filter(({ method }) => !/^(?:GET|HEAD)$/.test(method)).length;
}

test("what was copied is proven, and so is what stood there; the second time nothing is written", async () => {
  const first = await sync(target, "--verify");
  expect([first.exitCode, first.stderr]).toEqual([0, ""]);
  expect(first.summary).toMatchObject({ copied: 2, failed: 0, verified: VERIFIED });
  const before = await writes();
  const second = await sync(target, "--verify");
  expect(second.summary).toMatchObject({ copied: 0, upToDate: 2, verified: VERIFIED });
  expect(await writes()).toBe(before);
  const deep = await sync(target, "--deep");
  const sizes = [...amd64.blobs, ...arm64.blobs].map(({ digest, bytes }) => [digest, bytes.length] as const);
  const bytesRead = [...new Map(sizes).values()].reduce((sum, size) => sum + size, 0);
  expect(deep.summary).toMatchObject({ upToDate: 2, verified: { ...VERIFIED, bytesRead } });
});

test("what lacks is said by a dry run, brought back, and named", async () => {
  const lacking = amd64.blobs[2]?.digest ?? "";
  await takeAway(dockerStorage(target.dataDir).bytes(lacking));
  const before = await writes();
  const dry = await sync(target, "--verify", "--dry-run");
  expect(dry.exitCode).toBe(1);
  expect(dry.summary).toMatchObject({ failed: 2, verified: { findings: 2, repaired: 0 } });
  expect(dry.stderr).toMatch(
    new RegExp(`^team/app:1\\.0: 1\\.0 is incomplete .*blob ${lacking} missing`, "m"),
  );
  expect(await writes()).toBe(before);
  const run = await sync(target, "--verify", "--concurrency", "1");
  expect(run.exitCode).toBe(0);
  expect(run.summary).toMatchObject({ upToDate: 2, failed: 0, verified: { findings: 1, repaired: 1 } });
  expect(run.stderr).toMatch(new RegExp(`^team/app:\\S+: repaired blob ${lacking} missing$`, "m"));
  expect((await skopeoPull(clientOf(target, { plainHttp: true }), "team/app", "1.0-amd64")).length).toBe(3);
});

test("what only its bytes tell is found by --deep; a registry that keeps it fails the tags that need it", async () => {
  const bytes = dockerStorage(target.dataDir).bytes(base.digest);
  await flipByte(bytes);
  expect((await sync(target, "--verify")).exitCode).toBe(0);
  const run = await sync(target, "--deep");
  expect([run.exitCode, run.summary?.upToDate, run.summary?.failed]).toEqual([1, 0, 2]);
  expect(run.stderr).toContain("Pushing again does not replace it. Have the damaged file removed");
  expect(run.stderr).toContain(`TARGET_DAMAGED · at the target · ${base.digest}`);
  await takeAway(bytes);
  const again = await sync(target, "--deep");
  expect([again.exitCode, again.summary?.failed]).toEqual([0, 0]);
  await pullAndHash(target.origin, "team/app", "1.0");
});

test("an index that was copied in part is whole after --verify, though its tag is up to date", async () => {
  const platforms = ["--platform", "linux/arm64", "--platform-mode", "sparse", "--tag", "1\\.0"];
  const sparse = await sync(tolerant, ...platforms, "--verify");
  // The index and one image of it; the other is not owed.
  expect(sparse.summary).toMatchObject({ copied: 1, failed: 0, verified: { manifests: 2, findings: 0 } });
  await expect(pullAndHash(tolerant.origin, "team/app", "1.0")).rejects.toThrow(/404/);
  const plain = await sync(tolerant, "--tag", "1\\.0");
  expect(plain.summary).toMatchObject({ upToDate: 1, copied: 0 });
  await expect(pullAndHash(tolerant.origin, "team/app", "1.0")).rejects.toThrow(/404/);
  const verified = await sync(tolerant, "--tag", "1\\.0", "--verify");
  expect([verified.exitCode, verified.summary]).toMatchObject([0, { upToDate: 1, failed: 0 }]);
  // Its manifest, config and own layer; the base came with the other image.
  expect(verified.summary?.verified).toMatchObject({ findings: 3, repaired: 3 });
  await pullAndHash(tolerant.origin, "team/app", "1.0");
});

test("a packaged chart is read again with its provenance, and sent anew where its bytes are others", async () => {
  const [from, to] = await Promise.all([startChartMuseum(), startChartMuseum()]);
  try {
    const chart = { name: "web", version: "1.0.0" };
    const archive = packagedChart(chart);
    await from.store.putChart("team", archive, false);
    await from.store.putProvenance("team", provenanceOf(chart, archive), false);
    const charts = (...more: string[]) =>
      runSync([
        ...["--source-charts", from.address, "--source-plain-http", "--source-namespace", "team"],
        ...["--target-charts", to.address, "--target-plain-http", ...more],
      ]);
    const first = await charts("--verify");
    expect([first.exitCode, first.stderr]).toEqual([0, ""]);
    // The chart as a manifest; archive, Chart.yaml and provenance.
    expect(first.summary).toMatchObject({ copied: 1, verified: { manifests: 1, blobs: 3, findings: 0 } });
    // The index goes on naming what is not there any more.
    to.setIndex(await (await fetch(`${to.address}/team/index.yaml`)).text());
    await to.store.putChart("team", packagedChart({ ...chart, description: "damaged" }), true);
    expect((await charts()).summary).toMatchObject({ upToDate: 1, failed: 0 });
    const run = await charts("--verify");
    expect(run.stderr).toMatch(/^team\/web:1\.0\.0: repaired blob sha256:\S+ wrong-(?:bytes|size)$/m);
    expect(run.summary).toMatchObject({ upToDate: 1, failed: 0, verified: { findings: 1, repaired: 1 } });
    expect(await to.store.file("team", "web-1.0.0.tgz")).toEqual(archive);
    const posts = to.requests.filter(({ method }) => method === "POST").length;
    expect((await charts("--verify")).summary).toMatchObject({ upToDate: 1, verified: { findings: 0 } });
    expect(to.requests.filter(({ method }) => method === "POST")).toHaveLength(posts);
  } finally {
    await Promise.all([from.stop(), to.stop()]);
  }
});

test("--deep reads a large layer once and keeps nothing of it", async () => {
  const layerBytes = 1024 ** 3;
  const [from, to] = await Promise.all([0, 1].map(() => startGeneratedRegistry(layerBytes)));
  try {
    const run = await runSync(
      [
        ...["--source", from?.origin ?? "", "--source-plain-http", "--source-namespace", "generated"],
        ...["--target", to?.origin ?? "", "--target-plain-http", "--deep"],
      ],
      { timeoutMs: 230_000 },
    );
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
    expect(run.summary).toMatchObject({ upToDate: 1, verified: { blobs: 2, findings: 0 } });
    expect([from?.sentBytes(), to?.sentBytes()]).toEqual([0, layerBytes]);
    expect(run.peakBytes).toBeLessThanOrEqual(160 * 1024 ** 2);
  } finally {
    await Promise.all([from?.stop(), to?.stop()]);
  }
}, 240_000);
