import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { log } from "../log.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { DISTANT_MS } from "../registry/distance.ts";
import { allowAll } from "../registry/egress.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { type FaultProxy, startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { pushContent } from "../testing/push-content.ts";
import { seedInstance } from "../testing/seed.ts";
import { type Pair, SyncWorld, smallImage } from "../testing/sync-world.ts";
import type { WorkerProcess } from "../testing/worker-process.ts";
import { type Connections, createConnections } from "./connections.ts";
import { createStandBy } from "./stand-by.ts";
import { claimTask } from "./task-claim.ts";

/** As many as each of them opens ahead to each end. A check of the registry's health needs one or two. */
const OPENED_AHEAD = 16;

let world: SyncWorld;
let source: DockerRegistry;
/** Before either end, so that its port tells whose connections they are. */
let proxies: { source: FaultProxy; target: FaultProxy };
beforeAll(async () => {
  process.env.SECRET_KEY = "00".repeat(32);
  source = await startDockerRegistry();
  const inFront = await startFaultProxy(source.origin);
  world = await SyncWorld.open(prepareQueues, {
    before: async (origin) => {
      proxies = { source: inFront, target: await startFaultProxy(origin) };
      return proxies.target.origin;
    },
  });
});
const opened: Connections[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  proxies.source.calm();
  proxies.target.calm();
  await Promise.all(opened.splice(0).map((connections) => connections.close()));
  await world.clean();
  await database().delete(tasks);
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
  await Promise.all([proxies?.source.stop(), proxies?.target.stop(), source?.stop()]);
});

async function pairWith(seed: string): Promise<Pair> {
  const pair = await world.pair({ source: proxies.source.origin });
  await pushContent(source.origin, `${pair.namespace}/app`, "1", smallImage(seed));
  return pair;
}

const triggered = async (ruleId: string): Promise<string> => {
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  return taskId;
};

/** As the worker that scans it does. */
async function claimed(ruleId: string): Promise<void> {
  const taskId = await triggered(ruleId);
  await database().transaction((tx) => claimTask(tx, taskId));
}

/** Connections that a process holds to a port of the loopback (proc(5): /proc/net/tcp, /proc/[pid]/fd). */
async function connectionsOf({ pid }: WorkerProcess, origin: string): Promise<number> {
  const port = Number(new URL(origin).port).toString(16).toUpperCase().padStart(4, "0");
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) =>
    readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""),
  );
  const sockets = new Set(await Promise.all(links));
  const rows = (await readFile("/proc/net/tcp", "utf8")).split("\n").map((row) => row.trim().split(/\s+/));
  return rows.filter(
    ([, , remote, state, , , , , , inode]) =>
      remote?.endsWith(`:${port}`) && state === "01" && sockets.has(`socket:[${inode}]`),
  ).length;
}

test("while one worker scans, the other one opens connections to both ends", async () => {
  const told = Promise.withResolvers<void>();
  proxies.source.add({ method: "GET", path: /_catalog|tags\/list/, before: () => told.promise });
  // A check of their health does not find them near.
  proxies.source.add({ before: () => sleep(DISTANT_MS + 40) });
  proxies.target.add({ before: () => sleep(DISTANT_MS + 40) });
  const workers = [await world.worker(), await world.worker()];
  const { ruleId, namespace } = await pairWith("scanned by one");
  try {
    const taskId = await triggered(ruleId);
    await expect.poll(() => proxies.source.matching("GET", /_catalog|tags\/list/).length).toBeGreaterThan(0);
    const ends = [proxies.source.origin, proxies.target.origin];
    const fewest = async () =>
      Math.min(
        ...(await Promise.all(workers.flatMap((each) => ends.map((origin) => connectionsOf(each, origin))))),
      );
    await expect.poll(fewest).toBeGreaterThanOrEqual(OPENED_AHEAD);
    expect((await world.task(taskId)).status).toBe("scanning");
    told.resolve();
    expect(await world.ended(taskId)).toMatchObject({ status: "succeeded", transfersCopied: 1 });
    await world.expectPullable(`${namespace}/app`, "1", smallImage("scanned by one"));
  } finally {
    told.resolve();
  }
});

/** Real connections of a process; which instances they were asked for is written down. */
function connectionsThatTell(before: (instanceId: string) => Promise<unknown> = async () => undefined): {
  connections: Connections;
  asked: string[];
} {
  const connections = createConnections(database(), allowAll);
  opened.push(connections);
  const asked: string[] = [];
  return {
    asked,
    connections: {
      ...connections,
      acquire: async (instanceId, requests) => {
        asked.push(instanceId);
        await before(instanceId);
        return connections.acquire(instanceId, requests);
      },
    },
  };
}

test("workers are told of a task before anybody has claimed it: its ends are known then", async () => {
  const { ruleId, sourceId } = await pairWith("not claimed yet");
  const taskId = await triggered(ruleId);
  const { connections, asked } = connectionsThatTell();
  const standBy = createStandBy(database(), connections);
  standBy.look();
  await standBy.close();
  expect((await world.task(taskId)).status).toBe("pending");
  expect(asked.toSorted()).toEqual([sourceId, world.targetId].toSorted());
});

test("however often it is told, it looks once a second", async () => {
  const { ruleId, sourceId } = await pairWith("looked for once");
  await claimed(ruleId);
  const { connections, asked } = connectionsThatTell();
  const standBy = createStandBy(database(), connections);
  for (let told = 0; told < 20; told += 1) {
    standBy.look();
  }
  await standBy.close();
  expect(asked.toSorted()).toEqual([sourceId, world.targetId].toSorted());
  await sleep(1_050);
  standBy.look();
  standBy.look();
  await standBy.close();
  expect(asked).toHaveLength(4);
});

test("what it is told within that second it hears at its end", async () => {
  const { connections, asked } = connectionsThatTell();
  const standBy = createStandBy(database(), connections);
  standBy.look();
  await standBy.close();
  asked.splice(0);
  const { ruleId, sourceId } = await pairWith("told later");
  await triggered(ruleId);
  standBy.look();
  expect(asked).toEqual([]);
  await expect.poll(() => asked, { timeout: 5_000 }).toContain(sourceId);
  await standBy.close();
});

test("an instance that is gone, or whose credentials cannot be read, makes no noise and keeps no other from being opened", async () => {
  const warned = vi.spyOn(log, "warn");
  const { ruleId, sourceId } = await pairWith("gone");
  const goneId = await seedInstance(database(), proxies.target.origin);
  await database().insert(ruleTargets).values({ id: crypto.randomUUID(), ruleId, instanceId: goneId });
  await claimed(ruleId);
  const sealed = { username: "robot", passwordSealed: "sealed with another key" };
  await database().update(instances).set(sealed).where(eq(instances.id, sourceId));
  // It goes when the tasks have been looked for.
  const { connections, asked } = connectionsThatTell(async (instanceId) => {
    if (instanceId === goneId) {
      await database().delete(ruleTargets).where(eq(ruleTargets.instanceId, goneId));
      await database().delete(instances).where(eq(instances.id, goneId));
    }
  });
  const before = proxies.target.connections();
  const standBy = createStandBy(database(), connections);
  standBy.look();
  await standBy.close();
  expect(asked.toSorted()).toEqual([sourceId, goneId, world.targetId].toSorted());
  await expect.poll(() => proxies.target.connections() - before).toBe(OPENED_AHEAD);
  await Promise.all([sourceId, goneId].map((id) => expect(connections.acquire(id)).rejects.toThrow(id)));
  expect(warned).not.toHaveBeenCalled();
});
