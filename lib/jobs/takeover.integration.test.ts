import { setTimeout as sleep } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { jobLeases, workers } from "../db/schema/installation.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { RETRY_LIMIT } from "../queue/queues.ts";
import { startTask } from "../queue/start-task.ts";
import { isOpen } from "../queue/states.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { skopeoListTags } from "../testing/clients.ts";
import type { Artifact } from "../testing/content.ts";
import { pushContent } from "../testing/push-content.ts";
import { slowBlobs } from "../testing/slow-blobs.ts";
import { bigImage, measured, SyncWorld, smallImage } from "../testing/sync-world.ts";

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

describe("workers that die, stop or drain", () => {
  test("kill -9 in mid-blob: another worker takes over, and the task succeeds within 60 s", async () => {
    const slow = slowBlobs(MIB);
    const { origin, ruleId, namespace } = await world.pair({ intercept: slow.intercept });
    const artifact = bigImage("killed", 12);
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    slow.slow(artifact);
    const victim = await world.worker();
    const { taskId } = await trigger(ruleId);
    await slow.reached(2 * MIB);
    slow.trickle();
    const other = await world.worker();
    const killedAt = Date.now();
    victim.signal("SIGKILL");
    const takenOver = async () => {
      const leases = await database().select().from(jobLeases).where(eq(jobLeases.queue, "copy"));
      return leases.some((lease) => lease.workerId === other.workerId);
    };
    await expect.poll(takenOver, { timeout: 60_000, interval: 20 }).toBe(true);
    measured(`takeover after kill -9: ${Date.now() - killedAt} ms`);
    const [transfer] = await world.transfers(taskId);
    expect(transfer?.status).toBe("running");
    slow.release();
    const task = await world.ended(taskId);
    expect(Date.now() - killedAt).toBeLessThan(60_000);
    expect(task).toMatchObject({ status: "succeeded", transfersCopied: 1, transfersRunning: 0 });
    expect((await world.transfers(taskId))[0]).toMatchObject({ attempts: 2 });
    expect(task.bytesTotal).toBe(task.bytesCopied + task.bytesSkipped + task.bytesMounted);
    await world.expectPullable(`${namespace}/app`, "1", artifact);
    expect((await database().select().from(workers)).map((row) => row.id)).toEqual([other.workerId]);
  });

  test("kill -9 of the only worker: it is started again, and the task succeeds", async () => {
    const slow = slowBlobs(MIB);
    const { origin, ruleId, namespace } = await world.pair({ intercept: slow.intercept });
    const artifact = bigImage("killed alone");
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    slow.slow(artifact);
    const victim = await world.worker();
    const { taskId } = await trigger(ruleId);
    await slow.reached(MIB);
    await victim.end();
    const killedAt = Date.now();
    slow.release();
    await world.worker();
    expect(await world.ended(taskId)).toMatchObject({ status: "succeeded" });
    measured(`restart and success after kill -9: ${Date.now() - killedAt} ms`);
    await world.expectPullable(`${namespace}/app`, "1", artifact);
  });

  test("kill -9 while scanning: the scan goes on where it was, without a transfer twice", async () => {
    let scanning = false;
    const killed = Promise.withResolvers<void>();
    const { origin, ruleId, namespace } = await world.pair({
      // Slow enough for a note on the way, and not past the twentieth repository before the kill.
      intercept: async ({ url }) => {
        if (scanning) {
          // Longer than pages of a scan are apart: twelve repositories are read at once.
          await sleep(300);
          await (/\/app[23]\d\//.test(url.pathname) ? killed.promise : undefined);
        }
        return undefined;
      },
    });
    for (let n = 0; n < 40; n++) {
      await pushContent(
        origin,
        `${namespace}/app${String(n).padStart(2, "0")}`,
        "1",
        smallImage(`scan ${n}`),
      );
    }
    scanning = true;
    const victim = await world.worker();
    const { taskId } = await trigger(ruleId);
    await expect
      .poll(async () => (await world.task(taskId)).repositoriesScanned, { timeout: 60_000, interval: 20 })
      .toBeGreaterThan(3);
    victim.signal("SIGKILL");
    expect((await world.task(taskId)).scanEndedAt).toBe(null);
    killed.resolve();
    await world.worker();
    expect(await world.ended(taskId)).toMatchObject({
      status: "succeeded",
      repositoriesScanned: 40,
      tagsScanned: 40,
      repositories: 40,
      transfersTotal: 40,
      transfersCopied: 40,
    });
    expect(await skopeoListTags(world.client, `${namespace}/app39`)).toEqual(["1"]);
  });

  test("a worker that is stopped (SIGSTOP) loses its jobs within 30 s, and changes nothing when it wakes", async () => {
    const slow = slowBlobs(MIB);
    const { origin, ruleId, namespace } = await world.pair({ intercept: slow.intercept });
    const artifact = bigImage("frozen");
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    slow.slow(artifact);
    const zombie = await world.worker();
    const { taskId } = await trigger(ruleId);
    await slow.reached(MIB);
    slow.trickle();
    const other = await world.worker();
    zombie.signal("SIGSTOP");
    const stoppedAt = Date.now();
    slow.release();
    const task = await world.ended(taskId, { timeoutMs: 30_000 });
    measured(`success after SIGSTOP: ${Date.now() - stoppedAt} ms`);
    expect(task).toMatchObject({ status: "succeeded", transfersCopied: 1 });
    zombie.signal("SIGCONT");
    await sleep(3_000);
    expect(await world.task(taskId)).toEqual(task);
    expect(other.lines().some((line) => line.level === "fatal")).toBe(false);
    await world.expectPullable(`${namespace}/app`, "1", artifact);
  });

  test("SIGTERM drains within 25 s: no failed transfer, no lost retry, no row left, and the next worker goes on", async () => {
    const slow = slowBlobs(200_000);
    const { origin, ruleId, namespace } = await world.pair({ intercept: slow.intercept });
    const artifact = bigImage("drained");
    await pushContent(origin, `${namespace}/app`, "1", artifact);
    slow.slow(artifact);
    const first = await world.worker();
    const { taskId } = await trigger(ruleId);
    await slow.reached(200_000);
    const askedAt = Date.now();
    first.signal("SIGTERM");
    expect(await first.ended).toEqual({ code: 0, signal: null });
    measured(`drained in ${Date.now() - askedAt} ms`);
    expect(Date.now() - askedAt).toBeLessThan(25_000);
    expect(await world.task(taskId)).toMatchObject({
      status: "running",
      transfersFailed: 0,
      transfersRunning: 0,
    });
    expect((await world.transfers(taskId))[0]).toMatchObject({ status: "pending", failure: null });
    const { rows } = await database().execute<{ left: number; state: string }>(
      sql`select retry_limit - retry_count as left, state from pgboss.job where name = 'copy' and group_id = ${taskId}`,
    );
    expect(rows).toEqual([{ left: RETRY_LIMIT + 1, state: "retry" }]);
    expect(await database().select().from(workers)).toEqual([]);
    slow.release();
    await world.worker();
    expect(await world.ended(taskId)).toMatchObject({ status: "succeeded" });
    expect((await world.transfers(taskId))[0]).toMatchObject({ attempts: 1 });
    await world.expectPullable(`${namespace}/app`, "1", artifact);
  });

  test("workers are killed at random, and Postgres drops every connection: nothing is lost, nothing is done twice", async () => {
    let pauseMs = 0;
    const { origin, ruleId, namespace } = await world.pair({
      intercept: async () => {
        await sleep(pauseMs);
        return undefined;
      },
    });
    const artifacts = new Map<string, Artifact>();
    for (let n = 0; n < 60; n++) {
      const name = `${namespace}/app${n % 6}`;
      const artifact = smallImage(`chaos ${n}`);
      artifacts.set(`${name}:${n}`, artifact);
      await pushContent(origin, name, `${n}`, artifact);
    }
    pauseMs = 250;
    const alive = await Promise.all([0, 1, 2].map(() => world.worker({ WORKER_CONCURRENCY: "2" })));
    const { taskId } = await trigger(ruleId);
    let kills = 0;
    let drops = 0;
    while (isOpen((await world.task(taskId)).status) && kills < 8) {
      await sleep(150);
      const victim = kills % 3;
      alive[victim]?.signal("SIGKILL");
      kills++;
      alive[victim] = await world.worker({ WORKER_CONCURRENCY: "2" });
      if (kills % 2 === 0) {
        drops++;
        await database()
          .execute(sql`
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and application_name like 'lockstep%'`)
          .catch(() => undefined);
      }
    }
    const task = await world.ended(taskId, { timeoutMs: 90_000 });
    measured(`${kills} kills, ${drops} times every connection dropped`);
    expect(task).toMatchObject({
      status: "succeeded",
      transfersTotal: 60,
      transfersFailed: 0,
      transfersRunning: 0,
      repositories: 6,
    });
    // A worker may die between writing a tag and saying so: its successor finds it in place.
    expect(task.transfersCopied + task.transfersUpToDate).toBe(60);
    const rows = await world.transfers(taskId);
    expect(rows.map((row) => `${row.repository}:${row.tag}`).sort()).toEqual([...artifacts.keys()].sort());
    for (const row of rows.filter((_row, n) => n % 10 === 0)) {
      await world.expectPullable(
        row.repository,
        row.tag,
        artifacts.get(`${row.repository}:${row.tag}`) as Artifact,
      );
    }
    for (const worker of alive) {
      expect(worker.lines().filter((line) => line.level === "fatal" || line.level === "error")).toEqual([]);
    }
  }, 180_000);
});
