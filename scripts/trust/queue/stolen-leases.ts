import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { database, type Tx } from "../../../lib/db/client.ts";
import { type Connections, createConnections } from "../../../lib/jobs/connections.ts";
import { copyJob } from "../../../lib/jobs/copy-job.ts";
import type { JobHandler, RunningJob } from "../../../lib/jobs/job.ts";
import { scanJob } from "../../../lib/jobs/scan-job.ts";
import { boss } from "../../../lib/queue/boss.ts";
import type { Lease } from "../../../lib/queue/fence.ts";
import { completeJob, releaseJob } from "../../../lib/queue/job-attempt.ts";
import { COPY, type CopyJob, type QueueName, SCAN, type ScanJob } from "../../../lib/queue/queues.ts";
import { egressRule } from "../../../lib/registry/egress.ts";
import { seedRule } from "../../../lib/testing/seed.ts";
import { trigger } from "./world.ts";

/** Far enough away that nobody takes the job up again. */
const NEVER_MS = 86_400_000;
/** A handler of a small image takes about so long. */
const LONGEST_WAIT_MS = 120;

const HANDLERS: Readonly<Record<string, JobHandler>> = {
  [SCAN]: scanJob as JobHandler,
  [COPY]: copyJob as JobHandler,
};

export interface StolenLeases {
  /** Handlers that were at work when their lease went. */
  readonly stolen: number;
  /** Of those, how many changed a row afterwards. */
  readonly changed: number;
}

interface Place {
  sourceInstanceId: string;
  targetInstanceId: string;
  sourceNamespace: string;
}

/**
 * Runs real scan and copy jobs in this process, and takes each one's lease away at some moment. In the very transaction that
 * takes it, the rows of its task are read; whatever the handler still does, they may not change any more.
 */
export async function stealLeases(
  place: Place,
  count: number,
  random: () => number,
  onWave: (stolen: number) => void,
): Promise<StolenLeases> {
  const connections = createConnections(database(), egressRule(["127.0.0.1/32"]));
  const total = { stolen: 0, changed: 0 };
  try {
    for (let wave = 0; total.stolen < count; wave++) {
      const outcomes = await oneWave(place, wave, connections, random);
      total.stolen += outcomes.length;
      total.changed += outcomes.filter((changed) => changed).length;
      onWave(total.stolen);
    }
    return total;
  } finally {
    await connections.close();
  }
}

const WAVE = 8;

/** @returns for each handler that lost its lease while it ran, whether rows changed behind it */
async function oneWave(
  place: Place,
  wave: number,
  connections: Connections,
  random: () => number,
): Promise<boolean[]> {
  for (let n = 0; n < WAVE; n++) {
    const ruleId = await seedRule(database(), {
      ...{ sourceInstanceId: place.sourceInstanceId, sourceNamespace: place.sourceNamespace },
      ...{ targetInstanceIds: [place.targetInstanceId], targetNamespace: `stolen/w${wave}-${n}` },
    });
    await trigger(ruleId);
  }
  const scans = await claim<ScanJob>(SCAN);
  const first = await Promise.all(
    scans.map(async ({ lease, data }) => {
      if (random() < 0.3) {
        return steal({ lease, data }, connections, random);
      }
      await HANDLERS[SCAN]?.run(runningJob(lease, data), { db: database(), connections });
      await database().transaction((tx) => completeJob(tx, lease));
      return undefined;
    }),
  );
  const copies = await claim<CopyJob>(COPY);
  const second = await Promise.all(copies.map((job) => steal(job, connections, random)));
  return [...first, ...second].filter((changed) => changed !== undefined);
}

async function claim<Data extends object>(queue: QueueName): Promise<{ lease: Lease; data: Data }[]> {
  const jobs = await (await boss()).fetch<Data>(queue, { batchSize: 100, includeMetadata: true });
  return jobs.map(({ id, retryCount, data }) => ({ lease: { queue, jobId: id, attempt: retryCount }, data }));
}

/** @returns undefined when the handler had ended before */
async function steal(
  { lease, data }: { lease: Lease; data: ScanJob },
  connections: Connections,
  random: () => number,
): Promise<boolean | undefined> {
  let ended = false;
  const running = Promise.resolve(
    HANDLERS[lease.queue]?.run(runningJob(lease, data), { db: database(), connections }),
  )
    // LeaseLost is what it should end with; the rows decide.
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  await sleep(random() * LONGEST_WAIT_MS);
  const before = await database().transaction(async (tx) => {
    await releaseJob(tx, lease, { delayMs: NEVER_MS, counts: false });
    return ended ? undefined : rowsOf(tx, data.taskId);
  });
  await running;
  if (before === undefined) {
    return undefined;
  }
  return before !== (await database().transaction((tx) => rowsOf(tx, data.taskId)));
}

/** Everything that a job writes for its task, as text. */
async function rowsOf(tx: Tx, taskId: string): Promise<string> {
  const { rows } = await tx.execute<{ text: string }>(sql`
    select concat(
      (select to_jsonb(t) from tasks t where id = ${taskId}),
      (select jsonb_agg(t order by id) from transfers t where task_id = ${taskId}),
      (select jsonb_agg(p order by digest, repository) from placements p where task_id = ${taskId}),
      (select jsonb_agg(s order by at) from task_samples s where task_id = ${taskId}),
      (select jsonb_agg(j.id order by j.id) from pgboss.job j where group_id = ${taskId})
    ) as text`);
  return rows[0]?.text ?? "";
}

/** A job as its handler gets it, of which nobody tells anything. */
export function runningJob<Data>(lease: Lease, data: Data): RunningJob<Data> {
  const control = new AbortController();
  return {
    ...{ lease, data, lastAttempt: false, failures: 0 },
    signal: control.signal,
    draining: new AbortController().signal,
    // Nobody tells it: the fence alone must hold.
    abort: () => undefined,
  };
}
