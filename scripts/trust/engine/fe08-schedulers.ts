import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eq, isNull, sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { scheduleRuns } from "../../../lib/db/schema/history.ts";
import { rules } from "../../../lib/db/schema/rules.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { stopTask } from "../../../lib/queue/stop-task.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { SECRET_KEY } from "./scene.ts";

const SCHEDULER = fileURLToPath(new URL("scheduler-process.ts", import.meta.url));
const MINUTE_MS = 60_000;
const START_MS = Date.parse("2026-11-24T00:00:00Z");

export const fe08: TrustCase = {
  id: "FE08",
  title: "two schedulers tick the same cron a thousand times: a thousand tasks",
  async run(trust) {
    const url = await trust.database();
    const ruleId = await seedRule(database(), {
      sourceInstanceId: await seedInstance(database()),
      targetInstanceIds: [await seedInstance(database())],
    });
    await database()
      .update(rules)
      .set({ cron: "* * * * *", timeZone: "Asia/Shanghai", scheduleDueAt: new Date(START_MS) })
      .where(eq(rules.id, ruleId));
    const schedulers = [openScheduler(trust, url), openScheduler(trust, url)];
    const ticks = trust.full ? 1_000 : 100;
    let fired = 0;
    for (let minute = 0; minute < ticks; minute++) {
      const now = new Date(START_MS + minute * MINUTE_MS + trust.random() * 50_000);
      const counts = await Promise.all(schedulers.map((tick) => tick(now)));
      fired += counts.reduce((sum, count) => sum + count, 0);
      // Out of the way of the next minute, which would join it.
      const open = await database().select({ id: tasks.id }).from(tasks).where(isNull(tasks.endedAt));
      for (const { id } of open) {
        await database().transaction((tx) => stopTask(tx, { taskId: id, userId: null }));
      }
    }
    const made = await database().$count(tasks);
    const { rows } = await database().execute<{ n: number; due: number; tasks: number }>(sql`
      select count(*)::int as n, count(distinct due_at)::int as due, count(distinct task_id)::int as tasks
      from ${scheduleRuns} where rule_id = ${ruleId}`);
    const [runs] = rows;
    const figure = `${made} tasks, ${runs?.n} runs of ${runs?.due} instants, ${fired} fired in ${ticks} ticks of two processes`;
    const all = [made, runs?.n, runs?.due, runs?.tasks, fired];
    meets(
      all.every((count) => count === ticks),
      figure,
    );
    return figure;
  },
};

/** A process of its own that is told what time it is, and answers how many rules it fired. */
function openScheduler(trust: Trust, url: string): (now: Date) => Promise<number> {
  const child = spawn(process.execPath, [SCHEDULER], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", DATABASE_URL: url, SECRET_KEY },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  trust.cleanup(async () => {
    child.stdin.end();
    if (child.exitCode === null) {
      await once(child, "exit");
    }
  });
  return async (now) => {
    child.stdin.write(`${now.toISOString()}\n`);
    const { value } = await lines.next();
    return Number(value);
  };
}
