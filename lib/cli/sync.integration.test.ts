import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createTestCa, type TestCa } from "../testing/certificates.ts";
import {
  clientOf,
  orasPush,
  skopeoCopy,
  skopeoDigest,
  skopeoListTags,
  skopeoPull,
} from "../testing/clients.ts";
import { image, index, layer } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { startGeneratedRegistry } from "../testing/generated-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import { runSync } from "../testing/sync-command.ts";

// The command as its manual promises it: keys, exit status, requests, dry run, Ctrl-C. The content that skopeo and oras
// put in and take out is theirs.

const account = { username: "robot", password: "pa:ss w@rd" };
const base = layer("cli-base", 300_000);

let ca: TestCa;
let source: DockerRegistry;
let target: DockerRegistry;
beforeAll(async () => {
  ca = await createTestCa();
  source = await startDockerRegistry({ tls: ca });
  target = await startDockerRegistry({ htpasswd: account });
});
afterAll(async () => {
  await source.stop();
  await target.stop();
  await ca.remove();
});

const env = { TARGET_USERNAME: account.username, TARGET_PASSWORD: account.password };
const from = () => clientOf(source, { ca });
const to = () => clientOf(target, { account, plainHttp: true });

function parameters(namespace: string, more: string[] = []): string[] {
  return [
    ...["--source", source.origin, "--source-ca", ca.certificatePath, "--source-namespace", namespace],
    ...["--target", target.origin, "--target-plain-http", ...more],
  ];
}

test("what skopeo and oras pushed arrives whole, with the digests it had", async () => {
  const both = index(
    ["amd64", "arm64"].map((architecture) =>
      image({ layers: [base, layer(architecture, 900)], platform: { os: "linux", architecture } }),
    ),
  );
  await pushContent(source.origin, "tools/origin", "v1", both, { ca: ca.certificate });
  const place = (repository: string, tag: string) => ({ registry: from(), repository, tag });
  await skopeoCopy(place("tools/origin", "v1"), place("tools/copied", "v2"));
  await orasPush(from(), "tools/notes", "v1", [{ name: "notes.txt", content: "any artifact" }]);
  const run = await runSync(parameters("tools", ["--concurrency", "1"]), { env });
  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  expect(run.summary).toMatchObject({ repositories: 3, copied: 3, upToDate: 0, skipped: 0, failed: 0 });
  for (const [repository, tag] of [
    ["tools/origin", "v1"],
    ["tools/copied", "v2"],
    ["tools/notes", "v1"],
  ] as const) {
    expect(await skopeoDigest(to(), repository, tag)).toBe(await skopeoDigest(from(), repository, tag));
  }
  expect(await skopeoPull(to(), "tools/copied", "v2")).toEqual(
    await skopeoPull(from(), "tools/copied", "v2"),
  );
  // The second repository of the same content got it by mounts.
  expect(run.summary?.bytesMounted).toBeGreaterThan(300_000);
  expect(Object.keys(run.summary ?? {})).toEqual([
    ...["repositories", "copied", "upToDate", "skipped", "failed", "referrers"],
    ...["bytesCopied", "bytesMounted", "bytesSkipped", "requests", "durationMs"],
  ]);
});

describe("requests are counted, and few", () => {
  beforeAll(async () => {
    for (const repository of ["counted/a", "counted/b"]) {
      for (const tag of ["v1", "v2", "v3"]) {
        const artifact = image({ layers: [base, layer(`${repository}-${tag}`, 2_000)] });
        await pushContent(source.origin, repository, tag, artifact, { ca: ca.certificate });
      }
    }
  });

  async function counted(run: () => ReturnType<typeof runSync>) {
    const [sourceBefore, targetBefore] = await Promise.all([source.accessLog(), target.accessLog()]);
    const result = await run();
    const [sourceAfter, targetAfter] = await Promise.all([source.accessLog(), target.accessLog()]);
    const seen = {
      source: sourceAfter.total - sourceBefore.total,
      target: targetAfter.total - targetBefore.total,
    };
    expect(result.summary?.requests).toEqual(seen);
    return {
      result,
      sourceEntries: sourceAfter.entries.slice(sourceBefore.total),
      targetEntries: targetAfter.entries.slice(targetBefore.total),
    };
  }

  test("a full run reads each manifest and each distinct blob once", async () => {
    const { result, sourceEntries } = await counted(() => runSync(parameters("counted"), { env }));
    expect(result.summary).toMatchObject({ copied: 6, failed: 0 });
    const heads = sourceEntries.filter(({ method }) => method === "HEAD").length;
    // list, 2 × tags, 6 manifests, 1 base + 6 layers + 6 configs; one for the referrers API
    expect(sourceEntries.length - heads).toBe(1 + 2 + 6 + 13 + 1);
    // One a tag, but for those that were read because they are to be copied; at the end one more for each not seen a moment ago.
    expect(heads).toBeLessThanOrEqual(6 + 6);
  });

  test("a second run asks one HEAD a tag at each end, once for the referrers API, and writes nothing", async () => {
    const { result, targetEntries } = await counted(() => runSync(parameters("counted"), { env }));
    expect(result.summary).toMatchObject({ copied: 0, upToDate: 6, bytesCopied: 0, bytesMounted: 0 });
    expect(result.summary?.requests.source).toBe(1 + 2 + 6 + 1);
    // A machine that is busy takes its registries for distant ones, and lists them meanwhile.
    const lists = targetEntries.filter(({ path }) => path.includes("/tags/list"));
    expect(lists.length).toBeLessThanOrEqual(2 * 2);
    const asked = targetEntries.filter((entry) => entry.status !== 401 && !lists.includes(entry));
    expect(asked.map(({ method }) => method)).toEqual(Array(6).fill("HEAD"));
    // Asked whether a tag names what the source has just said, it says no more than that it does (likely-names.ts).
    expect(asked.filter(({ status }) => status !== 200 && status !== 304)).toEqual([]);
  });

  test("what a run remembers hides nothing that has changed since, at the source or at the target", async () => {
    const cache = mkdtempSync(join(tmpdir(), "lockstep-cache-"));
    onTestFinished(() => rmSync(cache, { recursive: true }));
    const remembering = { env: { ...env, XDG_CACHE_HOME: cache } };
    const before = await runSync(parameters("counted"), remembering);
    expect(before.summary).toMatchObject({ copied: 0, upToDate: 6 });
    const moved = image({ layers: [base, layer("counted-moved", 2_000)] });
    await pushContent(source.origin, "counted/a", "v1", moved, { ca: ca.certificate });
    const at = (tag: string) => ({ registry: to(), repository: "counted/b", tag });
    await skopeoCopy(at("v3"), at("v2"));
    const kept = await runSync(parameters("counted"), remembering);
    expect(kept.summary).toMatchObject({ copied: 0, skipped: 2, upToDate: 4 });
    const { result, sourceEntries, targetEntries } = await counted(() =>
      runSync(parameters("counted", ["--override"]), remembering),
    );
    expect(result.summary).toMatchObject({ copied: 2, skipped: 0, upToDate: 4 });
    for (const [repository, tag] of [
      ["counted/a", "v1"],
      ["counted/b", "v2"],
    ] as const) {
      expect(await skopeoDigest(to(), repository, tag)).toBe(await skopeoDigest(from(), repository, tag));
    }
    // The others were asked whether they name what they named, but for the first one of each end.
    for (const entries of [sourceEntries, targetEntries]) {
      expect(entries.filter(({ status }) => status === 304).length).toBeGreaterThanOrEqual(3);
    }
  });

  test("a layer that stands at the target under another tag is not sent again", async () => {
    const artifact = image({ layers: [base, layer("counted-new", 2_000)] });
    await pushContent(source.origin, "counted/a", "v4", artifact, { ca: ca.certificate });
    const { result } = await counted(() => runSync(parameters("counted", ["--tag", "v4"]), { env }));
    expect(result.summary).toMatchObject({ copied: 1 });
    expect(result.summary?.bytesCopied).toBeLessThan(20_000);
    expect(result.summary?.bytesSkipped).toBe(base.bytes.length);
  });
});

test("the process comes to its end by itself: who leaves early may wait for V8's threads for ever", async () => {
  // Node says so itself when it is told to exit.
  const run = await runSync(parameters("tools"), { env: { ...env, NODE_OPTIONS: "--trace-exit" } });
  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  expect(run.summary).toMatchObject({ upToDate: 3, failed: 0 });
});

test("a dry run says what it would do, counts it, and writes nothing", async () => {
  await pushContent(source.origin, "dry/app", "v1", image({ layers: [base] }), { ca: ca.certificate });
  const run = await runSync(parameters("dry", ["--dry-run"]), { env });
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toMatch(/^copy: dry\/app:v1 sha256:[0-9a-f]{64}$/m);
  expect(run.summary).toMatchObject({ copied: 1, bytesCopied: 0 });
  await expect(skopeoListTags(to(), "dry/app")).rejects.toThrow();
});

test("a failure is a sentence with the place, the end, the status and what the registry said", async () => {
  const denied = await runSync(parameters("tools"), { env: { ...env, TARGET_PASSWORD: "nonsense" } });
  expect(denied.exitCode).toBe(1);
  expect(denied.summary?.failed).toBe(3);
  expect(denied.stderr).toMatch(/^tools\/notes:v1: The target refused our credentials \(401\)\. .*HTTP 401/m);
  expect(denied.stderr).not.toContain("nonsense");
});

test("Ctrl-C in the middle of a blob ends it within seconds and leaves no upload and no tag", async () => {
  const endless = await startGeneratedRegistry(2 * 1024 ** 3);
  try {
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, "sync.ts"),
        ...["--source", endless.origin, "--source-plain-http", "--source-namespace", "generated"],
        ...["--target", target.origin, "--target-plain-http", "--target-namespace", "stopped", "--json"],
      ],
      { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    while (endless.sentBytes() < 50 * 1024 ** 2) {
      await sleep(20);
    }
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    const summary = JSON.parse(Buffer.concat(output).toString());
    expect(summary).toMatchObject({ copied: 0, failed: 0 });
    // The config landed; of the large layer nothing counts.
    expect(summary.bytesCopied).toBeLessThan(1_000);
    await expect(skopeoListTags(to(), "stopped/large")).rejects.toThrow();
    const log = await target.accessLog();
    expect(log.count("DELETE", /stopped\/large\/blobs\/uploads\//)).toBeGreaterThan(0);
  } finally {
    await endless.stop();
  }
});
