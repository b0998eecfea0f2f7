import { afterEach, expect, test } from "vitest";
import { createTestCa } from "./certificates.ts";
import { clientOf, manifestOf, orasPush, skopeoListTags } from "./clients.ts";
import { startDockerRegistry } from "./docker-registry.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

test("a plain registry keeps its content over a kill and a restart", async () => {
  const registry = await startDockerRegistry();
  cleanups.push(registry.stop);
  const at = clientOf(registry, { plainHttp: true });
  const digest = await orasPush(at, "team/app", "v1", [{ name: "a.txt", content: "one" }]);

  await registry.kill();
  await expect(skopeoListTags(at, "team/app")).rejects.toThrow(/skopeo list-tags ended with/);
  await registry.restart();

  expect(await skopeoListTags(at, "team/app")).toEqual(["v1"]);
  expect((await manifestOf(at, "team/app", "v1")).digest).toBe(digest);
  const log = await registry.accessLog();
  expect(log.count("PUT", /\/v2\/team\/app\/manifests\/v1$/)).toBe(1);
  expect(log.count("GET", /\/tags\/list/)).toBe(1);
});

test("a registry behind TLS and htpasswd refuses strangers and serves who it knows", async () => {
  const ca = await createTestCa();
  cleanups.push(ca.remove);
  const account = { username: "robot", password: "secret-1" };
  const registry = await startDockerRegistry({ htpasswd: account, tls: ca });
  cleanups.push(registry.stop);
  const known = clientOf(registry, { ca, account });
  await orasPush(known, "team/app", "v1", [{ name: "a.txt", content: "one" }]);

  expect(await skopeoListTags(known, "team/app")).toEqual(["v1"]);
  await expect(
    skopeoListTags({ ...known, account: { ...account, password: "wrong" } }, "team/app"),
  ).rejects.toThrow(/authentication required|unauthorized/i);
  await expect(skopeoListTags({ ...known, ca: undefined }, "team/app")).rejects.toThrow(/certificate/);
});
