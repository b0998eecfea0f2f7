import { and, eq, sql } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { deletionSweeps, placedTags } from "../../db/schema/deletions.ts";
import { tasks } from "../../db/schema/tasks.ts";
import { sendJobs } from "../../queue/boss.ts";
import { announceDeletions } from "../../queue/live.ts";
import { DELETION, type DeletionJob } from "../../queue/queues.ts";
import { fencedByRule } from "../../queue/rule-fence.ts";
import type { SweepOutcome } from "../../schemas/deletion-words.ts";
import type { Connection } from "../connections.ts";
import { isFact } from "../failure.ts";
import type { JobContext, RunningJob } from "../job.ts";
import { type Look, lookAtSource } from "./look-at-source.ts";
import { noteGone, type PlacedTag } from "./note-gone.ts";
import { forgetAll } from "./placed-tags.ts";
import { type FollowingRule, followingRule, meansTag } from "./rule.ts";

/** Tags that one comparison reads anew at most; the next one goes on. */
const LOOKED_AT = 1_000;

/** The scan of a whole rule has come to its end: what it did not see is compared with what the rule has brought. */
export async function sweepAfterScan(tx: Tx, taskId: string): Promise<void> {
  const { rows } = await tx.execute<{ rule_id: string }>(sql`
    select t.rule_id from tasks t join rules r on r.id = t.rule_id
    where t.id = ${taskId} and r.follow_deletions and r.enabled and t.scope ->> 'kind' = 'rule' and t.retry_of is null
      and t.stop_requested_at is null and t.scan_ended_at is not null`);
  const ruleId = rows[0]?.rule_id;
  if (ruleId !== undefined) {
    const data: DeletionJob = { kind: "sweep", ruleId, sweepOf: taskId };
    await sendJobs(tx, DELETION, [{ data, group: { id: ruleId } }]);
  }
}

type Task = typeof tasks.$inferSelect;
interface Found {
  outcome: SweepOutcome;
  missing: number;
}

/**
 * Compares what a scan saw with what the rule has brought. A scan that failed, that could not read some part, or that saw
 * nothing at all says nothing about what is gone.
 */
export async function sweepRule(
  job: RunningJob<DeletionJob>,
  { db, connections }: JobContext,
  { ruleId, sweepOf }: { ruleId: string; sweepOf: string },
): Promise<void> {
  const rule = await followingRule(db, ruleId);
  const [task] = await db.select().from(tasks).where(eq(tasks.id, sweepOf));
  if (!rule || !task?.rule || task.ruleId !== ruleId) {
    return;
  }
  const useless = uselessScan(task);
  if (useless) {
    await conclude(db, job, { rule, taskId: sweepOf }, { outcome: useless, missing: 0 });
    return;
  }
  let source: Connection | null = null;
  let found: Found;
  try {
    source = await connections.acquire(rule.sourceInstanceId);
    found = await compare({ db, job, rule, task, source });
  } catch (error) {
    if (job.signal.aborted || !isFact(error)) {
      throw error;
    }
    found = { outcome: "failed", missing: 0 };
  } finally {
    source?.release();
  }
  await conclude(db, job, { rule, taskId: sweepOf }, found);
}

function uselessScan({ failure, repositoriesScanned, tagsScanned }: Task): SweepOutcome | null {
  if (failure) {
    return tagsScanned > 0 ? "partial" : "failed";
  }
  return repositoriesScanned === 0 || tagsScanned === 0 ? "empty" : null;
}

interface Sweep {
  db: Database;
  job: RunningJob<DeletionJob>;
  rule: FollowingRule;
  task: Task;
  source: Connection;
}

/** Everything is looked at before anything is noted: a source that fails half-way has said nothing. */
async function compare(sweep: Sweep): Promise<Found> {
  const { db, job, rule, task, source } = sweep;
  const scanned = new Set(task.rule?.targets.map(({ ruleTargetId }) => ruleTargetId));
  const looks: { ruleTargetId: string; look: Look; more: number }[] = [];
  for (const ruleTargetId of rule.targetIds.filter((id) => scanned.has(id))) {
    const { missing, more } = await missed(sweep, ruleTargetId);
    const look = await lookAtSource(source, missing, { rule, signal: job.signal });
    looks.push({ ruleTargetId, look, more });
  }
  let outcome: SweepOutcome = "counted";
  let missing = 0;
  for (const { ruleTargetId, look, more } of looks) {
    missing += look.gone.length + more;
    const { held } = await fencedByRule(db, job.lease, rule.id, async (tx) => {
      // There all the same, though a scan of the whole rule passed them over: it asks for another type by now.
      await forgetAll(tx, [...(chosenBySight(rule) ? look.there : []), ...look.unmeant]);
      const notice = { rule, ruleTargetId, cause: "sweep", taskId: task.id, gone: look.gone, more } as const;
      return look.gone.length > 0 ? noteGone(tx, notice) : { held: false };
    });
    outcome = held ? "held" : outcome === "counted" && look.unsure > 0 ? "unsure" : outcome;
  }
  return { outcome, missing };
}

/** Whether a scan may pass over a tag that is there and that the rule means by name: of another type, or not among the newest. */
const chosenBySight = ({ resourceType, newestTags }: FollowingRule): boolean =>
  resourceType !== "all" || newestTags !== null;

/** What the rule has brought to a target and the scan did not see, without what is open already. */
async function missed(
  { db, rule, task }: Sweep,
  ruleTargetId: string,
): Promise<{ missing: PlacedTag[]; more: number }> {
  const rows = await db
    .select()
    .from(placedTags)
    .where(
      and(
        eq(placedTags.ruleTargetId, ruleTargetId),
        sql`not exists (select from transfers t where t.task_id = ${task.id} and t.rule_target_id = ${placedTags.ruleTargetId}
          and t.repository = ${placedTags.repository} and t.tag = ${placedTags.tag})`,
        sql`not exists (select from deletions d where d.rule_target_id = ${placedTags.ruleTargetId}
          and d.repository = ${placedTags.repository} and d.tag = ${placedTags.tag}
          and d.state in ('held', 'pending', 'refused', 'failed'))`,
        // Brought since then: the scan could not know it.
        sql`${placedTags.placedAt} < ${task.createdAt.toISOString()}::timestamptz`,
      ),
    )
    .orderBy(placedTags.repository, placedTags.tag);
  const means = meansTag(rule);
  const { meant = [], unmeant = [] } = Object.groupBy(rows, ({ repository, tag }) =>
    means(repository, tag) ? "meant" : "unmeant",
  );
  // The rule was changed and means them no longer: they are nobody's to delete.
  await forgetAll(db, unmeant);
  return { missing: meant.slice(0, LOOKED_AT), more: Math.max(0, meant.length - LOOKED_AT) };
}

/** Notes what the comparison came to, and takes back what the scan has seen again. */
async function conclude(
  db: Database,
  job: RunningJob<DeletionJob>,
  { rule, taskId }: { rule: FollowingRule; taskId: string },
  { outcome, missing }: Found,
): Promise<void> {
  await fencedByRule(db, job.lease, rule.id, async (tx) => {
    await tx.execute(sql`
      update deletions d set state = 'withdrawn', reason = 'came-back', due_at = null, job_id = null, updated_at = now()
      where d.rule_id = ${rule.id} and d.state in ('held', 'pending', 'refused', 'failed') and exists (
        select from transfers t where t.task_id = ${taskId} and t.rule_target_id = d.rule_target_id
          and t.repository = d.repository and t.tag = d.tag)
        and exists (select from tasks k where k.id = ${taskId} and k.created_at > d.noticed_at)`);
    const { rows } = await tx.execute<{ known: number }>(
      sql`select count(*)::int as known from placed_tags where rule_id = ${rule.id}`,
    );
    const values = { taskId, at: sql`now()`, outcome, known: rows[0]?.known ?? 0, missing };
    await tx
      .insert(deletionSweeps)
      .values({ ruleId: rule.id, ...values })
      .onConflictDoUpdate({ target: deletionSweeps.ruleId, set: values });
    await announceDeletions(tx, rule.id);
  });
}
