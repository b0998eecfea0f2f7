import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { database } from "../../../lib/db/client.ts";
import { jobLeases, workers } from "../../../lib/db/schema/installation.ts";
import { instances } from "../../../lib/db/schema/instances.ts";
import { ruleTargets } from "../../../lib/db/schema/rules.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import type { Connections } from "../../../lib/jobs/connections.ts";
import { scanJob } from "../../../lib/jobs/scan-job.ts";
import { claimTask } from "../../../lib/jobs/task-claim.ts";
import { beginTransfer, markRunning, openTransfers } from "../../../lib/jobs/transfer-state.ts";
import { fenced, type Lease } from "../../../lib/queue/fence.ts";
import { completeJob, releaseJob } from "../../../lib/queue/job-attempt.ts";
import { COPY, SCAN } from "../../../lib/queue/queues.ts";
import { stopTask } from "../../../lib/queue/stop-task.ts";
import type { TaskStatus } from "../../../lib/schemas/task.ts";
import { claimJobs } from "./fuzz-jobs.ts";
import { runningJob } from "./stolen-leases.ts";

/** What a wreck is made of: a task that was triggered, its rule, and a target of its own. */
export interface Wreckage {
  readonly taskId: string;
  readonly ruleId: string;
  readonly targetId: string;
  readonly connections: Connections;
  readonly trigger: () => Promise<{ taskId: string }>;
}

/** A state that a crash, an outage or a hand in the tables leaves behind, and how its task has to end. */
export interface Wreck {
  readonly what: string;
  readonly make: (wreckage: Wreckage) => Promise<void>;
  readonly ends: readonly TaskStatus[];
}

const HEALED: readonly TaskStatus[] = ["succeeded"];

const write = (text: ReturnType<typeof sql>) => database().execute(text);
const loseJobs = ({ taskId }: Wreckage) =>
  write(sql`delete from pgboss.job where name in ('scan', 'copy') and group_id = ${taskId}`);

async function claimOne(queue: typeof SCAN | typeof COPY, taskId: string): Promise<Lease> {
  for (const job of await claimJobs(queue, 50)) {
    if (job.taskId === taskId) {
      return job.lease;
    }
    await releaseJob(database(), job.lease, { delayMs: 0, counts: false });
  }
  throw new Error(`no ${queue} job of task ${taskId}`);
}

/** The scan has run to its end, the copy waits. */
async function scanned({ taskId, connections }: Wreckage): Promise<void> {
  const lease = await claimOne(SCAN, taskId);
  await scanJob.run(runningJob(lease, { taskId }), { db: database(), connections });
  await database().transaction((tx) => completeJob(tx, lease));
}

/** A worker was in the middle of the copy. */
async function copying(wreckage: Wreckage): Promise<Lease> {
  const { taskId } = wreckage;
  await scanned(wreckage);
  const lease = await claimOne(COPY, taskId);
  const [transfer] = await openTransfers(database(), taskId, 0);
  await fenced(database(), lease, taskId, async (tx) => {
    await markRunning(tx, taskId);
    await beginTransfer(tx, taskId, transfer?.id ?? "");
  });
  return lease;
}

/** Its heartbeat is old; with `named`, its worker is known, and has gone. */
async function died(lease: Lease, named: boolean): Promise<void> {
  if (named) {
    const workerId = uuidv7();
    await database()
      .insert(workers)
      .values({
        id: workerId,
        lockKey: Math.floor(Math.random() * 2 ** 46),
        host: "gone",
        pid: 1,
        version: "0",
      });
    await database()
      .insert(jobLeases)
      .values({ jobId: lease.jobId, attempt: lease.attempt, queue: lease.queue, workerId });
    return;
  }
  await write(sql`update pgboss.job set heartbeat_on = now() - interval '1 hour' where id = ${lease.jobId}`);
}

const stop = ({ taskId }: Wreckage) => database().transaction((tx) => stopTask(tx, { taskId, userId: null }));

export const WRECKS: readonly Wreck[] = [
  { what: "a waiting task without a job", make: async (it) => void (await loseJobs(it)), ends: HEALED },
  {
    what: "a scan whose worker died",
    make: async (it) => {
      const lease = await claimOne(SCAN, it.taskId);
      await fenced(database(), lease, it.taskId, (tx) => claimTask(tx, it.taskId));
      await died(lease, true);
    },
    ends: HEALED,
  },
  {
    what: "a scan without a job",
    make: async (it) => {
      const lease = await claimOne(SCAN, it.taskId);
      await fenced(database(), lease, it.taskId, (tx) => claimTask(tx, it.taskId));
      await loseJobs(it);
    },
    ends: HEALED,
  },
  { what: "a copy that nobody took", make: scanned, ends: HEALED },
  { what: "a copy whose worker died", make: async (it) => died(await copying(it), true), ends: HEALED },
  {
    what: "a copy whose worker fell silent",
    make: async (it) => died(await copying(it), false),
    ends: HEALED,
  },
  {
    what: "a copy without a job",
    make: async (it) => {
      await copying(it);
      await loseJobs(it);
    },
    ends: HEALED,
  },
  {
    what: "a copy that the queue gave up",
    make: async (it) => {
      await copying(it);
      await write(
        sql`update pgboss.job set state = 'failed', completed_on = now() where name = 'copy' and group_id = ${it.taskId}`,
      );
    },
    ends: ["failed"],
  },
  {
    what: "a scan that the queue gave up",
    make: async (it) => {
      const lease = await claimOne(SCAN, it.taskId);
      await fenced(database(), lease, it.taskId, (tx) => claimTask(tx, it.taskId));
      await write(
        sql`update pgboss.job set state = 'failed', completed_on = now() where name = 'scan' and group_id = ${it.taskId}`,
      );
    },
    ends: ["failed"],
  },
  {
    what: "a job that brought down a hundred workers",
    make: async (it) => {
      const lease = await copying(it);
      await write(sql`update pgboss.job set retry_count = 100, retry_limit = 200 where id = ${lease.jobId}`);
      await died({ ...lease, attempt: 100 }, true);
    },
    ends: ["failed"],
  },
  {
    what: "a stop while its worker died",
    make: async (it) => {
      const lease = await copying(it);
      await stop(it);
      await died(lease, true);
    },
    ends: ["stopped"],
  },
  {
    what: "a stop of a task without a job",
    make: async (it) => {
      await copying(it);
      await loseJobs(it);
      await stop(it);
    },
    ends: ["stopped"],
  },
  {
    what: "a target that was deleted under way",
    make: async (it) => {
      const lease = await copying(it);
      // The rule was edited away from it first.
      await database().delete(ruleTargets).where(eq(ruleTargets.ruleId, it.ruleId));
      await database().delete(instances).where(eq(instances.id, it.targetId));
      await died(lease, true);
    },
    ends: ["failed"],
  },
  {
    what: "an end that was never written",
    make: async (it) => {
      await copying(it);
      await loseJobs(it);
      await write(sql`update transfers set status = 'copied', ended_at = now() where task_id = ${it.taskId}`);
    },
    ends: HEALED,
  },
  {
    what: "a task that waits behind a dead one",
    make: async (it) => {
      const lease = await copying(it);
      await it.trigger();
      await died(lease, true);
    },
    ends: HEALED,
  },
];

/** They lie there for a while: nobody who looks is to believe that something is just under way. */
export async function age(): Promise<void> {
  await database().update(tasks).set({ updatedAt: sql`now() - interval '11 minutes'` });
}
