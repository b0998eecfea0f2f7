import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config.ts";
import type { Database } from "../db/client.ts";
import { requireInstallationKey } from "../db/key-fingerprint.ts";
import { listen } from "../db/listen.ts";
import { log } from "../log.ts";
import { boss, closeBoss, sendJobs } from "../queue/boss.ts";
import { releaseJob } from "../queue/job-attempt.ts";
import {
  COPY,
  DELETION,
  HEALTH,
  HOUSEKEEPING,
  INBOX,
  JOBS_CHANNEL,
  LIMITS,
  OUTBOX,
  PURGE,
  QUEUES,
  type QueueName,
  REFERRERS,
  SCAN,
} from "../queue/queues.ts";
import { egressRule } from "../registry/egress.ts";
import { poster } from "../registry/post.ts";
import { createConnections } from "./connections.ts";
import { copyJob } from "./copy-job.ts";
import { deletionJob } from "./deletions/deletion-job.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createEventInbox } from "./event-inbox.ts";
import { healthJob } from "./health-job.ts";
import { createHeartbeats, type Heartbeats } from "./heartbeats.ts";
import { housekeepingJob } from "./housekeeping-job.ts";
import type { JobHandler } from "./job.ts";
import { holdLiveness } from "./liveness.ts";
import { createNoticeSender } from "./notice-sender.ts";
import { warnOf } from "./outage-log.ts";
import { purgeJob } from "./purge-job.ts";
import { referrersJob } from "./referrers-job.ts";
import { scanJob } from "./scan-job.ts";
import { createStandBy } from "./stand-by.ts";
import { watchStops } from "./stop-watch.ts";
import { createSweeper } from "./sweeper.ts";
import { createThrottles } from "./throttles.ts";

/** What is under way when a worker is told to end may finish in this time; then it is broken off. */
const FINISH_MS = 8_000;
/** Then this long for broken off jobs to write how far they came; what is left is handed back over their heads. */
const ABORT_MS = 8_000;

const HANDLERS: Readonly<Record<QueueName, JobHandler>> = {
  [SCAN]: scanJob as JobHandler,
  [COPY]: copyJob as JobHandler,
  [HEALTH]: healthJob as JobHandler,
  [HOUSEKEEPING]: housekeepingJob,
  [PURGE]: purgeJob as JobHandler,
  [DELETION]: deletionJob as JobHandler,
  [REFERRERS]: referrersJob as JobHandler,
};

export interface Worker {
  readonly workerId: string;
  /** Ends within 25 s: takes no more jobs, lets small ones finish, hands the rest back without counting a failed try. */
  drain(): Promise<void>;
}

/**
 * Starts everything that makes this process a worker. The database is migrated and the queues are prepared.
 * @throws {ConfigError} when its secret key is not that of the installation
 */
export async function startWorker(db: Database, config: Config): Promise<Worker> {
  await requireInstallationKey(db, config.secretKey);
  const queue = await boss("worker", (error) => warnOf(db, error, "the queue reports an error"));
  const heartbeats = createHeartbeats(queue, (error) =>
    warnOf(db, error, "a heartbeat could not be written"),
  );
  const liveness = await holdLiveness(config.databaseUrl, config.workerConcurrency);
  const throttles = createThrottles(db, liveness.workerId);
  const connections = createConnections(db, egressRule([...config.egressAllow]), throttles);
  const dispatcher = createDispatcher({
    db,
    boss: queue,
    liveness,
    heartbeats,
    context: { db, connections },
    handlers: HANDLERS,
    concurrency: {
      [SCAN]: Math.max(1, Math.ceil(config.workerConcurrency / 4)),
      [COPY]: config.workerConcurrency,
      // A round takes up to a minute; an instance that was just added is not to wait for its end.
      [HEALTH]: 2,
      [HOUSEKEEPING]: 1,
      [PURGE]: 1,
      [DELETION]: 2,
      // More would only be more requests at a source that is busy with pushes.
      [REFERRERS]: 2,
    },
    spare: { [COPY]: Math.floor(config.workerConcurrency / 4) },
  });
  const standBy = createStandBy(db, connections);
  const sweeper = createSweeper(db);
  const stops = watchStops(db, heartbeats);
  const inbox = createEventInbox(db);
  const outbox = createNoticeSender({ db, post: poster(config.egressAllow), consoleUrl: config.publicUrl });
  const wakeAll = () => {
    QUEUES.forEach(dispatcher.wake);
    inbox.wake();
    outbox.wake();
    throttles.reread();
  };
  const listener = listen({
    url: config.databaseUrl,
    channels: [JOBS_CHANNEL],
    onNotification: (_channel, name) => {
      const known = QUEUES.find((candidate) => candidate === name);
      if (known) {
        dispatcher.wake(known);
        if (known === SCAN) {
          standBy.look();
        }
      } else if (name === INBOX) {
        inbox.wake();
      } else if (name === OUTBOX) {
        outbox.wake();
      } else if (name === LIMITS) {
        throttles.reread();
      }
    },
    onResync: wakeAll,
  });
  await listener.ready;
  await sendJobs(db, HEALTH, [{ data: { unknownOnly: true } }]);
  wakeAll();
  log.info({ workerId: liveness.workerId, concurrency: config.workerConcurrency }, "the worker is ready");

  return {
    workerId: liveness.workerId,
    drain: async () => {
      dispatcher.stop();
      await inbox.close();
      heartbeats.drain();
      await Promise.all([Promise.race([dispatcher.idle(), sleep(FINISH_MS)]), outbox.close()]);
      heartbeats.abortAll("draining");
      await Promise.race([dispatcher.idle(), sleep(ABORT_MS)]);
      await handBack(db, heartbeats);
      stops.close();
      await sweeper.close();
      heartbeats.close();
      await listener.close();
      await liveness.close();
      await closeBoss();
      await throttles.close();
      await standBy.close();
      await Promise.race([connections.close(), sleep(1_000)]);
    },
  };
}

/** Jobs that do not end: their fence makes whatever they still write be refused. */
async function handBack(db: Database, heartbeats: Heartbeats): Promise<void> {
  for (const lease of heartbeats.leases()) {
    await releaseJob(db, lease, { delayMs: 0, counts: false });
  }
}
