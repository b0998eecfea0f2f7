import { sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { reconcileSoon } from "../db/reconcile-soon.ts";
import { log } from "../log.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { hasOpenTarget } from "./rule-targets.ts";

const HOUR_S = 3_600;
/** Rules that are due are taken a piece at a time: their scans are to trickle, not to flood. */
const TAKEN_AT_ONCE = 20;
/** No worker looked after the queue for so long: events may have come meanwhile and gone. */
const OUTAGE_S = 300;
/** The interval is drawn anew each time, this much shorter or longer, so that rules made together drift apart. */
const JITTER = 0.1;

/**
 * Starts whole tasks for the rules that listen to events and are due to be compared: whatever event was lost, its content is
 * found here.
 * @param everyHours the usual time between two of them
 * @returns how many were taken
 */
export async function reconcileRules(db: Database, everyHours: number): Promise<number> {
  let taken = 0;
  while (taken < TAKEN_AT_ONCE && (await db.transaction((tx) => reconcileNext(tx, everyHours)))) {
    taken += 1;
  }
  return taken;
}

/** @returns false when nothing is due */
async function reconcileNext(tx: Tx, everyHours: number): Promise<boolean> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    update rules set reconcile_due_at =
      now() + make_interval(secs => ${everyHours * HOUR_S} * (${1 - JITTER} + random() * ${2 * JITTER}))
    where id = (
      select id from rules where enabled and on_event and reconcile_due_at <= now()
      order by reconcile_due_at limit 1
      for no key update skip locked
    )
    returning id`);
  const [rule] = rows;
  if (rule && (await hasOpenTarget(tx, rule.id))) {
    await startTask(tx, { ruleId: rule.id, trigger: "reconcile", scope: WHOLE_RULE, userId: null });
  }
  return rule !== undefined;
}

/** Notes that the queue is looked after; after a gap every rule that listens to events is compared soon. */
export async function noteSweep(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ gap_s: number | null }>(sql`
      with before as (select id, swept_at from installation for update)
      update installation i set swept_at = now() from before b where b.id = i.id
      returning extract(epoch from now() - b.swept_at)::float8 as gap_s`);
    const gapS = rows[0]?.gap_s ?? 0;
    if (gapS > OUTAGE_S) {
      log.info({ gapS: Math.round(gapS) }, "no worker was there for a while: rules are compared soon");
      await reconcileSoon(tx);
    }
  });
}
