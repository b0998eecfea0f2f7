import { type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { columnParameter } from "../db/column-parameter.ts";
import { gathered } from "../db/gathered.ts";
import { sqlState } from "../db/trouble.ts";
import type { QueueName } from "./queues.ts";

/** One attempt of one job: what a worker holds while it works. */
export interface Lease {
  readonly queue: QueueName;
  readonly jobId: string;
  /** pg-boss' retry count: it rises with every claim, so it names this attempt. */
  readonly attempt: number;
}

/** The job is somebody else's by now, or nobody's: whatever this attempt still wants to write is refused. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";

  constructor(lease: Lease) {
    super(`attempt ${lease.attempt} of job ${lease.jobId} (${lease.queue}) has lost its lease`);
  }
}

/** The task was deleted together with its rule. */
export class TaskGone extends Error {
  override readonly name = "TaskGone";

  constructor(taskId: string) {
    super(`task ${taskId} is gone`);
  }
}

/**
 * Asks whether this attempt holds its job at this moment, before it does what no transaction can take back. What jobs of one process ask
 * at the same time is one statement, which begins after each of them has asked.
 * @throws {LeaseLost}
 */
export async function requireLease(db: Database, lease: Lease): Promise<void> {
  const ask = asking.get(db) ?? gathered((leases: Lease[]) => areHeld(db, leases));
  asking.set(db, ask);
  if (!(await ask(lease))) {
    throw new LeaseLost(lease);
  }
}

const asking = new WeakMap<Database, (lease: Lease) => Promise<boolean>>();

async function areHeld(db: Database, leases: readonly Lease[]): Promise<boolean[]> {
  // One lookup a lease, whatever the planner thinks of a table that fills and empties: `offset 0` keeps it from scanning.
  const { rows } = await db.execute<{ held: boolean }>(sql`
    select exists (
      select from pgboss.job j
      where j.name = lease.queue and j.id = lease.id and j.state = 'active' and j.retry_count = lease.attempt
      offset 0
    ) as held
    from unnest(
      ${columnParameter("text", leases, ({ queue }) => queue)},
      ${columnParameter("uuid", leases, ({ jobId }) => jobId)},
      ${columnParameter("int", leases, ({ attempt }) => attempt)}
    ) with ordinality as lease (queue, id, attempt, n)
    order by n`);
  return rows.map(({ held }) => held);
}

const TRANSIENT = new Set(["40001", "40P01"]);
const MAX_TRIES = 4;

/**
 * Runs `write` in a transaction that holds the lease: the job's row is share-locked while it runs, so a takeover waits
 * for the commit, and an attempt that lost its lease changes nothing. The key of the task's rule is locked with it, ahead
 * of any task or transfer, so that deleting the rule takes its turn. A deadlock or a serialization failure is tried again.
 *
 * @throws {LeaseLost} @throws {TaskGone}
 */
export function fenced<T>(
  db: Database,
  lease: Lease,
  taskId: string,
  write: (tx: Tx) => Promise<T>,
): Promise<T> {
  const rule = {
    id: sql`(select rule_id from tasks where id = ${taskId})`,
    gone: () => new TaskGone(taskId),
  };
  return holding(db, lease, rule, write);
}

/** What is written for several jobs at once. */
interface WriteTogether<T> {
  /** Is told which of the jobs still hold their lease, and writes for no other. */
  write: (tx: Tx, holds: (lease: Lease) => boolean) => Promise<T>;
  /** Does not wait until it is on the disk: a crash of the database within half a second may forget it, as if it had not been asked. */
  lazily?: boolean;
  /** A value that is asked for with the fence, once it holds; of one that locks, `write` sees what whoever had the lock has written. */
  also?: SQL;
}

/**
 * The same for several jobs of one task and queue at once; their rows are locked in one order.
 * @throws {TaskGone}
 */
export async function fencedTogether<T>(
  db: Database,
  leases: readonly Lease[],
  taskId: string,
  { write, lazily = false, also }: WriteTogether<T>,
): Promise<T> {
  return retried(db, async (tx) => {
    const { rows } = await tx.execute<Fence>(fenceOf(leases, taskId, { lazily, also }));
    return write(tx, holdersOf(rows[0], leases, taskId));
  });
}

/**
 * The same for what is one statement by itself, which is a fourth of what a transaction costs. `write` is a common table expression
 * that joins `lease (id, retry_count)`, those of the leases that are held, and asks whether there is a `rule`; nobody waits until it
 * is on the disk.
 * @returns which of the jobs still hold their lease @throws {TaskGone}
 */
export async function writeFenced(
  db: Database,
  leases: readonly Lease[],
  taskId: string,
  write: SQL,
): Promise<(lease: Lease) => boolean> {
  const { rows } = await again(() => db.execute<Fence>(fenceOf(leases, taskId, { lazily: true, write })));
  return holdersOf(rows[0], leases, taskId);
}

interface Fence extends Record<string, unknown> {
  /** Of the leases that are held, by their jobs. */
  attempts: Record<string, number>;
  rule: boolean;
}

function fenceOf(
  leases: readonly Lease[],
  taskId: string,
  { lazily, write, also }: { lazily: boolean; write?: SQL | undefined; also?: SQL | undefined },
): SQL {
  return sql`
    with lease as (
      select id, retry_count from pgboss.job
      where name = ${leases[0]?.queue} and id = any (${sql.param(leases.map(({ jobId }) => jobId))}::uuid[])
        and state = 'active'
      order by id for share
    ), rule as (
      select from rules where id = (select rule_id from tasks where id = ${taskId}) for key share
    ) ${write ? sql`, written as (${write})` : sql``}
    select coalesce((select jsonb_object_agg(id, retry_count) from lease), '{}') as attempts,
      exists (select from rule) as rule
      ${lazily ? sql`, set_config('synchronous_commit', 'off', true)` : sql``} ${also ? sql`, ${also}` : sql``}`;
}

function holdersOf(
  fence: Fence | undefined,
  leases: readonly Lease[],
  taskId: string,
): (lease: Lease) => boolean {
  const { attempts = {}, rule = false } = fence ?? {};
  const holds = ({ jobId, attempt }: Lease) => attempts[jobId] === attempt;
  if (!rule && leases.some(holds)) {
    throw new TaskGone(taskId);
  }
  return holds;
}

/** Each lease once. */
export function leasesOf(asked: readonly { lease: Lease }[]): Lease[] {
  return [...new Map(asked.map(({ lease }) => [`${lease.jobId}/${lease.attempt}`, lease])).values()];
}

/** The rule that a job works for, and what to throw when it is there no more. */
interface FencedRule {
  id: SQL;
  gone: () => Error;
}

/** What {@link fenced} does, for whichever way a job knows its rule by. */
export function holding<T>(
  db: Database,
  lease: Lease,
  rule: FencedRule,
  write: (tx: Tx) => Promise<T>,
): Promise<T> {
  return retried(db, async (tx) => {
    await hold(tx, lease, rule);
    return write(tx);
  });
}

/** A transaction that is tried again after a deadlock or a serialization failure. */
function retried<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return again(() => db.transaction(work));
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === MAX_TRIES || !TRANSIENT.has(sqlState(error) ?? "")) {
        throw error;
      }
    }
  }
}

/**
 * What the fence does for those that change a task without a lease: the key of its rule is share-locked ahead of everything else.
 * The order of all locks: key of the rule, transfers, the task at work, the rule's row, its waiting task.
 */
export async function holdRule(tx: Tx, taskId: string): Promise<void> {
  await tx.execute(sql`
    select from rules where id = (select rule_id from tasks where id = ${taskId}) for key share`);
}

/**
 * Share-locks the job's row, and the key of the rule's, until the transaction ends; in one statement, it is asked often.
 */
async function hold(tx: Tx, lease: Lease, rule: FencedRule): Promise<void> {
  const { rows } = await tx.execute<{ lease: boolean; rule: boolean }>(sql`
    with lease as (
      select from pgboss.job
      where name = ${lease.queue} and id = ${lease.jobId} and state = 'active' and retry_count = ${lease.attempt}
      for share
    ), rule as (
      select from rules where id = ${rule.id} for key share
    )
    select exists (select from lease) as lease, exists (select from rule) as rule`);
  if (!rows[0]?.lease) {
    throw new LeaseLost(lease);
  }
  if (!rows[0].rule) {
    throw rule.gone();
  }
}
