import { afterAll, expect, test } from "vitest";
import { createTestCa } from "../testing/certificates.ts";
import { image, layer } from "../testing/content.ts";
import { startDockerRegistry } from "../testing/docker-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";
import type { RegistryOptions } from "./repository.ts";

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) {
    await cleanup();
  }
});

async function probe(address: string, options: Partial<RegistryOptions> = {}) {
  const plainHttp = address.startsWith("http:");
  const registry = createRegistry({ address, vendor: "generic", plainHttp, egress: allowAll, ...options });
  try {
    return await registry.capabilities();
  } finally {
    await registry.close();
  }
}

test("docker-registry behind htpasswd and a private authority: it lists, has no referrers API, and is told by its ways", async () => {
  const ca = await createTestCa();
  const account = { username: "robot", password: "correct-horse-battery" };
  const registry = await startDockerRegistry({ htpasswd: account, tls: ca });
  cleanups.push(ca.remove, registry.stop);
  const options = { ...account, caCertificate: ca.certificate };
  const expected = { software: "Distribution", list: true, referrers: false, delete: null, chunk: null };
  expect(await probe(registry.origin, options)).toEqual(expected);

  await pushContent(registry.origin, "team/app", "v1", image({ layers: [layer("app", 100)] }), {
    account,
    ca: ca.certificate,
  });
  expect(await probe(registry.origin, options)).toEqual(expected);
  const asked = (await registry.accessLog()).entries.filter(({ userAgent }) => userAgent === "lockstep");
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);

  await expect(probe(registry.origin, { ...options, password: "wrong" })).rejects.toMatchObject({
    code: "UNAUTHORIZED",
  });
});

test("our registry with the referrers API, without it, and with content", async () => {
  for (const referrersApi of [true, false]) {
    const registry = await temporaryRegistry({ referrersApi });
    cleanups.push(registry.stop);
    const expected = { software: null, list: true, referrers: referrersApi, delete: null, chunk: null };
    expect(await probe(registry.origin)).toEqual(expected);
    await pushContent(registry.origin, "team/app", "v1", image({ layers: [layer("app", 100)] }));
    expect(await probe(registry.origin)).toEqual(expected);
  }
});
