import { eq, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { postNotice } from "../db/notice-outbox.ts";
import { instances } from "../db/schema/instances.ts";
import { log } from "../log.ts";
import { startTask } from "../queue/start-task.ts";
import { nextRun } from "../schemas/cron-runs.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { hasOpenTarget } from "./rule-targets.ts";

/** Rules fired in one go: after an outage the rest follows a second later. */
const FIRED_AT_ONCE = 200;
/** Fired so much later than it should have, a schedule counts as missed, and is told of. */
const LATE_MS = 5 * 60_000;

/** Rules whose schedule could not be fired: tried again each second, told once a process. */
const told = new Set<string>();

/**
 * Fires the schedules that are due, each in a transaction of its own that also moves it on to its next run: any number of
 * workers fire an instant once. What was missed while nobody fired is one run, not many.
 *
 * @param now what is due by then; the database's clock, and in tests another
 * @returns how many were fired
 */
export async function fireSchedules(db: Database, now: Date): Promise<number> {
  const failed: string[] = [];
  let fired = 0;
  while (fired + failed.length < FIRED_AT_ONCE) {
    const taken: { id?: string } = {};
    try {
      if (!(await db.transaction((tx) => fireNext(tx, { now, without: failed, taken })))) {
        break;
      }
      fired += 1;
    } catch (error) {
      if (taken.id === undefined) {
        throw error;
      }
      // It stays due, and is shown as missed; the others go on.
      failed.push(taken.id);
      if (!told.has(taken.id)) {
        told.add(taken.id);
        log.warn({ err: error, ruleId: taken.id }, "a schedule could not be fired");
      }
    }
  }
  return fired;
}

interface DueRule extends Record<string, unknown> {
  id: string;
  name: string;
  source_instance_id: string;
  cron: string;
  time_zone: string;
  due: string;
}

interface Firing {
  now: Date;
  /** Rules that were tried in this go. */
  without: readonly string[];
  /** Names the rule to whoever catches what goes wrong with it. */
  taken: { id?: string };
}

/** @returns false when nothing is due */
async function fireNext(tx: Tx, { now, without, taken }: Firing): Promise<boolean> {
  const { rows } = await tx.execute<DueRule>(sql`
    select id, name, source_instance_id, cron, time_zone, (extract(epoch from schedule_due_at) * 1000)::bigint as due from rules
    where enabled and schedule_due_at <= ${now.toISOString()}::timestamptz
      and id <> all (${sql.param([...without])}::uuid[])
    order by schedule_due_at limit 1
    for no key update skip locked`);
  const [rule] = rows;
  if (!rule) {
    return false;
  }
  taken.id = rule.id;
  const due = new Date(Number(rule.due));
  const next = nextRun({ cron: rule.cron, timeZone: rule.time_zone }, now);
  const claimed = await tx.execute(sql`
    insert into schedule_runs (rule_id, due_at, at) values (${rule.id}, ${due.toISOString()}, ${now.toISOString()})
    on conflict do nothing`);
  if (claimed.rowCount === 1 && (await hasOpenTarget(tx, rule.id))) {
    const { taskId } = await startTask(tx, {
      ruleId: rule.id,
      trigger: "schedule",
      scope: WHOLE_RULE,
      userId: null,
    });
    await tx.execute(sql`
      update schedule_runs set task_id = ${taskId} where rule_id = ${rule.id} and due_at = ${due.toISOString()}`);
  }
  if (now.getTime() - due.getTime() > LATE_MS) {
    await tellOfDelay(tx, rule, { due, now });
  }
  await tx.execute(sql`update rules set schedule_due_at = ${next.toISOString()} where id = ${rule.id}`);
  return true;
}

/** It did not fire when it should have: no worker was there, and nobody could tell of it until now. */
async function tellOfDelay(tx: Tx, rule: DueRule, { due, now }: { due: Date; now: Date }): Promise<void> {
  const [instance] = await tx
    .select({ id: instances.id, name: instances.name })
    .from(instances)
    .where(eq(instances.id, rule.source_instance_id));
  if (instance) {
    await postNotice(tx, {
      event: "schedule-late",
      subject: `schedule:${rule.id}:${due.toISOString()}`,
      instanceId: instance.id,
      concerns: true,
      facts: {
        kind: "schedule",
        rule: { id: rule.id, name: rule.name },
        instance,
        dueAt: due.toISOString(),
        firedAt: now.toISOString(),
      },
    });
  }
}
