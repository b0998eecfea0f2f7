import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { egressRule } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";
import type { Registry } from "./repository.ts";

/** What the resolver says, question by question: the only thing here that no test can have for real. */
const answers = vi.hoisted(() => ({ queue: [] as (LookupAddress[] | Error)[], asked: 0 }));

vi.mock("node:dns", async (original) => ({
  ...(await original<typeof import("node:dns")>()),
  lookup: (
    _name: string,
    _options: object,
    done: (error: Error | null, addresses: LookupAddress[]) => void,
  ) => {
    answers.asked += 1;
    const answer = answers.queue.length > 1 ? answers.queue.shift() : answers.queue[0];
    setImmediate(() => (answer instanceof Error ? done(answer, []) : done(null, answer ?? [])));
  },
}));

afterEach(() => {
  answers.queue = [];
  answers.asked = 0;
});

const address = (ip: string): LookupAddress => ({ address: ip, family: ip.includes(":") ? 6 : 4 });

/** Stands at an address, and counts who comes. Closes each connection, so the next request asks the resolver again. */
async function stand(host: string, port = 0): Promise<{ port: number; requests: () => number }> {
  let connections = 0;
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { connection: "close", "content-type": "application/json" }).end("{}");
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(port, host);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, requests: () => connections };
}

/** A registry at 127.0.0.2, which the operator allows, and at 127.0.0.1 on the same port what must not be reached. */
async function twoPlaces() {
  const denied = await stand("127.0.0.1");
  // In this order: on 127.0.0.2 nobody else takes ports.
  const allowed = await stand("127.0.0.2", denied.port);
  const registry = createRegistry({
    address: `http://registry.test:${allowed.port}`,
    vendor: "generic",
    plainHttp: true,
    username: "robot",
    password: "canary-password",
    egress: egressRule(["127.0.0.2"]),
  });
  onTestFinished(() => registry.close());
  return { allowed, denied, registry };
}

const ask = (registry: Registry) =>
  registry.repository("app").hasBlob({
    mediaType: "application/octet-stream",
    digest: `sha256:${"0".repeat(64)}`,
    size: 2,
  });

test("DNS rebinding: a name that leads elsewhere the second time is looked at the second time", async () => {
  const { allowed, denied, registry } = await twoPlaces();
  answers.queue = [[address("127.0.0.2")], [address("127.0.0.1")]];
  await ask(registry);
  expect(allowed.requests()).toBe(1);
  await expect(ask(registry)).rejects.toMatchObject({ code: "EGRESS_DENIED" });
  expect(answers.asked).toBe(2);
  expect(denied.requests()).toBe(0);
});

test("of several addresses only those that may be dialled are dialled, in whatever order they come", async () => {
  const { allowed, denied, registry } = await twoPlaces();
  answers.queue = [[address("127.0.0.1"), address("::1"), address("127.0.0.2"), address("169.254.169.254")]];
  await ask(registry);
  expect(allowed.requests()).toBe(1);
  expect(denied.requests()).toBe(0);
});

test.each([
  ["loopback", ["127.0.0.1"]],
  ["loopback, mapped into IPv6", ["::ffff:127.0.0.1"]],
  ["loopback of IPv6", ["::1"]],
  ["loopback through NAT64", ["64:ff9b::7f00:1"]],
  ["a private network", ["10.0.0.1"]],
  ["the metadata service", ["169.254.169.254"]],
  ["nowhere", ["0.0.0.0"]],
  ["nowhere in IPv6", ["::"]],
  ["nothing but what is denied", ["10.0.0.1", "fd00::1", "127.0.0.1"]],
  ["no address at all", []],
])("a name that leads to %s is denied without being dialled", async (_what, ips) => {
  const { denied, registry } = await twoPlaces();
  answers.queue = [ips.map(address)];
  await expect(ask(registry)).rejects.toMatchObject({ code: "EGRESS_DENIED" });
  expect(denied.requests()).toBe(0);
});

test("a resolver that fails opens nothing", async () => {
  const { denied, registry } = await twoPlaces();
  answers.queue = [Object.assign(new Error("getaddrinfo EAI_AGAIN"), { code: "EAI_AGAIN" })];
  await expect(
    registry
      .repository("app")
      .hasBlob(
        { mediaType: "a/b", digest: `sha256:${"0".repeat(64)}`, size: 2 },
        { signal: AbortSignal.timeout(1_000) },
      ),
  ).rejects.toThrow();
  expect(denied.requests()).toBe(0);
});
