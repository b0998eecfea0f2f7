import { eq, type SQL, sql } from "drizzle-orm";
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

/** A schedule that a rule may have: the columns that it stands in, and what it starts. */
interface Kind {
  name: "schedule" | "verify";
  /** Of `rules`. */
  cron: SQL;
  timeZone: SQL;
  dueAt: SQL;
  start(tx: Tx, rule: DueRule, moment: Moment): Promise<void>;
}

interface Moment {
  due: Date;
  now: Date;
}

const SYNCING: Kind = {
  name: "schedule",
  cron: sql`cron`,
  timeZone: sql`time_zone`,
  dueAt: sql`schedule_due_at`,
  async start(tx, rule, { due, now }) {
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
    await tellOfDelay(tx, rule, { due, now });
  },
};

const VERIFYING: Kind = {
  name: "verify",
  cron: sql`verify_cron`,
  timeZone: sql`verify_time_zone`,
  dueAt: sql`verify_due_at`,
  async start(tx, rule, moment) {
    const { id: ruleId, deep } = rule;
    if (await hasOpenTarget(tx, ruleId)) {
      const verify = deep ? "deep" : "shallow";
      await startTask(tx, { ruleId, trigger: "verify", verify, scope: WHOLE_RULE, userId: null });
    }
    await tellOfDelay(tx, rule, moment, "verify");
  },
};

/** Rules that wait to be fired, by the database's clock. */
export const DUE_SCHEDULES = sql`
  select from rules where enabled and (schedule_due_at <= now() or verify_due_at <= now())`;

/**
 * Fires the schedules that are due, each in a transaction of its own that also moves it on to its next run: any number of
 * workers fire an instant once. What was missed while nobody fired is one run, not many.
 *
 * @param now what is due by then; the database's clock, and in tests another
 * @returns how many were fired
 */
export function fireSchedules(db: Database, now: Date): Promise<number> {
  return fire(db, now, SYNCING);
}

/** The same of the schedules by which rules are verified. */
export function fireVerifications(db: Database, now: Date): Promise<number> {
  return fire(db, now, VERIFYING);
}

async function fire(db: Database, now: Date, kind: Kind): Promise<number> {
  const failed: string[] = [];
  let fired = 0;
  while (fired + failed.length < FIRED_AT_ONCE) {
    const taken: { id?: string } = {};
    try {
      if (!(await db.transaction((tx) => fireNext(tx, kind, { now, without: failed, taken })))) {
        break;
      }
      fired += 1;
    } catch (error) {
      if (taken.id === undefined) {
        throw error;
      }
      // It stays due, and is shown as missed; the others go on.
      failed.push(taken.id);
      const key = `${kind.name} ${taken.id}`;
      if (!told.has(key)) {
        told.add(key);
        log.warn({ err: error, ruleId: taken.id }, `the ${kind.name} of a rule could not be fired`);
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
  /** Milliseconds since 1970, as text. */
  due: string;
  /** Where it is verified: content is read back. */
  deep: boolean;
}

interface Firing {
  now: Date;
  /** Rules that were tried in this go. */
  without: readonly string[];
  /** Names the rule to whoever catches what goes wrong with it. */
  taken: { id?: string };
}

/** @returns false when nothing is due */
async function fireNext(tx: Tx, kind: Kind, { now, without, taken }: Firing): Promise<boolean> {
  const { cron, timeZone, dueAt } = kind;
  const { rows } = await tx.execute<DueRule>(sql`
    select id, name, source_instance_id, ${cron} as cron, ${timeZone} as time_zone, verify_deep as deep,
      (extract(epoch from ${dueAt}) * 1000)::bigint as due from rules
    where enabled and ${dueAt} <= ${now.toISOString()}::timestamptz
      and id <> all (${sql.param([...without])}::uuid[])
    order by ${dueAt} limit 1
    for no key update skip locked`);
  const [rule] = rows;
  if (!rule) {
    return false;
  }
  taken.id = rule.id;
  const next = nextRun({ cron: rule.cron, timeZone: rule.time_zone }, now);
  await kind.start(tx, rule, { due: new Date(Number(rule.due)), now });
  await tx.execute(sql`update rules set ${dueAt} = ${next.toISOString()} where id = ${rule.id}`);
  return true;
}

/** Where it did not fire when it should have: no worker was there, and nobody could tell of it until now. */
async function tellOfDelay(tx: Tx, rule: DueRule, { due, now }: Moment, of?: "verify"): Promise<void> {
  if (now.getTime() - due.getTime() <= LATE_MS) {
    return;
  }
  const [instance] = await tx
    .select({ id: instances.id, name: instances.name })
    .from(instances)
    .where(eq(instances.id, rule.source_instance_id));
  if (instance) {
    await postNotice(tx, {
      event: "schedule-late",
      subject: `${of ?? "schedule"}:${rule.id}:${due.toISOString()}`,
      instanceId: instance.id,
      concerns: true,
      facts: {
        kind: "schedule",
        ...(of ? { of } : {}),
        rule: { id: rule.id, name: rule.name },
        instance,
        dueAt: due.toISOString(),
        firedAt: now.toISOString(),
      },
    });
  }
}
