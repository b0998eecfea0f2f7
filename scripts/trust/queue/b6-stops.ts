import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { stopTask } from "../../../lib/queue/stop-task.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { seedRule } from "../../../lib/testing/seed.ts";
import { slowBlobs } from "../../../lib/testing/slow-blobs.ts";
import { bigImage, smallImage } from "../../../lib/testing/sync-world.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { percentile, seconds, underLoad } from "./figures.ts";
import { movesSeen, watchMoves } from "./oracle.ts";
import { openWorld, trigger, until } from "./world.ts";

const WITHIN_MS = 5_000;
const BYTES_PER_SECOND = 150_000;

export const b6: TrustCase = {
  id: "B6",
  title: "a stop takes effect, in the middle of a blob too, and nothing revives",
  async run(trust) {
    const size = trust.full ? { stops: 100, atOnce: 10 } : { stops: 6, atOnce: 6 };
    const { sync, target } = await openWorld(trust);
    await watchMoves();
    const slow = slowBlobs(BYTES_PER_SECOND);
    const { origin, sourceId, namespace } = await sync.pair({ intercept: slow.intercept });
    const artifact = bigImage("stopped", 16);
    await pushContent(origin, `${namespace}/big`, "1", artifact);
    for (let n = 0; n < 4; n++) {
      await pushContent(origin, `${namespace}/small${n}`, "1", smallImage(`stopped ${n}`));
    }
    slow.slow(artifact);
    await Promise.all([sync.worker({ WORKER_CONCURRENCY: "8" }), sync.worker({ WORKER_CONCURRENCY: "8" })]);
    const times: number[] = [];
    const stopped: string[] = [];
    while (stopped.length < size.stops) {
      const tasks = await Promise.all(
        Array.from({ length: size.atOnce }, async (_, n) => {
          const ruleId = await seedRule(database(), {
            ...{ sourceInstanceId: sourceId, targetInstanceIds: [sync.targetId], sourceNamespace: namespace },
            targetNamespace: `stop${stopped.length + n}`,
          });
          // Most in the middle of the blob, some in the scan or before it.
          const early = trust.random() < 0.1;
          return stopInside((await trigger(ruleId)).taskId, early ? 0 : 1, trust.random() * 1_500);
        }),
      );
      await Promise.all(tasks.map((taskId) => sync.ended(taskId, { timeoutMs: 60_000 })));
      stopped.push(...tasks);
      times.push(...(await Promise.all(tasks.map(timeToStop))));
      trust.step(`${stopped.length} stopped, the slowest after ${seconds(Math.max(...times))}`);
    }
    const inTime = times.filter((ms) => ms <= WITHIN_MS).length;
    // What a worker had in hand it gives back, uploads too, within the time that a stop has.
    await until("no job of theirs is at work", WITHIN_MS, async () => (await jobsOf(stopped)) === 0);
    // Housekeeping gives back the uploads that nobody had in hand: that only ends something.
    const sent = () => target.log.filter((entry) => !givesBackUpload(entry)).length;
    const passed = sent();
    const before = await rowsOf(stopped);
    const bytes = () => target.log.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    const bytesBefore = bytes();
    await sleep(trust.full ? 20_000 : 3_000);
    const revived = (await rowsOf(stopped)) !== before || sent() > passed || bytes() > bytesBefore;
    const disagreeing = await disagreements(stopped);
    const { illegal, wrong } = await movesSeen();
    const figure =
      `${inTime}/${times.length} stops within 5 s: p95 ${seconds(percentile(times, 0.95))}, most ${seconds(Math.max(...times))}; ` +
      `${disagreeing} tasks and transfers disagree, ${revived ? "something" : "nothing"} revived; ${underLoad()}`;
    meets(inTime >= Math.floor(times.length * 0.99), figure);
    meets(!revived && disagreeing === 0, figure);
    meets(illegal.length + wrong.length === 0, [figure, ...illegal, ...wrong].join("; "));
    return figure;
  },
};

/** Asks for the stop once the task has come so far, and some time later. */
async function stopInside(taskId: string, transfersRunning: number, afterMs: number): Promise<string> {
  await until("the task copies", 60_000, async () => {
    const task = await database().query.tasks.findFirst({ where: (row, { eq }) => eq(row.id, taskId) });
    return (
      (task?.transfersRunning ?? 0) >= transfersRunning &&
      (transfersRunning === 0 || (task?.bytesCopied ?? 0) > 200_000)
    );
  });
  await sleep(afterMs);
  await database().transaction((tx) => stopTask(tx, { taskId, userId: null }));
  return taskId;
}

/** By the database's clock. */
async function timeToStop(taskId: string): Promise<number> {
  const { rows } = await database().execute<{ ms: number }>(sql`
    select extract(epoch from ended_at - stop_requested_at)::float * 1000 as ms from tasks where id = ${taskId}`);
  return rows[0]?.ms ?? Number.POSITIVE_INFINITY;
}

async function rowsOf(taskIds: readonly string[]): Promise<string> {
  const { rows } = await database().execute<{ text: string }>(sql`
    select concat(
      (select jsonb_agg(t order by id) from tasks t where id = any (${sql.param(taskIds)}::uuid[])),
      (select jsonb_agg(t order by id) from transfers t where task_id = any (${sql.param(taskIds)}::uuid[])),
      (select count(*) from pgboss.job where group_id = any (${sql.param(taskIds)}::text[]) and state <= 'active')
    ) as text`);
  return rows[0]?.text ?? "";
}

const givesBackUpload = ({ method, path }: { method: string; path: string }) =>
  method === "DELETE" && path.includes("/blobs/uploads/");

async function jobsOf(taskIds: readonly string[]): Promise<number> {
  const { rows } = await database().execute<{ n: number }>(sql`
    select count(*)::int as n from pgboss.job where group_id = any (${sql.param(taskIds)}::text[]) and state <= 'active'`);
  return rows[0]?.n ?? Number.NaN;
}

/** A stopped task with a transfer that has not ended, with a job, or whose status is another. */
async function disagreements(taskIds: readonly string[]): Promise<number> {
  const { rows } = await database().execute<{ n: number }>(sql`
    select count(*)::int as n from tasks t where t.id = any (${sql.param(taskIds)}::uuid[]) and (
      t.status <> 'stopped' or t.ended_at is null
      or exists (select from transfers f where f.task_id = t.id and (f.status in ('pending', 'running') or f.ended_at is null))
      or exists (select from pgboss.job j where j.group_id = t.id::text and j.state <= 'active')
    )`);
  return rows[0]?.n ?? Number.NaN;
}
