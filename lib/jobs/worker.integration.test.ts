import { getPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { jobLeases } from "../db/schema/installation.ts";
import { instances } from "../db/schema/instances.ts";
import { rules } from "../db/schema/rules.ts";
import { placements } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { retryFailed } from "../queue/retry-failed.ts";
import { startTask } from "../queue/start-task.ts";
import { isOpen } from "../queue/states.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type Artifact, image, index, layer } from "../testing/content.ts";
import { pushContent } from "../testing/push-content.ts";
import { seedInstance } from "../testing/seed.ts";
import { measured, SyncWorld, smallImage } from "../testing/sync-world.ts";

const MIB = 1024 * 1024;

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterEach(async () => {
  await world.clean();
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

const trigger = (ruleId: string) =>
  database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );

describe("a trigger, a queue and a worker process", () => {
  test("copies what matches, starts within a second, and finds everything in place the second time", async () => {
    const { origin, ruleId, namespace } = await world.pair();
    const apps = [smallImage("a"), smallImage("b"), index([smallImage("c"), smallImage("d")])];
    for (const [n, artifact] of apps.entries()) {
      await pushContent(origin, `${namespace}/app${n}`, "1.0", artifact);
    }
    await pushContent(origin, "elsewhere/app", "1.0", smallImage("e"));
    const { pid } = await world.worker();
    expect(getPriority(pid), "the console goes first").toBeGreaterThan(getPriority());
    const { taskId } = await trigger(ruleId);
    const task = await world.ended(taskId);
    expect(task).toMatchObject({
      status: "succeeded",
      failure: null,
      repositoriesScanned: 3,
      tagsScanned: 3,
      repositories: 3,
      transfersTotal: 3,
      transfersCopied: 3,
      transfersRunning: 0,
      waitingUntil: null,
    });
    expect(task.rule).toMatchObject({
      sourceNamespace: namespace,
      targets: [{ instanceId: world.targetId }],
    });
    expect(task.bytesTotal).toBe(task.bytesCopied + task.bytesMounted + task.bytesSkipped);
    const startMs = Number(task.claimedAt) - Number(task.createdAt);
    measured(`start latency ${startMs} ms, task ${Number(task.endedAt) - Number(task.createdAt)} ms`);
    expect(startMs).toBeLessThan(30_000);
    for (const [n, artifact] of apps.entries()) {
      await world.expectPullable(`${namespace}/app${n}`, "1.0", artifact);
    }
    for (const transfer of await world.transfers(taskId)) {
      expect(transfer).toMatchObject({ status: "copied", attempts: 1, failure: null });
      expect(transfer.sizeBytes).toBe(transfer.bytesCopied + transfer.bytesMounted + transfer.bytesSkipped);
    }
    expect(await database().select().from(placements).where(eq(placements.taskId, taskId))).toEqual([]);

    const again = await world.ended((await trigger(ruleId)).taskId);
    expect(again).toMatchObject({
      status: "succeeded",
      transfersUpToDate: 3,
      transfersCopied: 0,
      bytesCopied: 0,
    });
    // A job is told to the queue just after the task it ended.
    await expect.poll(() => database().select().from(jobLeases)).toEqual([]);
  });

  test("a scan without a match says so; a source that cannot be reached fails without a retry where none can help", async () => {
    const { origin, ruleId, namespace } = await world.pair();
    await pushContent(origin, `${namespace}/gateway`, "1", smallImage("gateway"));
    await pushContent(origin, `${namespace}/router`, "1", smallImage("router"));
    await database().update(rules).set({ repositoryPattern: "gatway-.*" }).where(eq(rules.id, ruleId));
    await world.worker();
    expect(await world.ended((await trigger(ruleId)).taskId)).toMatchObject({
      status: "nothing-matched",
      closestName: "gateway",
    });
    const denied = await world.pair({
      intercept: ({ response }) => {
        response.writeHead(403, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "not you" }] }));
        return "answered";
      },
    });
    const task = await world.ended((await trigger(denied.ruleId)).taskId);
    expect(task).toMatchObject({
      status: "failed",
      failure: { code: "DENIED", side: "source", httpStatus: 403, registryMessage: "not you" },
    });
  });

  test("one repository fails and the others arrive; the retry takes the failed one only and joins nothing", async () => {
    let broken = true;
    const bad = smallImage("bad");
    const { origin, ruleId, namespace } = await world.pair({
      intercept: ({ method, url, response }) => {
        if (broken && method === "GET" && url.pathname.endsWith(bad.blobs[1]?.digest ?? "-")) {
          response.writeHead(403, { "Content-Type": "application/json", "X-Request-Id": "req-7" });
          response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "quarantined" }] }));
          return "answered";
        }
        return undefined;
      },
    });
    await pushContent(origin, `${namespace}/good`, "1", smallImage("good"));
    await pushContent(origin, `${namespace}/bad`, "1", bad);
    await world.worker();
    const { taskId } = await trigger(ruleId);
    expect(await world.ended(taskId)).toMatchObject({
      status: "partial",
      transfersCopied: 1,
      transfersFailed: 1,
    });
    const [failed] = (await world.transfers(taskId)).filter((transfer) => transfer.status === "failed");
    expect(failed).toMatchObject({
      repository: `${namespace}/bad`,
      reason: "denied",
      failure: {
        ...{ code: "DENIED", side: "source", httpStatus: 403, registryMessage: "quarantined" },
        requestId: "req-7",
      },
    });
    broken = false;
    const retry = await database().transaction((tx) => retryFailed(tx, { taskId, userId: null }));
    expect(await world.ended(retry.taskId)).toMatchObject({
      status: "succeeded",
      retryOf: taskId,
      transfersTotal: 1,
      transfersCopied: 1,
    });
    await world.expectPullable(`${namespace}/bad`, "1", bad);
  });

  test("what fails for a while is tried again by the queue, and is never shown as failed meanwhile", async () => {
    let spoiled = 0;
    const flaky = smallImage("flaky");
    const [, content] = flaky.blobs;
    const { origin, ruleId, namespace } = await world.pair({
      intercept: ({ method, url, response }) => {
        if (method === "GET" && content && url.pathname.endsWith(content.digest) && ++spoiled <= 4) {
          response.writeHead(200, { "Content-Length": content.bytes.length });
          response.end(Buffer.alloc(content.bytes.length));
          return "answered";
        }
        return undefined;
      },
    });
    await pushContent(origin, `${namespace}/flaky`, "1", flaky);
    await world.worker();
    const { taskId } = await trigger(ruleId);
    const seen = new Set<string>();
    const task = await world.ended(taskId, {
      look: async (status) => {
        const [transfer] = await world.transfers(taskId);
        const { waitingReason } = await world.task(taskId);
        seen.add(status).add(`transfer ${transfer?.status}`).add(`wait ${waitingReason}`);
      },
    });
    expect(task).toMatchObject({ status: "succeeded", waitingUntil: null, transfersFailed: 0 });
    expect([...seen].filter((status) => status.includes("failed"))).toEqual([]);
    expect(seen).toContain("transfer pending");
    expect(seen).toContain("wait backoff");
    const [transfer] = await world.transfers(taskId);
    measured(`attempts ${transfer?.attempts}, spoiled answers ${spoiled}`);
    expect(transfer?.attempts).toBeGreaterThan(1);
    expect(transfer?.attemptFailures.map(({ attempt, fact }) => [attempt, fact.side, fact.code])).toEqual(
      Array.from({ length: (transfer?.attempts ?? 0) - 1 }, (_, n) => [n + 1, "source", "DIGEST_MISMATCH"]),
    );
    expect(task.bytesTotal).toBe(task.bytesCopied + task.bytesMounted + task.bytesSkipped);
    await world.expectPullable(`${namespace}/flaky`, "1", flaky);
  });

  test("a repository that may not be read is noted and passed over", async () => {
    const { origin, ruleId, namespace } = await world.pair({
      intercept: ({ url, response }) => {
        if (url.pathname.includes("/b-closed/tags/")) {
          response.writeHead(403, { "Content-Type": "application/json" });
          response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "not this one" }] }));
          return "answered";
        }
        return undefined;
      },
    });
    for (const name of ["a", "b-closed", "c"]) {
      await pushContent(origin, `${namespace}/${name}`, "1", smallImage(name));
    }
    await world.worker();
    expect(await world.ended((await trigger(ruleId)).taskId)).toMatchObject({
      status: "partial",
      failure: { code: "DENIED", side: "source", httpStatus: 403, registryMessage: "not this one" },
      repositoriesScanned: 3,
      repositories: 2,
      transfersTotal: 2,
      transfersCopied: 2,
    });
  });

  test("a password sealed with another key fails at once, naming the end, and the worker lives on", async () => {
    const { origin, ruleId, namespace, sourceId } = await world.pair();
    await pushContent(origin, `${namespace}/app`, "1", smallImage("sealed"));
    await world.worker();
    const seal = (passwordSealed: string | null) =>
      database()
        .update(instances)
        .set({ username: "u", passwordSealed, version: sql`${instances.version} + 1` })
        .where(eq(instances.id, sourceId));
    await seal("v1.not.what.we.sealed");
    expect(await world.ended((await trigger(ruleId)).taskId, { timeoutMs: 10_000 })).toMatchObject({
      status: "failed",
      failure: { code: "CREDENTIALS_UNREADABLE", side: "source" },
    });
    await seal(null);
    expect(await world.ended((await trigger(ruleId)).taskId)).toMatchObject({ status: "succeeded" });
  });

  test("two workers share the slices of one task, and a shared layer is brought once", async () => {
    const { origin, ruleId, namespace } = await world.pair({ latencyMs: 10 });
    const shared = layer("shared base", 2 * MIB);
    const apps = Array.from({ length: 12 }, (_, n) => image({ layers: [shared, layer(`own ${n}`, 10_000)] }));
    for (const [n, artifact] of apps.entries()) {
      await pushContent(origin, `${namespace}/app${String(n).padStart(2, "0")}`, "1", artifact);
    }
    const [first, second] = await Promise.all([
      world.worker({ WORKER_CONCURRENCY: "1" }),
      world.worker({ WORKER_CONCURRENCY: "1" }),
    ]);
    const { taskId } = await trigger(ruleId);
    const busy = new Set<string>();
    while (isOpen((await world.task(taskId)).status)) {
      for (const lease of await database().select().from(jobLeases).where(eq(jobLeases.queue, "copy"))) {
        busy.add(lease.workerId);
      }
      await sleep(10);
    }
    const task = await world.task(taskId);
    expect(task).toMatchObject({ status: "succeeded", transfersCopied: 12 });
    // A worker of an earlier test that was killed may have left its leases.
    expect([first, second].filter(({ workerId }) => !busy.has(workerId))).toEqual([]);
    const brought = task.bytesCopied;
    const once = shared.bytes.length;
    expect(brought).toBeLessThan(2 * once);
    expect(task.bytesMounted).toBe(11 * once);
    await world.expectPullable(`${namespace}/app07`, "1", apps[7] as Artifact);
  });
});

test("instances that nobody has checked are checked when a worker starts", async () => {
  const { sourceId } = await world.pair();
  const gone = await seedInstance(database(), "http://127.0.0.1:9");
  await world.worker();
  const health = async (id: string) =>
    (await database().select().from(instances).where(eq(instances.id, id)))[0]?.healthStatus;
  await expect.poll(() => health(sourceId), { timeout: 60_000 }).toBe("healthy");
  await expect.poll(() => health(gone), { timeout: 30_000 }).toBe("unreachable");
  const [row] = await database().select().from(instances).where(eq(instances.id, gone));
  expect(row).toMatchObject({ healthCode: "UNREACHABLE", healthCheckedAt: expect.any(Date) });
});
