import { sql } from "drizzle-orm";
import { fromDrizzle, type JobInsert, PgBoss } from "pg-boss";
import { config } from "../config.ts";
import { database, type Executor } from "../db/client.ts";
import { poolConfig } from "../db/connection.ts";
import {
  HEALTH,
  HOUSEKEEPING,
  INBOX,
  JOBS_CHANNEL,
  LIMITS,
  OUTBOX,
  QUEUE_OPTIONS,
  QUEUES,
  type QueueName,
} from "./queues.ts";

/** What pg-boss itself may do beside our calls: a worker also looks after the tables and the schedules. */
export type BossRole = "sender" | "worker";

const OFF = { registerInstance: false, openTelemetry: { enabled: false } } as const;

// Next bundles this module more than once into one process: the instance hangs on the process, not on the module.
const HOLDER = Symbol.for("lockstep.boss");
const holder = globalThis as { [HOLDER]?: Promise<PgBoss> };

/**
 * The pg-boss of this process. The first caller decides the role; a web process only sends.
 * The schema must exist: see {@link prepareQueues}.
 */
export function boss(role: BossRole = "sender", onError?: (error: Error) => void): Promise<PgBoss> {
  holder[HOLDER] ??= start(role, onError).catch((error: unknown) => {
    delete holder[HOLDER];
    throw error;
  });
  return holder[HOLDER];
}

async function start(role: BossRole, onError?: (error: Error) => void): Promise<PgBoss> {
  const working = role === "worker";
  const instance = new PgBoss({
    ...OFF,
    // A sender is first needed inside a transaction: waiting there for a second connection of the same pool could block
    // all of them, so it looks up its queues on one of its own.
    ...(working
      ? { db: fromDrizzle(database(), sql) }
      : poolConfig(config().databaseUrl, "lockstep-queue", 1)),
    migrate: false,
    supervise: working,
    schedule: working,
  });
  // Without a listener an error of the background would end the process; a caller's own error reaches the caller.
  instance.on("error", (error) => onError?.(error));
  return instance.start();
}

/** Stops the pg-boss of this process, if there is one. Jobs under way are the caller's to hand back first. */
export async function closeBoss(): Promise<void> {
  const open = holder[HOLDER];
  delete holder[HOLDER];
  const instance = await open?.catch(() => undefined);
  await instance?.stop({ graceful: false });
}

/**
 * Creates the schema `pgboss`, the queues and the schedules, or brings them up to date, so that a web process can send
 * before any worker ever started. Called after the migrations, under their lock.
 */
export async function prepareQueues(url: string): Promise<void> {
  const instance = new PgBoss({
    ...OFF,
    ...poolConfig(url, "lockstep-queue", 2),
    ...{ supervise: false, schedule: false },
  });
  instance.on("error", () => undefined);
  await instance.start();
  try {
    const known = new Set((await instance.getQueues()).map((queue) => queue.name));
    for (const name of QUEUES) {
      if (known.has(name)) {
        await instance.updateQueue(name, QUEUE_OPTIONS[name]);
      } else {
        await instance.createQueue(name, QUEUE_OPTIONS[name]);
      }
    }
    await instance.schedule(HEALTH, "* * * * *", {});
    await instance.schedule(HOUSEKEEPING, "17 * * * *", {});
  } finally {
    await instance.stop({ graceful: false });
  }
}

/** Sends jobs inside the caller's transaction, and wakes the workers when it commits. */
export async function sendJobs(tx: Executor, queue: QueueName, jobs: JobInsert[]): Promise<void> {
  if (jobs.length === 0) {
    return;
  }
  const sender = await boss();
  await sender.insert(queue, jobs, { db: fromDrizzle(tx, sql) });
  await wakeWorkers(tx, queue);
}

/** Tells idle workers that events wait in the inbox. */
export async function wakeInbox(tx: Executor): Promise<void> {
  await tx.execute(sql`select pg_notify(${JOBS_CHANNEL}, ${INBOX})`);
}

/** Tells workers that notices wait in the outbox. */
export async function wakeOutbox(tx: Executor): Promise<void> {
  await tx.execute(sql`select pg_notify(${JOBS_CHANNEL}, ${OUTBOX})`);
}

/** Tells workers that the limits of an instance have changed. */
export async function tellLimits(tx: Executor): Promise<void> {
  await tx.execute(sql`select pg_notify(${JOBS_CHANNEL}, ${LIMITS})`);
}

/** Tells idle workers to look at a queue now instead of at their next poll. */
export async function wakeWorkers(tx: Executor, queue: QueueName): Promise<void> {
  await tx.execute(sql`select pg_notify(${JOBS_CHANNEL}, ${queue})`);
}
