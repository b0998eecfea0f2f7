import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { config } from "../config.ts";
import { database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { COPY } from "../queue/queues.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type FaultProxy, startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { pushContent } from "../testing/push-content.ts";
import { SyncWorld, smallImage } from "../testing/sync-world.ts";
import { startWorker, type Worker } from "./run-worker.ts";

let world: SyncWorld;
let proxy: FaultProxy;
const workers: Worker[] = [];
beforeAll(async () => {
  process.env.SECRET_KEY = "00".repeat(32);
  world = await SyncWorld.open(prepareQueues, {
    before: async (origin) => {
      proxy = await startFaultProxy(origin);
      return proxy.origin;
    },
  });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.drain()));
  await closeBoss();
  await world?.close();
  await proxy?.stop();
});

/** A worker in this process: all that a process of its own has, but its low priority. */
const started = () =>
  startWorker(database(), {
    ...config(),
    databaseUrl: world.databaseUrl,
    workerConcurrency: SLOTS,
    egressAllow: ["127.0.0.1/32"],
  });

async function triggered(ruleId: string): Promise<string> {
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  return taskId;
}

/** The least that keeps one place for others. */
const SLOTS = 4;
/** Each is a slice of its own: more than both workers have places for. */
const REPOSITORIES = 12;

async function copiesAtWork(): Promise<number> {
  const { rows } = await database().execute(
    sql`select from pgboss.job where name = ${COPY} and state = 'active'`,
  );
  return rows.length;
}

const statusOf = async (taskId: string) =>
  (await database().select().from(tasks).where(eq(tasks.id, taskId)))[0]?.status;

test("a small tag is copied while layers that take for ever hold every place of every worker", {
  timeout: 240_000,
}, async () => {
  const large = await world.pair();
  for (let n = 0; n < REPOSITORIES; n += 1) {
    await pushContent(large.origin, `${large.namespace}/app${n}`, "1.0", smallImage(`large ${n}`));
  }
  // Their bytes are on their way until the test says so.
  const gate = Promise.withResolvers<void>();
  proxy.add({
    ...{ method: "PUT", path: new RegExp(`/${large.namespace}/.*/uploads/`) },
    before: () => gate.promise,
  });
  try {
    workers.push(await started(), await started());
    const long = await triggered(large.ruleId);
    await expect.poll(copiesAtWork, { timeout: 120_000 }).toBe(2 * SLOTS);

    const small = await world.pair();
    await pushContent(small.origin, `${small.namespace}/app`, "1.0", smallImage("small"));
    const task = await world.ended(await triggered(small.ruleId), { timeoutMs: 120_000 });
    expect(task).toMatchObject({ status: "succeeded", transfersCopied: 1 });
    expect(await statusOf(long)).toBe("running");
    await expect.poll(copiesAtWork).toBe(2 * SLOTS);
    await world.expectPullable(`${small.namespace}/app`, "1.0", smallImage("small"));

    gate.resolve();
    expect(await world.ended(long, { timeoutMs: 120_000 })).toMatchObject({
      ...{ status: "succeeded", transfersCopied: REPOSITORIES },
    });
  } finally {
    gate.resolve();
  }
});
