import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { type ClientRegistry, clientOf, skopeoCopy, skopeoDigest, skopeoPull } from "../testing/clients.ts";
import { image, layer } from "../testing/content.ts";
import { startDockerRegistry } from "../testing/docker-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import { runSync } from "../testing/sync-command.ts";
import { startTokenRegistry, type TokenRegistry } from "../testing/token-registry.ts";

// CNCF Distribution with token auth at both ends: it checks the signature of each token, and what the token allows.

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

async function tokenRegistry(options: { expiresInS?: number } = {}): Promise<TokenRegistry> {
  const started = await startTokenRegistry(options);
  cleanups.push(started.stop);
  return started;
}

const clientFor = ({ proxy, account }: TokenRegistry): ClientRegistry =>
  clientOf(proxy, { account, plainHttp: true });

/** Pushes by way of skopeo, which buys tokens of its own: what it accepts is no invention of ours. */
async function filled(source: TokenRegistry, names: Record<string, ReturnType<typeof image>>): Promise<void> {
  const open = await startDockerRegistry({ accessLog: false });
  try {
    for (const [repository, artifact] of Object.entries(names)) {
      await pushContent(open.origin, repository, "v1", artifact);
      const from = { registry: clientOf(open, { plainHttp: true }), repository, tag: "v1" };
      await skopeoCopy(from, { ...from, registry: clientFor(source) });
    }
  } finally {
    await open.stop();
  }
}

function sync(source: TokenRegistry, target: TokenRegistry, env: Record<string, string> = {}) {
  return runSync(
    [
      ...["--source", source.proxy.origin, "--source-plain-http", "--source-namespace", "team"],
      ...["--target", target.proxy.origin, "--target-plain-http", "--target-namespace", "mirror"],
    ],
    {
      env: {
        SOURCE_USERNAME: source.account.username,
        SOURCE_PASSWORD: source.account.password,
        TARGET_USERNAME: target.account.username,
        TARGET_PASSWORD: target.account.password,
        ...env,
      },
    },
  );
}

async function arrived(source: TokenRegistry, target: TokenRegistry, repository: string): Promise<void> {
  const digest = await skopeoDigest(clientFor(source), `team/${repository}`, "v1");
  expect(await skopeoDigest(clientFor(target), `mirror/${repository}`, "v1")).toBe(digest);
  expect((await skopeoPull(clientFor(target), `mirror/${repository}`, "v1")).length).toBeGreaterThan(1);
}

test("as source and as target: tokens by repository, and one for both where a blob is mounted (T19)", async () => {
  const [source, target] = await Promise.all([tokenRegistry(), tokenRegistry()]);
  const base = layer("token-base", 400_000);
  await filled(source, {
    "team/app": image({ layers: [base, layer("token-app", 5_000)] }),
    "team/web": image({ layers: [base, layer("token-web", 5_000)] }),
  });
  const before = source.issued().length;
  const run = await sync(source, target);
  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  expect(run.summary).toMatchObject({ repositories: 2, copied: 2, failed: 0 });
  await arrived(source, target, "app");
  await arrived(source, target, "web");

  const mounts = (await target.registry.accessLog())
    .matching("POST", /[?&]mount=/)
    .filter(({ path, status }) => status === 201 && /from=mirror%2F(?:app|web)/.test(path));
  expect(mounts.map(({ path }) => decodeURIComponent(path)).join()).toContain(base.digest);
  // Reading wants nothing but to read, one token a repository; the catalogue has one of its own.
  const bought = new Set(source.issued().slice(before));
  expect(bought).toEqual(
    new Set(["registry:catalog:*", "repository:team/app:pull", "repository:team/web:pull"]),
  );
  expect(
    target.issued().some((scopes) => /mirror\/app:pull/.test(scopes) && /mirror\/web:pull/.test(scopes)),
  ).toBe(true);
});

test("tokens that live for ten seconds, in a copy that takes longer: nothing is read or sent twice (T18, T22)", async () => {
  const [source, target] = await Promise.all([tokenRegistry(), tokenRegistry({ expiresInS: 10 })]);
  const slow = layer("token-slow", 300_000);
  const artifact = image({ layers: [slow, layer("token-quick", 5_000)] });
  await filled(source, { "team/app": artifact });
  // The upload is open by then, with a token that is old when the bytes come.
  source.proxy.add({ method: "GET", digest: slow.digest, before: () => sleep(11_000) });
  const run = await sync(source, target);
  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  const reads = source.proxy.matching("GET", new RegExp(slow.digest));
  const sent = target.proxy
    .matching("PUT", /\/blobs\/uploads\//)
    .filter(({ path }) => decodeURIComponent(path).includes(slow.digest));
  expect([reads.length, sent.length]).toEqual([1, 1]);
  await arrived(source, target, "app");
  const writing = target.issued().filter((scopes) => scopes === "repository:mirror/app:pull,push");
  expect(writing.length).toBeGreaterThan(1);
});

test("a wrong password is said by the token server, once, and names the end", async () => {
  const [source, target] = await Promise.all([tokenRegistry(), tokenRegistry()]);
  await filled(source, { "team/app": image({ layers: [layer("token-wrong", 5_000)] }) });
  const run = await sync(source, target, { TARGET_PASSWORD: "not-this-one" });
  expect(run.exitCode).not.toBe(0);
  expect(`${run.stdout}${run.stderr}`).toMatch(/UNAUTHORIZED/);
  expect(`${run.stdout}${run.stderr}`).not.toContain("not-this-one");
  expect(target.issued()).toEqual([]);
});
