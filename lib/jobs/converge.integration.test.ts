import { desc, eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { installation } from "../db/schema/installation.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { Trigger } from "../schemas/task.ts";
import { pushContent } from "../testing/push-content.ts";
import { SyncWorld, smallImage } from "../testing/sync-world.ts";

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterEach(async () => {
  await world.clean();
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

/** The end of the next task of a rule, that nobody but the worker starts. */
async function nextEnded(ruleId: string, after?: string) {
  const newest = async () => {
    const [task] = await database()
      .select()
      .from(tasks)
      .where(eq(tasks.ruleId, ruleId))
      .orderBy(desc(tasks.id))
      .limit(1);
    return task?.id === after ? undefined : task?.id;
  };
  await expect.poll(newest, { timeout: 40_000, interval: 200 }).toBeDefined();
  return world.ended((await newest()) ?? "");
}
const expectTrigger = (task: { trigger: Trigger; status: string }, trigger: Trigger) =>
  expect(task).toMatchObject({ trigger, status: "succeeded" });

test("with every event lost the target has it all after one interval, and again what is pushed later", async () => {
  const { origin, ruleId, namespace } = await world.pair({ override: true });
  const due = () =>
    database()
      .update(rules)
      .set({ reconcileDueAt: sql`now() - interval '1 second'` })
      .where(eq(rules.id, ruleId));
  const [first, second, moved] = [smallImage("first"), smallImage("second"), smallImage("moved")];
  await pushContent(origin, `${namespace}/app`, "1.0", first);
  await world.worker();
  await due();
  const task = await nextEnded(ruleId);
  expectTrigger(task, "reconcile");
  await world.expectPullable(`${namespace}/app`, "1.0", first);

  await pushContent(origin, `${namespace}/other`, "2.0", second);
  await pushContent(origin, `${namespace}/app`, "1.0", moved);
  await due();
  expectTrigger(await nextEnded(ruleId, task.id), "reconcile");
  await world.expectPullable(`${namespace}/other`, "2.0", second);
  await world.expectPullable(`${namespace}/app`, "1.0", moved);
});

test("after an outage of ours a worker that starts has rules compared within minutes, and a missed schedule run once", async () => {
  const { origin, ruleId, namespace } = await world.pair();
  const pushed = smallImage("pushed");
  await pushContent(origin, `${namespace}/app`, "1.0", pushed);
  await database().update(installation).set({ sweptAt: sql`now() - interval '1 hour'` });
  await database()
    .update(rules)
    .set({
      cron: "0 0 1 1 *",
      timeZone: "UTC",
      scheduleDueAt: sql`now() - interval '3 hours'`,
    })
    .where(eq(rules.id, ruleId));
  await world.worker();
  const task = await nextEnded(ruleId);
  await world.expectPullable(`${namespace}/app`, "1.0", pushed);
  // Whichever came first; the other one joined it, or follows.
  expect(["schedule", "reconcile"]).toContain(task.trigger);
  const state = async () =>
    (
      await database().execute<{ next: boolean; soon: boolean; runs: number }>(sql`
        select schedule_due_at > now() as next,
          reconcile_due_at < now() + interval '5 minutes' or reconcile_due_at > now() + interval '5 hours' as soon,
          (select count(*)::int from schedule_runs s where s.rule_id = rules.id) as runs
        from rules where id = ${ruleId}`)
    ).rows[0];
  await expect.poll(state, { timeout: 60_000 }).toEqual({ next: true, soon: true, runs: 1 });
});
