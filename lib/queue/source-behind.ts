import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "../db/client.ts";
import { leadsTo } from "./way-back.ts";
import { goesTo, type TagPlace, WRITTEN_DIGEST, writtenAs } from "./written-content.ts";

/** Places that content is followed back over. */
const MOST_HOPS = 8;

/** Where a tag would go over other content, and what it names at both ends now. */
export interface Overwriting {
  source: TagPlace;
  target: TagPlace;
  digests: { source: string; target: string };
}

/**
 * Whether the source is the older one (ARCHITECTURE.md, "The older one does not win"): what its tag names is what both ends had in
 * common when our own transfers last saw them, and the target is what has changed since. So nothing new would be brought, and
 * somebody's push would be lost that rules carry the other way. Also where the target has not changed and the source holds another
 * form of it, such as one image of its index. Never told from clocks of registries, and never where the source was something else
 * in between: whoever pushed there last is heard.
 */
export async function sourceIsBehind(executor: Executor, overwriting: Overwriting): Promise<boolean> {
  const common = await lastInCommon(executor, overwriting);
  if (common === null) {
    return false;
  }
  const { source, target, digests } = overwriting;
  return common.targetDigest === digests.target
    ? common.cameFromTarget
    : await leadsTo(executor, target, source);
}

/** What the target had when the source had what it has now. */
interface Common {
  targetDigest: string;
  cameFromTarget: boolean;
}

async function lastInCommon(executor: Executor, overwriting: Overwriting): Promise<Common | null> {
  const { source, target, digests } = overwriting;
  const arrived = await arrivalsAt(executor, { place: source, digest: digests.source, next: target });
  const direct = arrived.find((arrival) => isAt(arrival.from, target));
  const left = await departureOf(executor, overwriting);
  if (direct && (!left || direct.at >= left.at)) {
    return { targetDigest: direct.digest, cameFromTarget: true };
  }
  return left
    ? { targetDigest: left.digest, cameFromTarget: false }
    : followedBack(executor, arrived, overwriting);
}

const isAt = (one: TagPlace, other: TagPlace): boolean =>
  one.instanceId === other.instanceId && one.repository === other.repository;

/** Content that we brought to a place. Instants in seconds, of the database. */
interface Arrival {
  from: TagPlace;
  to: TagPlace;
  /** As it is there, where it came from. */
  digest: string;
  at: number;
  /** When its source was looked at, or later. */
  seen: number;
}

interface Standing {
  place: TagPlace;
  digest: string;
  /** Where it would go next: what was brought there tells what the place had. */
  next: TagPlace;
  /** Instant at which the place had it; left out: now. */
  until?: number;
}

/**
 * Where that which a place holds came from, as far as we brought it, or found it equal: the last time from each. Nothing where the
 * place has had something else since. A transfer counts from its start, since it may have written its tag by now.
 */
async function arrivalsAt(executor: Executor, standing: Standing): Promise<Arrival[]> {
  const { place, digest } = standing;
  const there = sql`t.status in ('pending', 'running', 'copied', 'up-to-date') and t.started_at is not null
    and t.target_instance_id = ${place.instanceId} and t.target_repository = ${place.repository} and t.tag = ${place.tag}`;
  const at = sql`coalesce(t.ended_at, now())`;
  const { rows } = await executor.execute<{
    instance_id: string;
    repository: string;
    digest: string;
    at: number;
    seen: number;
  }>(sql`
    select k.source_instance_id as instance_id, t.repository, t.digest,
      extract(epoch from max(${at}))::float8 as at,
      extract(epoch from max(coalesce(k.claimed_at, now())))::float8 as seen
    from (${writtenAs(sql`${digest}`, there)}) t join tasks k on k.id = t.task_id
    where ${at} >= coalesce(${hadAnotherAt(standing)}, '-infinity')
    group by 1, 2, 3 order by at desc`);
  return rows.map(({ instance_id: instanceId, repository, ...row }) => ({
    ...row,
    from: { instanceId, repository, tag: place.tag },
    to: place,
  }));
}

/** The last time that what the source holds now was brought to the target, or found there. */
async function departureOf(
  executor: Executor,
  { source, target, digests }: Overwriting,
): Promise<{ digest: string; at: number } | null> {
  const standing = { place: source, digest: digests.source, next: target };
  const { rows } = await executor.execute<{ digest: string; at: number }>(sql`
    select ${WRITTEN_DIGEST} as digest, extract(epoch from t.ended_at)::float8 as at
    from transfers t join tasks k on k.id = t.task_id
    where ${goesTo(sql`t`, target)} and t.digest = ${digests.source}
      and k.source_instance_id = ${source.instanceId} and t.repository = ${source.repository}
      and t.ended_at >= coalesce(greatest(${hadAnotherAt(standing)},
        (select max(n.ended_at) from transfers n where ${goesTo(sql`n`, source)} and n.status = 'copied')), '-infinity')
    order by t.ended_at desc limit 1`);
  return rows[0] ?? null;
}

/**
 * When the place last had other content, as a transfer that ended saw it, one that wrote there or read there for the next place, or
 * as the registry told after it had told of this content: events of a registry come in the order of its pushes, so that one which
 * is late tells of what was there before. Null: never. Asked once, whatever it is compared with.
 */
function hadAnotherAt({ place, digest, next, until }: Standing): SQL {
  const { instanceId, repository, tag } = place;
  const meanwhile = until === undefined ? sql`` : sql`and n.ended_at <= to_timestamp(${until})`;
  const push = (alias: SQL) =>
    sql`${alias}.instance_id = ${instanceId} and ${alias}.repository = ${repository}
      and ${alias}.tag = ${tag} and ${alias}.action = 'push'`;
  const told = sql`(
    select max(other.received_at) from events other
    where ${push(sql`other`)} and other.digest <> ${digest} and exists (
      select from events own
      where ${push(sql`own`)} and own.digest = ${digest} and (own.received_at, own.id) < (other.received_at, other.id)
    ))`;
  return sql`greatest(
    (select max(n.ended_at) from transfers n
      where ${goesTo(sql`n`, place)} and coalesce(n.target_digest, n.digest) <> ${digest} ${meanwhile}),
    (select max(n.ended_at) from transfers n join tasks s on s.id = n.task_id
      where ${goesTo(sql`n`, next)} and s.source_instance_id = ${instanceId} and n.repository = ${repository}
        and n.digest <> ${digest} ${meanwhile}),
    ${until === undefined ? told : sql`null`})`;
}

/** The same over places between: content that came from the target over others. */
async function followedBack(
  executor: Executor,
  arrived: readonly Arrival[],
  { target }: Overwriting,
): Promise<Common | null> {
  const seen = new Set<string>();
  let arrivals = arrived;
  for (let hop = 0; hop < MOST_HOPS && arrivals.length > 0; hop += 1) {
    const further: Arrival[] = [];
    for (const { from, to, digest, seen: until } of arrivals) {
      if (isAt(from, target)) {
        return { targetDigest: digest, cameFromTarget: true };
      }
      const key = `${from.instanceId}/${from.repository}@${digest}`;
      if (!seen.has(key)) {
        seen.add(key);
        further.push(...(await arrivalsAt(executor, { place: from, digest, next: to, until })));
      }
    }
    arrivals = further;
  }
  return null;
}
