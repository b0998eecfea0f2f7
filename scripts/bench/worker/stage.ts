import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { closeDatabase, database } from "../../../lib/db/client.ts";
import { listen } from "../../../lib/db/listen.ts";
import { migrateDatabase } from "../../../lib/db/migrate.ts";
import { closeBoss, prepareQueues } from "../../../lib/queue/boss.ts";
import { startTask } from "../../../lib/queue/start-task.ts";
import { LIVE_CHANNEL } from "../../../lib/schemas/live.ts";
import { WHOLE_RULE } from "../../../lib/schemas/task.ts";
import { memoryOf } from "../../../lib/testing/peak-memory.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { startWorkerProcess, type WorkerProcess } from "../../../lib/testing/worker-process.ts";
import { onServer, withServer } from "../console/database.ts";
import { NAMESPACE } from "../engine/content.ts";

/** A database with its queues, and worker processes as an installation has them. */
export interface Stage {
  /** As many workers as are wanted, each with what it does by default; those beyond are ended. */
  workers(count: number): Promise<readonly WorkerProcess[]>;
  /** A rule from one address to another, triggered as the console does. @returns seconds from the trigger to the end of its task */
  sync(source: string, target: string): Promise<number>;
}

/** lib/config.ts: what a worker does that was told nothing. */
const DEFAULT_CONCURRENCY = "8";
/** A page hears of its task over the live channel and looks then; each look takes from the processor what is being measured. */
const LOOK_AT_LEAST_EVERY_MS = 1_000;
const MOST_MS = 240_000;

/** A server with the settings of a user's unless TEST_DATABASE_URL names another; the database is gone afterwards. */
export function withStage<T>(run: (stage: Stage) => Promise<T>): Promise<T> {
  return withServer(async (adminUrl) => {
    const name = `lockstep_bench_${randomBytes(4).toString("hex")}`;
    await onServer(adminUrl, (admin) => admin.query(`create database ${name}`));
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    process.env.DATABASE_URL = url.href;
    await migrateDatabase(url.href);
    await prepareQueues(url.href);
    const workers: WorkerProcess[] = [];
    try {
      return await run({
        async workers(count) {
          await Promise.all(workers.splice(count).map((worker) => worker.end()));
          while (workers.length < count) {
            workers.push(await startOne(url.href));
          }
          return workers;
        },
        sync,
      });
    } finally {
      await Promise.all(workers.map((worker) => worker.end()));
      await closeBoss();
      await closeDatabase();
      await onServer(adminUrl, (admin) => admin.query(`drop database ${name} with (force)`));
    }
  });
}

async function startOne(url: string): Promise<WorkerProcess> {
  const worker = await startWorkerProcess({
    DATABASE_URL: url,
    SECRET_KEY: "00".repeat(32),
    WORKER_CONCURRENCY: DEFAULT_CONCURRENCY,
  });
  asUrgentAsWeAre(worker.pid);
  return worker;
}

/** A worker steps back for whatever else wants the processor; what is measured is the worker, not what else runs. */
function asUrgentAsWeAre(pid: number): void {
  if (process.platform === "linux") {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      setPriority(Number(thread), getPriority());
    }
  }
}

async function sync(source: string, target: string): Promise<number> {
  const ruleId = await seedRule(database(), {
    sourceInstanceId: await seedInstance(database(), `http://${source}`),
    targetInstanceIds: [await seedInstance(database(), `http://${target}`)],
    sourceNamespace: NAMESPACE,
  });
  const news = new EventEmitter();
  const ear = listen({
    channels: [LIVE_CHANNEL],
    onNotification: () => news.emit("told"),
    onResync: () => news.emit("told"),
  });
  await ear.ready;
  try {
    const startedMs = performance.now();
    const { taskId } = await database().transaction((tx) =>
      startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
    );
    return await endOf(taskId, startedMs, news);
  } finally {
    await ear.close();
  }
}

/** @returns seconds since `startedMs` */
async function endOf(taskId: string, startedMs: number, news: EventEmitter): Promise<number> {
  for (;;) {
    const told = once(news, "told", { signal: AbortSignal.timeout(LOOK_AT_LEAST_EVERY_MS) }).catch(
      () => undefined,
    );
    const task = await database().query.tasks.findFirst({
      columns: { status: true, endedAt: true, failure: true },
      where: (row, { eq }) => eq(row.id, taskId),
    });
    const seconds = (performance.now() - startedMs) / 1000;
    if (task?.endedAt) {
      if (task.status !== "succeeded") {
        throw new Error(`the task ended ${task.status}: ${JSON.stringify(task.failure)}`);
      }
      return seconds;
    }
    if (seconds * 1000 > MOST_MS) {
      throw new Error(`the task is still ${task?.status} after ${seconds.toFixed(0)} s`);
    }
    await told;
  }
}

/** The most that a worker has held so far, MiB. */
export function peakMib(workers: readonly WorkerProcess[]): number {
  return Math.max(...workers.map(({ pid }) => memoryOf(pid) ?? 0)) / 1024 ** 2;
}
