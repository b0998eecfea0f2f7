import { sql } from "drizzle-orm";
import { fromDrizzle, type JobWithMetadata, type PgBoss } from "pg-boss";
import type { Database } from "../db/client.ts";
import { jobLeases } from "../db/schema/installation.ts";
import { QUEUES, type QueueName } from "../queue/queues.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { JobContext, JobHandler } from "./job.ts";
import { attempt, type TakenJob, taskIdOf } from "./job-run.ts";
import type { Liveness } from "./liveness.ts";
import { warnOf } from "./outage-log.ts";
import { pollFor } from "./poll.ts";
import { queuesWithWork } from "./waiting-work.ts";

/** NOTIFY wakes an idle queue at once; this is the floor for what a notification missed, and for delayed jobs. */
const POLL_MS = 1_000;
/**
 * Jobs taken by the first question of a look; each one after it takes twice as many. Who has room for all would leave nothing to the
 * other workers, which are told of them at the same time.
 */
const FIRST_TAKE = 2;

export interface DispatcherOptions {
  readonly db: Database;
  readonly boss: PgBoss;
  readonly liveness: Liveness;
  readonly heartbeats: Heartbeats;
  readonly context: JobContext;
  readonly handlers: Readonly<Record<QueueName, JobHandler>>;
  /** Jobs of each queue that run at once in this process. */
  readonly concurrency: Readonly<Record<QueueName, number>>;
  /**
   * Beyond these so many more, of tasks of which nothing runs in this process: a tag of one task does not wait for the layers of
   * gigabytes that those of another have filled every slot with.
   */
  readonly spare: Readonly<Partial<Record<QueueName, number>>>;
}

export interface Dispatcher {
  /** Looks at this queue now. */
  wake(queue: QueueName): void;
  /** Takes no more jobs. */
  stop(): void;
  /** Resolves when no job runs. */
  idle(): Promise<void>;
}

/**
 * Takes jobs as long as there are free slots, and looks again the moment one ends, so that a full queue is drained without a
 * pause. (pg-boss' own workers fetch one job a poll, or a batch that ends with its slowest job.) A queue that has run dry is not
 * looked at again until somebody tells of more, or the poll finds it: one question a poll, for all queues.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  /** With the task that each is of. */
  const running = new Map<QueueName, Map<Promise<void>, string | null>>(
    QUEUES.map((queue) => [queue, new Map()]),
  );
  const looking = new Set<QueueName>();
  const lookAgain = new Set<QueueName>();
  /** Where the last look left nothing behind, or nothing of tasks that do not run here, and nobody has told of more since. */
  const dry = new Map<QueueName, "all" | "others">();
  let stopped = false;

  /** What may be taken now; null: nothing. */
  function room(queue: QueueName): Room | null {
    const jobs = running.get(queue) ?? new Map<Promise<void>, string | null>();
    const slots = options.concurrency[queue] - jobs.size;
    if (slots > 0) {
      return { limit: slots, but: [] };
    }
    const spare = slots + (options.spare[queue] ?? 0) > 0 && !dry.has(queue);
    return spare ? { limit: 1, but: [...new Set(jobs.values())].filter((task) => task !== null) } : null;
  }

  async function look(queue: QueueName): Promise<void> {
    for (let most = FIRST_TAKE; !stopped && options.liveness.alive(); most *= 2) {
      const whole = room(queue);
      if (!whole) {
        return;
      }
      const space = { ...whole, limit: Math.min(whole.limit, most) };
      const taken = await take(options, queue, space);
      for (const job of taken) {
        launch(queue, job);
      }
      if (taken.length < space.limit) {
        noteDry(queue, space);
        return;
      }
    }
  }

  /** It had room for more. */
  function noteDry(queue: QueueName, { but }: Room): void {
    dry.set(queue, but.length === 0 ? "all" : "others");
  }

  function launch(queue: QueueName, job: TakenJob): void {
    const jobs = running.get(queue);
    const run = attempt(job, options).finally(() => {
      jobs?.delete(run);
      if (dry.get(queue) !== "all") {
        lookSoon(queue);
      }
    });
    jobs?.set(run, taskIdOf(job.data));
  }

  /** There may be more than when it was looked at last. */
  function wake(queue: QueueName): void {
    dry.delete(queue);
    lookSoon(queue);
  }

  function lookSoon(queue: QueueName): void {
    if (stopped) {
      return;
    }
    if (looking.has(queue)) {
      lookAgain.add(queue);
      return;
    }
    looking.add(queue);
    look(queue)
      .catch((error: unknown) => {
        lookAgain.delete(queue);
        warnOf(options.db, error, `taking jobs of ${queue} failed`);
      })
      .finally(() => {
        looking.delete(queue);
        if (lookAgain.delete(queue)) {
          wake(queue);
        }
      });
  }

  const poll = pollFor(options.db, {
    everyMs: POLL_MS,
    look: async () => (await queuesWithWork(options.db)).forEach(wake),
  });
  return {
    wake,
    stop: () => {
      stopped = true;
      poll.close();
    },
    idle: async () => {
      while (looking.size > 0 || [...running.values()].some((jobs) => jobs.size > 0)) {
        await Promise.all([...running.values()].flatMap((jobs) => [...jobs.keys()]));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

interface Room {
  limit: number;
  /** Tasks of which none is wanted. */
  but: string[];
}

/** Claims jobs and notes their leases in one transaction: a claimed job always has a lease that names a worker. */
async function take(
  { db, boss, liveness }: DispatcherOptions,
  queue: QueueName,
  { limit, but }: Room,
): Promise<TakenJob[]> {
  return db.transaction(async (tx) => {
    const jobs: JobWithMetadata<object>[] = await boss.fetch<object>(queue, {
      batchSize: limit,
      ignoreGroups: but,
      includeMetadata: true,
      db: fromDrizzle(tx, sql),
    });
    if (jobs.length > 0) {
      await tx.insert(jobLeases).values(
        jobs.map((job) => ({
          jobId: job.id,
          attempt: job.retryCount,
          queue,
          workerId: liveness.workerId,
        })),
      );
    }
    return jobs.map((job) => ({
      lease: { queue, jobId: job.id, attempt: job.retryCount },
      data: job.data,
      retriesLeft: Math.max(0, job.retryLimit - job.retryCount),
    }));
  });
}
