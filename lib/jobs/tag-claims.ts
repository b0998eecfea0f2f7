import { setTimeout as sleep } from "node:timers/promises";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tagClaims } from "../db/schema/transfers.ts";
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

/**
 * Runs `write` while no other worker writes this tag: what looks at the target and then writes must not be overtaken by another
 * of ours in between (FT09). The claim of an attempt that is over is nobody's.
 * @throws {LeaseLost} @throws the signal's reason when it is aborted while waiting
 */
export async function aloneAtTag<T>(
  { db, lease, signal }: { db: Database; lease: Lease; signal: AbortSignal },
  place: TagPlace,
  write: () => Promise<T>,
): Promise<T> {
  for (
    let waitMs = FIRST_WAIT_MS;
    !(await claim(db, lease, place));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  ) {
    await requireLease(db, lease);
    await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    );
  }
  try {
    return await write();
  } finally {
    await release(db, lease, place);
  }
}

/** One statement, fenced by itself: an attempt that lost its lease claims nothing. */
async function claim(db: Database, { jobId, attempt }: Lease, place: TagPlace): Promise<boolean> {
  const { rows } = await db.execute(sql`
    insert into tag_claims as held (target_instance_id, repository, tag, job_id, job_attempt)
    select ${place.targetInstanceId}::uuid, ${place.repository}, ${place.tag}, ${jobId}::uuid, ${attempt}::int
    where ${isLive(sql`${jobId}::uuid`, sql`${attempt}::int`)}
    on conflict (target_instance_id, repository, tag)
    do update set job_id = excluded.job_id, job_attempt = excluded.job_attempt
    where not ${isLive(sql`held.job_id`, sql`held.job_attempt`)}
    returning 1`);
  return rows.length > 0;
}

function isLive(jobId: SQL, attempt: SQL): SQL {
  return sql`exists (
    select from pgboss.job j where j.name in ${WRITERS} and j.id = ${jobId} and j.state = 'active' and j.retry_count = ${attempt})`;
}

async function release(db: Database, lease: Lease, place: TagPlace): Promise<void> {
  await db
    .delete(tagClaims)
    .where(
      and(
        eq(tagClaims.targetInstanceId, place.targetInstanceId),
        eq(tagClaims.repository, place.repository),
        eq(tagClaims.tag, place.tag),
        eq(tagClaims.jobId, lease.jobId),
        eq(tagClaims.jobAttempt, lease.attempt),
      ),
    );
}

/** Removes what attempts that are over left behind. */
export async function purgeTagClaims(db: Database): Promise<void> {
  await db.execute(sql`
    delete from tag_claims as held where not ${isLive(sql`held.job_id`, sql`held.job_attempt`)}`);
}
