import { afterEach, expect, test } from "vitest";
import { scriptedRegistry } from "../scripted-registry.ts";
import type { FaultRule } from "./fault.ts";
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from "./fault-proxy.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

const BODY = "0123456789".repeat(100);

async function proxied(rules: readonly FaultRule[], options: FaultProxyOptions = {}) {
  const server = await scriptedRegistry((_request, response) => void response.end(BODY));
  cleanups.push(server.stop);
  const proxy = await startFaultProxy(server.origin, options);
  cleanups.push(proxy.stop);
  proxy.add(...rules);
  return { proxy, server };
}

const get = async ({ origin }: FaultProxy, path = "/v2/app") => (await fetch(`${origin}${path}`)).text();

test("what no rule hits passes as it is, and is written down", async () => {
  const { proxy } = await proxied([{ path: /other/, fault: { kind: "answer", status: 500 } }]);
  expect(await get(proxy)).toBe(BODY);
  expect(proxy.log).toMatchObject([
    { method: "GET", path: "/v2/app", registryStatus: 200, status: 200, answerBytes: BODY.length },
  ]);
  expect(JSON.parse(proxy.jsonLines())).toMatchObject({ method: "GET", authorized: false });
});

test("the second of those that match, and only that", async () => {
  const { proxy } = await proxied([{ nth: 2, fault: { kind: "flip", atByte: 500 } }]);
  const bodies = [await get(proxy), await get(proxy), await get(proxy)];
  expect(bodies.map((body) => body === BODY)).toEqual([true, false, true]);
  expect([...(bodies[1] ?? "")].filter((char, at) => char !== BODY[at])).toHaveLength(1);
});

test.each([
  { kind: "rst", afterBytes: 300 } as const,
  { kind: "fin", afterBytes: 300 } as const,
  { kind: "lie-length", byBytes: 5 } as const,
])("$kind breaks the answer off", async (fault) => {
  const { proxy } = await proxied([{ fault }]);
  await expect(get(proxy)).rejects.toThrow();
});

test("an acknowledgement that is dropped: the server did it, the client hears nothing", async () => {
  const { proxy, server } = await proxied([{ method: "PUT", fault: { kind: "drop-ack" } }]);
  await expect(fetch(`${proxy.origin}/v2/app`, { method: "PUT", body: "content" })).rejects.toThrow();
  expect(server.requests.map(({ body }) => body.toString())).toEqual(["content"]);
  expect(proxy.log).toMatchObject([
    { fault: "drop-ack", requestBytes: 7, registryStatus: 200, status: undefined },
  ]);
});

test("a request that breaks never reaches the server", async () => {
  const { proxy, server } = await proxied([{ fault: { kind: "break-request", afterBytes: 3 } }]);
  await expect(fetch(proxy.origin, { method: "PUT", body: "content" })).rejects.toThrow();
  expect(server.requests).toEqual([]);
});

test("tokens are asked for, count for their scope, and can be ended", async () => {
  const tokens = { username: "robot", password: "secret-1" };
  const { proxy } = await proxied([], { tokens });
  const url = `${proxy.origin}/v2/app/manifests/v1`;
  const asked = await fetch(url);
  expect(asked.status).toBe(401);
  expect(asked.headers.get("www-authenticate")).toContain('scope="repository:app:pull"');
  const basic = `Basic ${Buffer.from("robot:secret-1").toString("base64")}`;
  const scope = encodeURIComponent("repository:app:pull");
  const granted = await fetch(`${proxy.origin}/token?scope=${scope}`, { headers: { authorization: basic } });
  const { token } = (await granted.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(url, { headers })).status).toBe(200);
  expect((await fetch(url, { method: "PUT", headers, body: "x" })).status).toBe(401);
  expect((await fetch(`${proxy.origin}/v2/other/manifests/v1`, { headers })).status).toBe(401);
  proxy.gate?.expireAll();
  expect((await fetch(url, { headers })).status).toBe(401);
});

test("a refusal to listen ends, and starts again at the same address", async () => {
  const { proxy } = await proxied([]);
  await proxy.refuse(true);
  await expect(get(proxy)).rejects.toThrow();
  await proxy.refuse(false);
  expect(await get(proxy)).toBe(BODY);
});
