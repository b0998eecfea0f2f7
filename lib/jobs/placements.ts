import { and, eq, sql } from "drizzle-orm";
import pLimit from "p-limit";
import type { Database, Tx } from "../db/client.ts";
import { placements } from "../db/schema/transfers.ts";
import { fenced, type Lease, LeaseLost, TaskGone } from "../queue/fence.ts";
import { COPY } from "../queue/queues.ts";
import type { Claim, Placements } from "../sync/placements.ts";
import { gathered } from "./gathered.ts";
import { change, changed, type Known } from "./known-placements.ts";
import { storedUpload } from "./upload-memory.ts";
import { type Attempt, isWanted } from "./upload-wanted.ts";

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 400;

/** No attempt of a job has this number: the claim is nobody's, but what was begun under it is remembered. */
const NO_ATTEMPT = -1;

/** The connections are shared with heartbeats and results, which must not wait for them. */
const limit = pLimit(5);
const known = new Map<string, Known>();

export interface TargetPlacements extends Placements {
  close(): void;
}

interface Content {
  readonly digest: string;
  readonly repository: string;
}

/**
 * Single flight over all workers, in table `placements`. A claim is live while the job attempt that made it is; that of a
 * dead one is taken over, with the upload that it had begun. Every write is fenced by the claiming job's lease. What the
 * flights of a job ask at the same time is asked in one transaction.
 * @param attempt of the job: where a person stops it, or what fails will not be tried again, there is no upload left to go on with
 */
export function createPlacements(
  db: Database,
  lease: Lease,
  { taskId, targetInstanceId, ...attempt }: Place & Partial<Attempt>,
): TargetPlacements {
  const place = { taskId, targetInstanceId };
  const key = `${taskId}/${targetInstanceId}`;
  const local = known.get(key) ?? { placed: new Set(), waiting: new Map(), users: 0 };
  known.set(key, local);
  local.users++;

  const inFence = <T>(write: (tx: Tx) => Promise<T>) => limit(() => fenced(db, lease, taskId, write));
  const decided = gathered((wishes: Wish[]) => inFence((tx) => decide(tx, lease, place, wishes)));
  const landed = gathered(async (contents: Content[]) => {
    await inFence((tx) => land(tx, lease, place, contents));
    return contents;
  });

  function bring(content: Content, { mountFrom, uploadSealed }: Bring): Claim {
    const { digest, repository } = content;
    const mine = openClaim(lease, place, content);
    const upload = storedUpload({ ...place, ...content }, uploadSealed, {
      write: (sealed) => inFence((tx) => tx.update(placements).set({ uploadSealed: sealed }).where(mine)),
      wantedAfter: (error) => isWanted(error, attempt),
    });
    return {
      kind: "bring",
      mountFrom,
      upload,
      async placed() {
        await upload.settled();
        await landed(content);
        local.placed.add(`${repository}@${digest}`);
        changed(local, digest);
      },
      async abandoned() {
        try {
          await upload.settled();
          await inFence((tx) =>
            upload.kept
              ? tx.update(placements).set({ jobAttempt: NO_ATTEMPT }).where(mine)
              : tx.delete(placements).where(mine),
          );
        } catch (error) {
          // A lost lease has freed the claim; the reason why the flight was abandoned must reach the caller.
          if (!(error instanceof LeaseLost || error instanceof TaskGone)) {
            throw error;
          }
        } finally {
          changed(local, digest);
        }
      },
    };
  }

  return {
    memoryKey: local,
    async claim(digest, repository, { signal, mountable }) {
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
        signal.throwIfAborted();
        if (local.placed.has(`${repository}@${digest}`)) {
          return { kind: "placed" };
        }
        const decision = await decided({ digest, repository, mountable });
        if (decision.kind === "placed") {
          local.placed.add(`${repository}@${digest}`);
          return decision;
        }
        if (decision.kind === "bring") {
          return bring({ digest, repository }, decision);
        }
        await change(local, digest, { ms: waitMs, signal });
      }
    },
    close() {
      local.users--;
      if (local.users === 0) {
        known.delete(key);
      }
    },
  };
}

/** The target of a task. */
interface Place {
  taskId: string;
  targetInstanceId: string;
}

interface Wish extends Content {
  mountable: boolean;
}

type Bring = { kind: "bring"; mountFrom: string | undefined; uploadSealed: string | null };
type Decision = { kind: "placed" } | { kind: "wait" } | Bring;

interface Row extends Record<string, unknown> {
  digest: string;
  repository: string;
  placed: boolean;
  /** The attempt that claimed it is still at work. */
  live: boolean;
  uploadSealed: string | null;
}

/** Flights for the same content at the same target decide one after the other, whatever worker they are in. */
async function decide(tx: Tx, lease: Lease, place: Place, wishes: Wish[]): Promise<Decision[]> {
  const digests = [...new Set(wishes.map(({ digest }) => digest))];
  const subjects = digests.map((digest) => `${place.taskId}/${place.targetInstanceId}/${digest}`);
  // Always in the same order: two workers that want the same content must not wait for each other.
  await tx.execute(sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(subject, 0) as key
      from unnest(${sql.param(subjects)}::text[]) as subject order by key
    ) as keys`);
  // One lookup a digest, whatever the planner thinks of a table that fills and empties: `offset 0` keeps it from scanning.
  const { rows } = await tx.execute<Row>(sql`
    select p.* from unnest(${sql.param(digests)}::text[]) as wanted (digest) cross join lateral (
      select p.digest, p.repository, p.placed, p.upload_sealed as "uploadSealed", exists (
        select from pgboss.job j
        where j.name = ${COPY} and j.id = p.job_id and j.state = 'active' and j.retry_count = p.job_attempt
      ) as live
      from placements p
      where p.task_id = ${place.taskId} and p.target_instance_id = ${place.targetInstanceId}
        and p.digest = wanted.digest
      offset 0
    ) p`);
  const byDigest = Map.groupBy(rows, ({ digest }) => digest);
  const claims: Content[] = [];
  const decisions = wishes.map((wish) => {
    const held = byDigest.get(wish.digest) ?? [];
    const decision = decideOne(wish, held);
    if (decision.kind === "bring") {
      claims.push(wish);
      const { digest, repository } = wish;
      const others = held.filter((row) => row.repository !== repository);
      byDigest.set(digest, [
        ...others,
        { digest, repository, placed: false, live: true, uploadSealed: null },
      ]);
    }
    return decision;
  });
  await insertClaims(tx, lease, place, claims);
  return decisions;
}

function decideOne({ repository, mountable }: Wish, held: readonly Row[]): Decision {
  const here = held.find((row) => row.repository === repository);
  if (here?.placed) {
    return { kind: "placed" };
  }
  if (here?.live) {
    return { kind: "wait" };
  }
  const holder = held.find(({ placed }) => placed);
  if (mountable && !holder && held.some(({ live }) => live)) {
    return { kind: "wait" };
  }
  const mountFrom = mountable ? holder?.repository : undefined;
  return { kind: "bring", mountFrom, uploadSealed: here?.uploadSealed ?? null };
}

async function insertClaims(tx: Tx, lease: Lease, place: Place, claims: Content[]): Promise<void> {
  if (claims.length === 0) {
    return;
  }
  await tx
    .insert(placements)
    .values(
      claims.map(({ digest, repository }) => ({
        ...place,
        digest,
        repository,
        jobId: lease.jobId,
        jobAttempt: lease.attempt,
      })),
    )
    .onConflictDoUpdate({
      target: [placements.taskId, placements.targetInstanceId, placements.digest, placements.repository],
      set: { jobId: lease.jobId, jobAttempt: lease.attempt },
    });
}

async function land(tx: Tx, lease: Lease, place: Place, contents: Content[]): Promise<void> {
  await tx.execute(sql`
    update placements set placed = true, upload_sealed = null
    where job_id = ${lease.jobId} and job_attempt = ${lease.attempt} and ctid = any (array(
      select p.ctid from unnest(
        ${sql.param(contents.map(({ digest }) => digest))}::text[],
        ${sql.param(contents.map(({ repository }) => repository))}::text[]
      ) as landed (digest, repository) cross join lateral (
        select p.ctid from placements p
        where p.task_id = ${place.taskId} and p.target_instance_id = ${place.targetInstanceId}
          and p.digest = landed.digest and p.repository = landed.repository
        offset 0
      ) p))`);
}

/** A claim that this attempt made and has not fulfilled. */
function openClaim(lease: Lease, place: Place, { digest, repository }: Content) {
  return and(
    eq(placements.taskId, place.taskId),
    eq(placements.targetInstanceId, place.targetInstanceId),
    eq(placements.digest, digest),
    eq(placements.repository, repository),
    eq(placements.jobId, lease.jobId),
    eq(placements.jobAttempt, lease.attempt),
    eq(placements.placed, false),
  );
}
