import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "./client.ts";

/** What an outage left behind is compared within this time, not all of it at once. */
const SPREAD_S = 300;

/**
 * Has enabled rules that listen to events compared whole soon, unless that is due sooner anyway: some of their events may be
 * lost. Rows are locked in the order of their ids, so that two of these never wait for each other.
 * @param which a condition on `rules`
 */
export async function reconcileSoon(executor: Executor, which: SQL = sql`true`): Promise<void> {
  await executor.execute(sql`
    update rules set reconcile_due_at = least(reconcile_due_at, now() + random() * make_interval(secs => ${SPREAD_S}))
    where id in (select id from rules where enabled and on_event and ${which} order by id for no key update)`);
}

/**
 * The same for the rules that start or end at an instance which has come back: two checks in a row failed before the last one.
 * A single miss is no outage. After the transaction that kept the check, not in it: tasks lock a rule before its instance.
 */
export async function reconcileAfterOutage(executor: Executor, instanceId: string): Promise<void> {
  const { rows } = await executor.execute<{ back: boolean }>(sql`
    select count(*) = 3 and bool_and((status = 'unreachable') = (nth > 1)) as back from (
      select status, row_number() over (order by at desc) as nth
      from instance_checks where instance_id = ${instanceId} order by at desc limit 3
    ) as newest`);
  if (rows[0]?.back) {
    await reconcileSoon(
      executor,
      sql`(source_instance_id = ${instanceId} or exists (
        select from rule_targets t where t.rule_id = rules.id and t.instance_id = ${instanceId}))`,
    );
  }
}
