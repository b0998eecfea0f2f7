import { setTimeout as sleep } from "node:timers/promises";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { gathered } from "../db/gathered.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { type Lease, requireLease } from "../queue/fence.ts";
import { COPY, DELETION } from "../queue/queues.ts";

/** Whose jobs write tags at a target. */
const WRITERS = [COPY, DELETION];
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 250;

/** A tag of a target. */
export interface TagPlace {
  readonly targetInstanceId: string;
  readonly repository: string;
  readonly tag: string;
}

/**
 * Whether tags of this target are claimed before they are written: where this rule overwrites nothing, or another one does not.
 * Where everybody overwrites, the last one wins, whatever the order.
 */
export async function tagsAreClaimed(
  db: Database,
  rule: { override: boolean },
  targetInstanceId: string,
): Promise<boolean> {
  if (!rule.override) {
    return true;
  }
  const [keeper] = await db
    .select({ id: rules.id })
    .from(ruleTargets)
    .innerJoin(rules, eq(rules.id, ruleTargets.ruleId))
    .where(
      and(eq(ruleTargets.instanceId, targetInstanceId), eq(rules.enabled, true), eq(rules.override, false)),
    )
    .limit(1);
  return keeper !== undefined;
}

interface Claimant {
  readonly db: Database;
  readonly lease: Lease;
  readonly signal: AbortSignal;
}

/**
 * Runs `write` while no other worker writes this tag: what looks at the target and then writes must not be overtaken by another
 * of ours in between (FT09). The claim of an attempt that is over is nobody's.
 * @throws {LeaseLost} @throws the signal's reason when it is aborted while waiting
 */
export async function aloneAtTag<T>(
  claimant: Claimant,
  place: TagPlace,
  write: () => Promise<T>,
): Promise<T> {
  await claimTag(claimant, place);
  try {
    return await write();
  } finally {
    await deskOf(claimant.db).release({ ...place, lease: claimant.lease });
  }
}

/**
 * From here on no other worker writes this tag, until the end of its transfer is written (transfer-moves.ts).
 * @throws {LeaseLost} @throws the signal's reason when it is aborted while waiting
 */
export async function claimTag({ db, lease, signal }: Claimant, place: TagPlace): Promise<void> {
  const wanted = { ...place, lease };
  for (
    let waitMs = FIRST_WAIT_MS;
    !(await deskOf(db).claim(wanted));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  ) {
    await requireLease(db, lease);
    await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    );
  }
}

interface Wanted extends TagPlace {
  readonly lease: Lease;
}

/** What jobs of this process claim, and give back, at the same time is one statement. */
interface TagDesk {
  readonly claim: (wanted: Wanted) => Promise<boolean>;
  readonly release: (claimed: Wanted) => Promise<true>;
}

const desks = new WeakMap<Database, TagDesk>();

function deskOf(db: Database): TagDesk {
  const desk = desks.get(db) ?? {
    claim: gathered((wanted: Wanted[]) => claimAll(db, wanted)),
    release: gathered((claimed: Wanted[]) => releaseAll(db, claimed)),
  };
  desks.set(db, desk);
  return desk;
}

const keyOf = ({ targetInstanceId, repository, tag }: TagPlace) => `${targetInstanceId}/${repository}:${tag}`;

/** The claims as rows. */
function rowsOf(claims: readonly Wanted[]): SQL {
  const column = <T>(of: (claim: Wanted) => T) => sql.param(claims.map(of));
  return sql`unnest(
    ${column(({ targetInstanceId }) => targetInstanceId)}::uuid[], ${column(({ repository }) => repository)}::text[],
    ${column(({ tag }) => tag)}::text[], ${column(({ lease }) => lease.jobId)}::uuid[],
    ${column(({ lease }) => lease.attempt)}::int[]
  ) as wanted (target_instance_id, repository, tag, job_id, job_attempt)`;
}

/**
 * One statement, fenced by itself: an attempt that lost its lease claims nothing. In one order, as they are given back: two workers that
 * want the same tags must not wait for each other.
 */
async function claimAll(db: Database, wanted: readonly Wanted[]): Promise<boolean[]> {
  const firsts = new Map(wanted.toReversed().map((each) => [keyOf(each), each]));
  const { rows } = await db.execute<{ target_instance_id: string; repository: string; tag: string }>(sql`
    insert into tag_claims as held (target_instance_id, repository, tag, job_id, job_attempt)
    select wanted.* from ${rowsOf([...firsts.values()])}
    where ${isLive(sql`wanted.job_id`, sql`wanted.job_attempt`)}
    order by 1, 2, 3
    on conflict (target_instance_id, repository, tag)
    do update set job_id = excluded.job_id, job_attempt = excluded.job_attempt
    where not ${isLive(sql`held.job_id`, sql`held.job_attempt`)}
    returning target_instance_id, repository, tag`);
  const claimed = new Set(
    rows.map(({ target_instance_id, repository, tag }) =>
      keyOf({ targetInstanceId: target_instance_id, repository, tag }),
    ),
  );
  return wanted.map((each) => firsts.get(keyOf(each)) === each && claimed.has(keyOf(each)));
}

function isLive(jobId: SQL, attempt: SQL): SQL {
  return sql`exists (
    select from pgboss.job j where j.name in ${WRITERS} and j.id = ${jobId} and j.state = 'active' and j.retry_count = ${attempt})`;
}

async function releaseAll(db: Database, claimed: readonly Wanted[]): Promise<true[]> {
  await db.execute(sql`
    delete from tag_claims where ctid = any (array(
      select held.ctid from tag_claims held
      join ${rowsOf(claimed)} using (target_instance_id, repository, tag, job_id, job_attempt)
      order by target_instance_id, repository, tag for update of held))`);
  return claimed.map(() => true);
}

/** Removes what attempts that are over left behind. */
export async function purgeTagClaims(db: Database): Promise<void> {
  await db.execute(sql`
    delete from tag_claims as held where not ${isLive(sql`held.job_id`, sql`held.job_attempt`)}`);
}
