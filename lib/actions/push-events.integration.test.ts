import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { eq, inArray } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { POST } from "../../app/api/events/[instanceId]/[[...secret]]/route.ts";
import { closeDatabase, database } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { makeToken } from "../events/sender-proof.ts";
import { prepareQueues } from "../queue/boss.ts";
import { clientOf, orasPush, skopeoCopy, skopeoDigest, skopeoPull } from "../testing/clients.ts";
import { insertInstance, insertRule } from "../testing/console-rows.ts";
import { image, layer } from "../testing/content.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { startDockerRegistry } from "../testing/docker-registry.ts";
import { insertEventAddress } from "../testing/event-sender.ts";
import { type LoopbackServer, serve } from "../testing/loopback-server.ts";
import { Browser } from "../testing/next-request.ts";
import { pushContent } from "../testing/push-content.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { measured } from "../testing/sync-world.ts";
import { startWorkerProcess, type WorkerProcess } from "../testing/worker-process.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));

// The whole way: a client pushes, the registry tells the event address, a worker copies, a client pulls.

const SECRET_KEY = "5e".repeat(32);
const MIB = 1024 * 1024;
let testDb: TestDatabase;
let consoleServer: LoopbackServer;
let worker: WorkerProcess;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = SECRET_KEY;
  await prepareQueues(testDb.url);
  consoleServer = await serve(async (request, response) => {
    const answer = await post(request);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  worker = await startWorkerProcess({ DATABASE_URL: testDb.url, SECRET_KEY });
});
afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()));
  await database().delete(rules);
});
afterAll(async () => {
  await worker?.end();
  await consoleServer?.stop();
  await closeDatabase();
  await testDb?.drop();
});

/** The route, behind a real socket. */
async function post(incoming: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  const request = new Request(`${consoleServer.origin}${incoming.url}`, {
    method: "POST",
    headers: { authorization: incoming.headers.authorization ?? "" },
    body: Buffer.concat(chunks),
  });
  const [, instanceId = ""] = /^\/api\/events\/([^/]+)$/.exec(incoming.url ?? "") ?? [];
  return new Browser().request(() => POST(request, { params: Promise.resolve({ instanceId }) }));
}

interface Teller {
  id: string;
  notify: { url: string; authorization: string };
  register(origin: string): Promise<void>;
}

/** An instance that will tell of its pushes, known before its registry is: that one is started with the address. */
function teller(): Teller {
  const id = crypto.randomUUID();
  const token = makeToken();
  return {
    id,
    notify: { url: `${consoleServer.origin}/api/events/${id}`, authorization: `Bearer ${token}` },
    register: async (origin) => {
      await insertInstance(database(), { id, address: origin, plainHttp: true });
      await insertEventAddress(database(), id, { dialect: "distribution", token });
    },
  };
}

/** Our own registries, each of which tells of its pushes. */
async function places(count: number) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const told = teller();
      const registry = await temporaryRegistry({ notify: () => told.notify });
      cleanUps.push(registry.stop);
      await told.register(registry.origin);
      return { id: told.id, registry, client: clientOf(registry, { plainHttp: true }) };
    }),
  );
}

const edge = (from: { id: string }, to: { id: string }) =>
  insertRule(database(), { source: from.id, target: to.id }, { override: true });

async function until<T>(what: string, look: () => Promise<T | undefined>, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) {
      return seen;
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}`);
    }
    await sleep(5);
  }
}

/** Nothing waits in the inbox, no task is open, and for a while nothing has come. */
async function quiet(): Promise<void> {
  let calm = 0;
  await until("quiet", async () => {
    const open = await database().$count(tasks, inArray(tasks.status, ["pending", "scanning", "running"]));
    const waiting = await database().$count(events, eq(events.state, "accepted"));
    calm = open + waiting === 0 ? calm + 1 : 0;
    await sleep(50);
    return calm > 20 ? true : undefined;
  });
}

async function digestAt(origin: string, repository: string, tag: string): Promise<string | undefined> {
  const response = await fetch(`${origin}/v2/${repository}/manifests/${tag}`, {
    method: "HEAD",
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  return response.headers.get("docker-content-digest") ?? undefined;
}

const copiesOf = async (ruleId: string) => {
  const rows = await database()
    .select({ status: transfers.status })
    .from(transfers)
    .innerJoin(tasks, eq(tasks.id, transfers.taskId))
    .where(eq(tasks.ruleId, ruleId));
  return rows.filter(({ status }) => status === "copied").length;
};

test("a push into docker-registry is at the other one within seconds, and only it", async () => {
  const told = teller();
  const source = await startDockerRegistry({ notify: told.notify });
  cleanUps.push(source.stop);
  const target = await startDockerRegistry();
  cleanUps.push(target.stop);
  await told.register(source.origin);
  const targetId = await insertInstance(database(), { address: target.origin, plainHttp: true });
  const { ruleId } = await insertRule(database(), { source: told.id, target: targetId });
  // Not ours to copy: it was there before, and no event tells of it.
  const old = image({ layers: [layer("old", 1_000)] });
  await database().update(rules).set({ enabled: false }).where(eq(rules.id, ruleId));
  await pushContent(source.origin, "team/old", "1.0", old);
  await quiet();
  await database().update(rules).set({ enabled: true }).where(eq(rules.id, ruleId));

  const pushed = image({ layers: [layer("new", 10 * MIB)] });
  await pushContent(source.origin, "team/app", "1.0", pushed);
  const atMs = Date.now();
  const digest = await until("at the target", () => digestAt(target.origin, "team/app", "1.0"));
  const pullableMs = Date.now() - atMs;
  expect(digest).toBe(pushed.manifest.digest);
  const [task] = await database().select().from(tasks).where(eq(tasks.ruleId, ruleId));
  const startMs = (task?.claimedAt?.getTime() ?? Number.NaN) - atMs;
  measured(`push of 10 MiB to start ${startMs} ms, to pullable ${pullableMs} ms`);
  expect(startMs).toBeLessThan(3_000);
  expect(pullableMs).toBeLessThan(9_000);
  const client = clientOf(target, { plainHttp: true });
  expect(await skopeoPull(client, "team/app", "1.0")).not.toEqual([]);
  expect(await digestAt(target.origin, "team/old", "1.0")).toBeUndefined();
  expect(task).toMatchObject({
    trigger: "event",
    scope: { kind: "tags", tags: [{ repository: "team/app", tag: "1.0" }] },
  });
});

test("independent clients push: oras a file, skopeo an image", async () => {
  const told = teller();
  const source = await startDockerRegistry({ notify: told.notify });
  cleanUps.push(source.stop);
  const [target] = await places(1);
  if (!target) {
    throw new Error("no target");
  }
  await told.register(source.origin);
  const { ruleId } = await insertRule(database(), { source: told.id, target: target.id });
  const client = clientOf(source, { plainHttp: true });
  await orasPush(client, "team/file", "1.0", [{ name: "a.txt", content: "told" }]);
  await until("the file", () => digestAt(target.registry.origin, "team/file", "1.0"));
  await skopeoCopy(
    { registry: client, repository: "team/file", tag: "1.0" },
    { registry: client, repository: "team/copy", tag: "2.0" },
  );
  await until("the copy", () => digestAt(target.registry.origin, "team/copy", "2.0"));
  expect(await skopeoDigest(target.client, "team/copy", "2.0")).toBe(
    await skopeoDigest(client, "team/copy", "2.0"),
  );
  await quiet();
  expect(await copiesOf(ruleId)).toBe(2);
});

test("a chain passes on: A→B→C", async () => {
  const [a, b, c] = await places(3);
  if (!a || !b || !c) {
    throw new Error("no places");
  }
  const edges = [await edge(a, b), await edge(b, c)];
  const pushed = image({ layers: [layer("chain", 20_000)] });
  await pushContent(a.registry.origin, "team/app", "1.0", pushed);
  expect(await until("the end", () => digestAt(c.registry.origin, "team/app", "1.0"))).toBe(
    pushed.manifest.digest,
  );
  await quiet();
  expect(await Promise.all(edges.map(({ ruleId }) => copiesOf(ruleId)))).toEqual([1, 1]);
});

test.each([2, 3])("a ring of %i ends after one copy an edge, and the next push wins", async (size) => {
  const ring = await places(size);
  const edges = [];
  for (const [index, from] of ring.entries()) {
    edges.push(await edge(from, ring[(index + 1) % size] ?? from));
  }
  const origins = ring.map(({ registry }) => registry.origin);
  const last = origins.at(-1) ?? "";
  for (const [round, seed] of ["first", "second"].entries()) {
    const pushed = image({ layers: [layer(`${size} ${seed}`, 20_000)] });
    await pushContent(origins[0] ?? "", "team/app", "1.0", pushed);
    await until("round the ring", async () =>
      (await digestAt(last, "team/app", "1.0")) === pushed.manifest.digest ? true : undefined,
    );
    await quiet();
    const digests = await Promise.all(origins.map((origin) => digestAt(origin, "team/app", "1.0")));
    expect(new Set(digests)).toEqual(new Set([pushed.manifest.digest]));
    const copies = await Promise.all(edges.map(({ ruleId }) => copiesOf(ruleId)));
    expect(copies).toEqual(copies.map((_, index) => (index === size - 1 ? 0 : round + 1)));
  }
});
