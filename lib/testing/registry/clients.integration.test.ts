import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createTestCa } from "../certificates.ts";
import {
  clientOf,
  manifestOf,
  orasCopy,
  orasPush,
  skopeoCopy,
  skopeoDigest,
  skopeoListTags,
  skopeoPull,
} from "../clients.ts";
import { image, index, layer, sha256 } from "../content.ts";
import { helmChart } from "../helm-chart.ts";
import { pushContent } from "../push-content.ts";
import { startRegistry } from "./server.ts";
import { temporaryRegistry } from "./temporary-registry.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

const account = { username: "robot", password: "secret-1" };
const plainHttp = true;

describe.each([
  ["anonymous", undefined],
  ["basic", { kind: "basic" as const, ...account }],
  ["token", { kind: "token" as const, ...account }],
])("with %s auth", (_name, auth) => {
  test("skopeo and oras push and pull the same digests", async () => {
    const ours = await temporaryRegistry({ auth, pageSize: 2 });
    cleanups.push(ours.stop);
    const at = clientOf(ours, { plainHttp, account: auth === undefined ? undefined : account });
    const files = [{ name: "a.txt", content: "one" }];
    const pushed = await orasPush(at, "team/files", "v1", files, { artifactType: "application/vnd.example" });
    await orasCopy(
      { registry: at, repository: "team/files", tag: "v1" },
      { registry: at, repository: "team/copy", tag: "v1" },
    );
    expect((await manifestOf(at, "team/copy", "v1")).digest).toBe(pushed);

    for (const tag of ["v2", "v3", "v4"]) {
      await skopeoCopy(
        { registry: at, repository: "team/copy", tag: "v1" },
        { registry: at, repository: "other/place", tag },
      );
    }
    expect(await skopeoListTags(at, "other/place")).toEqual(["v2", "v3", "v4"]);
    expect(await skopeoDigest(at, "other/place", "v4")).toBe(pushed);
    expect(await skopeoPull(at, "other/place", "v4")).toHaveLength(2);
    expect(ours.tokensIssued() > 0).toBe(auth?.kind === "token");

    if (auth !== undefined) {
      const stranger = { ...at, account: { ...account, password: "wrong" } };
      await expect(skopeoListTags(stranger, "team/files")).rejects.toThrow(/unauthorized|authentication/i);
    }
  });
});

test("over TLS of a private authority", async () => {
  const ca = await createTestCa();
  cleanups.push(ca.remove);
  const ours = await temporaryRegistry({ tls: await ca.issue() });
  cleanups.push(ours.stop);
  const at = clientOf(ours, { ca });
  const digest = await orasPush(at, "team/files", "v1", [{ name: "a.txt", content: "one" }]);
  expect(await skopeoDigest(at, "team/files", "v1")).toBe(digest);
});

test("an index of two platforms and a chart survive a restart, every byte", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "lockstep-restart-"));
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const first = await startRegistry({ dataDir });
  const shared = layer("shared", 200_000);
  const platforms = ["amd64", "arm64"].map((architecture) =>
    image({ layers: [shared, layer(architecture, 1000)], platform: { os: "linux", architecture } }),
  );
  const both = index(platforms);
  const chart = helmChart({ name: "web", version: "1.0.0" });
  await pushContent(first.origin, "team/web", "v1", both);
  await pushContent(first.origin, "charts/web", "1.0.0", chart);
  await first.stop();

  const second = await startRegistry({ dataDir });
  cleanups.push(second.stop);
  const at = clientOf(second, { plainHttp });
  expect(await skopeoDigest(at, "team/web", "v1")).toBe(both.manifest.digest);
  // Shared layer, two others, two configs.
  expect(await skopeoPull(at, "team/web", "v1")).toHaveLength(5);
  expect((await manifestOf(at, "charts/web", "1.0.0")).digest).toBe(chart.manifest.digest);
});

test("an upload continues after a restart where it was", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "lockstep-resume-"));
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const first = await startRegistry({ dataDir });
  const opened = await fetch(`${first.origin}/v2/team/app/blobs/uploads/`, { method: "POST" });
  const path = opened.headers.get("location") ?? "";
  await fetch(`${first.origin}${path}`, { method: "PATCH", body: "first " });
  await first.stop();
  const second = await startRegistry({ dataDir });
  cleanups.push(second.stop);
  const digest = sha256("first second");
  const put = await fetch(`${second.origin}${path}?digest=${digest}`, { method: "PUT", body: "second" });
  expect(put.status).toBe(201);
});
