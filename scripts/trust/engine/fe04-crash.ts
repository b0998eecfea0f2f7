import { setTimeout as sleep } from "node:timers/promises";
import { database } from "../../../lib/db/client.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { ownPostgres } from "./own-postgres.ts";
import { livesOn, openScene, until } from "./scene.ts";
import { startWeb } from "./web.ts";

export const BACK_WITHIN_MS = 30_000;

export const fe04: TrustCase = {
  id: "FE04",
  title:
    "Postgres is stopped `-m immediate` ten times under load: everybody comes back within 30 s, nothing is lost",
  async run(trust) {
    const postgres = await ownPostgres(trust);
    const scene = await openScene(trust, postgres.url);
    const images = trust.full ? 150 : 15;
    for (let n = 0; n < images; n++) {
      await scene.push(`app${n}`, 60_000);
    }
    const web = trust.full ? await startWeb(trust, postgres.url) : null;
    const workers = await Promise.all([scene.worker(), scene.worker()]);
    const restarts = trust.full ? 10 : 1;
    scene.source.link.limit(images * 1_000);
    const taskId = await scene.trigger();
    const back: number[] = [];
    for (let restart = 1; restart <= restarts; restart++) {
      await sleep(500 + trust.random() * 2_000);
      await postgres.crash();
      await sleep(trust.random() * (trust.full ? 6_000 : 1_000));
      await postgres.start();
      const returnedAt = new Date();
      back.push(
        await until("every worker proves itself again", BACK_WITHIN_MS, () =>
          proven(workers.length, returnedAt),
        ),
      );
      if (web) {
        await until(
          "the console answers",
          BACK_WITHIN_MS,
          async () => (await web.get("/instances")).status === 200,
        );
      }
      trust.step(`restart ${restart}: back after ${((back.at(-1) ?? 0) / 1000).toFixed(1)} s`);
    }
    scene.source.link.limit(null);
    const task = await scene.ended(taskId, 90_000);
    meets(task.status === "succeeded", `the task ended ${task.status}`);
    livesOn(workers);
    const verified = await scene.verify();
    return `${restarts} restarts, at most ${(Math.max(...back) / 1000).toFixed(1)} s until every process was back, 0 ended; ${verified}/${images} images re-read`;
  },
};

/** So many workers hold their lock and have said so since. */
export async function proven(count: number, since: Date): Promise<boolean> {
  const { rows } = await database().execute<{ n: number }>(
    `select count(*)::int as n from workers w where seen_at > '${since.toISOString()}' and exists (
      select from pg_locks l where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
        and (l.classid::bigint << 32) | l.objid::bigint = w.lock_key)`,
  );
  return rows[0]?.n === count;
}
