import { type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { columnParameter } from "../db/column-parameter.ts";
import { gathered } from "../db/gathered.ts";
import { placements } from "../db/schema/transfers.ts";
import { fencedTogether, type Lease, LeaseLost, leasesOf, writeFenced } from "../queue/fence.ts";
import { COPY } from "../queue/queues.ts";

/** The target of a task. */
export interface Place {
  taskId: string;
  targetInstanceId: string;
}

export interface Content {
  readonly digest: string;
  readonly repository: string;
}

export type Bring = { kind: "bring"; mountFrom: string | undefined; uploadSealed: string | null };
export type Decision = { kind: "placed" } | { kind: "wait" } | Bring;

interface Wish extends Content {
  readonly lease: Lease;
  readonly mountable: boolean;
}

interface Landed extends Content {
  readonly lease: Lease;
}

/**
 * What all jobs of this process ask and tell about one target of a task. What comes at the same time is one transaction, whichever
 * job it is of: a database that is asked blob by blob costs more than the copy of small ones.
 */
export interface PlacementDesk {
  /** @throws {LeaseLost} */
  decide(wish: Wish): Promise<Decision>;
  /** The content is where it was to be. @throws {LeaseLost} */
  land(content: Landed): Promise<void>;
}

export function placementDesk(db: Database, place: Place): PlacementDesk {
  const ask = gathered((asks: Ask[]) => answersTo(db, place, asks));
  return {
    decide: async (wish) => answered(await ask({ wish })) ?? { kind: "wait" },
    land: async (landed) => void answered(await ask({ landed })),
  };
}

type Ask = { readonly wish: Wish; readonly landed?: undefined } | { readonly landed: Landed };
/** Null: it has landed. */
type Answer = Decision | LeaseLost | null;

function answered(answer: Answer): Decision | null {
  if (answer instanceof LeaseLost) {
    throw answer;
  }
  return answer;
}

/**
 * What has landed is written before it is decided, so that whoever wishes for it finds it. What a crash of the database forgets of this
 * is asked for again: nobody waits until its log is on the disk.
 */
async function answersTo(db: Database, place: Place, asks: readonly Ask[]): Promise<Answer[]> {
  const asked = asks.map((ask) => ({ ...ask, lease: (ask.landed ?? ask.wish).lease }));
  if (asks.every(({ landed }) => landed)) {
    const contents = asks.flatMap(({ landed }) => landed ?? []);
    const holds = await writeFenced(db, leasesOf(asked), place.taskId, landingOf(place, contents));
    return asked.map(({ lease }) => (holds(lease) ? null : new LeaseLost(lease)));
  }
  const write = async (tx: Tx, holds: (lease: Lease) => boolean): Promise<Answer[]> => {
    const held = asked.filter(({ lease }) => holds(lease));
    await landAll(
      tx,
      place,
      held.flatMap(({ landed }) => landed ?? []),
    );
    const wishes = held.flatMap((ask) => (ask.landed ? [] : ask.wish));
    const decisions = await decideAll(tx, place, wishes);
    return asked.map(({ lease, landed }) =>
      holds(lease) ? (landed ? null : (decisions.shift() ?? null)) : new LeaseLost(lease),
    );
  };
  const digests = asks.flatMap((ask) => (ask.landed ? [] : ask.wish.digest));
  return fencedTogether(db, leasesOf(asked), place.taskId, {
    write,
    lazily: true,
    also: turnOf(place, digests),
  });
}

interface Row extends Record<string, unknown> {
  digest: string;
  repository: string;
  placed: boolean;
  /** The attempt that claimed it is still at work. */
  live: boolean;
  uploadSealed: string | null;
}

/**
 * Flights for the same content at the same target decide one after the other, whatever worker they are in. Always in the same order: two
 * workers that want the same content must not wait for each other.
 */
function turnOf({ taskId, targetInstanceId }: Place, digests: readonly string[]): SQL {
  const subjects = [...new Set(digests)].map((digest) => `${taskId}/${targetInstanceId}/${digest}`);
  return sql`(select count(pg_advisory_xact_lock(key)) from (
    select distinct hashtextextended(subject, 0) as key
    from unnest(${sql.param(subjects)}::text[]) as subject order by key) as keys)`;
}

/** In turn. */
async function decideAll(tx: Tx, place: Place, wishes: readonly Wish[]): Promise<Decision[]> {
  if (wishes.length === 0) {
    return [];
  }
  const digests = [...new Set(wishes.map(({ digest }) => digest))];
  // One lookup a digest, whatever the planner thinks of a table that fills and empties: `offset 0` keeps it from scanning.
  const { rows } = await tx.execute<Row>(sql`
    select p.* from unnest(${columnParameter("text", digests, (digest) => digest)}) as wanted (digest) cross join lateral (
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
  const claims: Wish[] = [];
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
  await insertClaims(tx, place, claims);
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

async function insertClaims(tx: Tx, place: Place, claims: readonly Wish[]): Promise<void> {
  if (claims.length === 0) {
    return;
  }
  await tx
    .insert(placements)
    .values(
      claims.map(({ lease, digest, repository }) => ({
        ...place,
        digest,
        repository,
        jobId: lease.jobId,
        jobAttempt: lease.attempt,
      })),
    )
    .onConflictDoUpdate({
      target: [placements.taskId, placements.targetInstanceId, placements.digest, placements.repository],
      set: { jobId: sql`excluded.job_id`, jobAttempt: sql`excluded.job_attempt` },
    });
}

async function landAll(tx: Tx, place: Place, contents: readonly Landed[]): Promise<void> {
  if (contents.length > 0) {
    await tx.execute(landedOf(place, contents));
  }
}

/** Of those alone whose lease is held, as {@link writeFenced} wants it. */
function landingOf(place: Place, contents: readonly Landed[]): SQL {
  const held = sql`exists (select from lease l where l.id = landed.job_id and l.retry_count = landed.attempt)`;
  return landedOf(place, contents, sql`where ${held} and exists (select from rule)`);
}

function landedOf(place: Place, contents: readonly Landed[], where = sql``): SQL {
  return sql`
    update placements set placed = true, upload_sealed = null
    where ctid = any (array(
      select p.ctid from unnest(
        ${columnParameter("text", contents, ({ digest }) => digest)},
        ${columnParameter("text", contents, ({ repository }) => repository)},
        ${columnParameter("uuid", contents, ({ lease }) => lease.jobId)},
        ${columnParameter("int", contents, ({ lease }) => lease.attempt)}
      ) as landed (digest, repository, job_id, attempt) cross join lateral (
        select p.ctid from placements p
        where p.task_id = ${place.taskId} and p.target_instance_id = ${place.targetInstanceId}
          and p.digest = landed.digest and p.repository = landed.repository
          and p.job_id = landed.job_id and p.job_attempt = landed.attempt
        offset 0
      ) p ${where}))`;
}
