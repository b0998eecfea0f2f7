import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { clientOf, skopeoDigest, skopeoListTags, skopeoPull } from "../testing/clients.ts";
import { image, layer } from "../testing/content.ts";
import { startDockerRegistry } from "../testing/docker-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import type { Interception } from "../testing/registry/exchange.ts";
import { type RunningRegistry, startRegistry } from "../testing/registry/server.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { runSync } from "../testing/sync-command.ts";

// The command against registries that are unlike the common server, or misbehave at its listings. What else a registry can
// throw is in scripts/trust/faults.

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

async function started<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  cleanups.push(server.stop);
  return server;
}

const account = { username: "robot", password: "secret-1" };
const credentials = {
  SOURCE_USERNAME: account.username,
  SOURCE_PASSWORD: account.password,
  TARGET_USERNAME: account.username,
  TARGET_PASSWORD: account.password,
};

function sync(source: { origin: string }, target: { origin: string }, env = {}, ...more: string[]) {
  return runSync(
    [
      ...["--source", source.origin, "--source-plain-http", "--source-namespace", "team"],
      ...["--target", target.origin, "--target-plain-http", ...more],
    ],
    { env },
  );
}

/** Pushed before the registry asks who is there. */
async function filled(registry: RunningRegistry, repositories = 5, tags = 5): Promise<void> {
  const base = layer("rough-base", 400_000);
  for (let r = 0; r < repositories; r += 1) {
    for (let t = 0; t < tags; t += 1) {
      const artifact = image({ layers: [base, layer(`rough-${r}-${t}`, 2000)] });
      await pushContent(registry.origin, `team/app-${r}`, `v${t}`, artifact);
    }
  }
}

test("token auth at both ends, pages of two names", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "lockstep-rough-"));
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const open = await startRegistry({ dataDir });
  await filled(open);
  const { manifest } = image({ layers: [layer("rough-base", 400_000), layer("rough-0-0", 2000)] });
  await open.stop();
  const token = { kind: "token" as const, ...account };
  const source = await started(startRegistry({ dataDir, auth: token, pageSize: 2 }));
  const target = await started(temporaryRegistry({ auth: token, pageSize: 2 }));

  const run = await sync(source, target, credentials);
  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  expect(run.summary).toMatchObject({ repositories: 5, copied: 25, failed: 0 });
  const at = clientOf(target, { plainHttp: true, account });
  expect(await skopeoListTags(at, "team/app-0")).toEqual(["v0", "v1", "v2", "v3", "v4"]);
  expect(await skopeoDigest(at, "team/app-0", "v0")).toBe(manifest.digest);
  // The base layer is in five repositories: sent once, mounted four times.
  expect(run.summary?.bytesMounted).toBeGreaterThanOrEqual(4 * 400_000);
});

const TROUBLES: [string, (interception: Interception) => "answered" | undefined][] = [
  [
    "503 with Retry-After once for each manifest",
    ({ url, response, earlier, method }) => {
      if (method === "GET" && url.pathname.includes("/manifests/") && earlier === 0) {
        response.writeHead(503, { "Retry-After": "0" }).end();
        return "answered";
      }
      return undefined;
    },
  ],
  [
    "connections reset at the first listing and the first check",
    ({ request, earlier, method, url }) => {
      if ((method === "HEAD" || url.pathname.endsWith("/list")) && earlier === 0) {
        request.socket.resetAndDestroy();
        return "answered";
      }
      return undefined;
    },
  ],
];

test.each(TROUBLES)("the source heals from %s", async (_name, intercept) => {
  let armed = false;
  const source = await started(
    temporaryRegistry({ intercept: (interception) => (armed ? intercept(interception) : undefined) }),
  );
  await filled(source, 2, 2);
  armed = true;
  const target = await started(startDockerRegistry());
  const run = await sync(source, target);
  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  expect(run.summary).toMatchObject({ copied: 4, failed: 0 });
  const at = clientOf(target, { plainHttp: true });
  expect(await skopeoPull(at, "team/app-1", "v1")).toHaveLength(3);
});
