import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ShellActivity } from "../../../lib/schemas/system.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { BACK_WITHIN_MS, proven } from "./fe04-crash.ts";
import { smallDisk } from "./full-disk.ts";
import { ownPostgres } from "./own-postgres.ts";
import { livesOn, openScene, type Scene, until } from "./scene.ts";
import { startWeb, type Web } from "./web.ts";

const TOLD_WITHIN_MS = 20_000;

export const fe06: TrustCase = {
  id: "FE06",
  title:
    "Postgres read-only, full, and gone: the console says which in both languages, nothing is lost, all goes on by itself",
  async run(trust) {
    const refused = await readOnlyAndGone(trust);
    return trust.full ? `${refused}; ${await full(trust)}` : refused;
  },
};

async function readOnlyAndGone(trust: Trust): Promise<string> {
  const postgres = await ownPostgres(trust);
  const { scene, web, workers } = await atWork(trust, postgres.url, trust.full ? 30 : 10);
  scene.source.link.limit(400_000);
  const taskId = await scene.trigger();
  await until("something is under way", 20_000, () => scene.source.link.carriedBytes() > 200_000);

  await postgres.set("default_transaction_read_only", "on");
  await until(
    "the console tells of read-only",
    TOLD_WITHIN_MS,
    async () => (await troubleOf(web)) === "read-only",
  );
  meets((await web.get("/instances")).status === 200, "a page cannot be read from a read-only database");
  const refused = await web.act({
    name: "triggerRuleAction",
    input: { ruleId: scene.ruleId },
    submissionKey: randomUUID(),
  });
  meets(
    refused.text.includes('"reason":"database-read-only"'),
    `a trigger was answered ${refused.text.slice(0, 300)}`,
  );
  await sleep(trust.full ? 15_000 : 1_000);
  livesOn(workers);
  await postgres.set("default_transaction_read_only", "off");
  const writableAt = new Date();
  const readOnlyMs = await until("every worker works again", BACK_WITHIN_MS, () =>
    proven(workers.length, writableAt),
  );
  await until("the console stops telling", BACK_WITHIN_MS, async () => (await troubleOf(web)) === null);

  await postgres.crash();
  await says(web, "en", "The database is not answering");
  await says(web, "zh-CN", "数据库没有响应");
  const health = await web.get("/api/healthz");
  meets(health.status === 503, `/api/healthz answered ${health.status} without a database`);
  await postgres.start();
  await until(
    "the console answers",
    BACK_WITHIN_MS,
    async () => (await web.get("/instances")).status === 200,
  );

  scene.source.link.limit(null);
  const task = await scene.ended(taskId, 60_000);
  meets(task.status === "succeeded" && task.transfersFailed === 0, `the task ended ${task.status}`);
  const images = await scene.verify();
  livesOn(workers);
  await end(web, workers);
  return `read-only: told, back after ${(readOnlyMs / 1000).toFixed(1)} s, ${images} images re-read; gone: told in both languages`;
}

async function full(trust: Trust): Promise<string> {
  const disk = await smallDisk(trust);
  const { scene, web, workers } = await atWork(trust, disk.url, 300);
  web.watch();
  scene.source.link.limit(200_000);
  const taskId = await scene.trigger();
  await until("something is under way", 20_000, () => scene.source.link.carriedBytes() > 20_000);
  await disk.fill();
  scene.source.link.limit(null);
  await until(
    "the console tells of a full disk",
    TOLD_WITHIN_MS,
    async () => (await troubleOf(web)) === "full",
  );
  meets((await web.get("/instances")).status === 200, "a page cannot be read from a full database");
  await sleep(trust.full ? 15_000 : 1_000);
  livesOn(workers);
  const open = await scene.transfers(taskId);
  meets(
    open.every(({ status }) => status !== "failed"),
    "a transfer failed for the disk of the database",
  );
  await disk.free();
  const freedAt = performance.now();
  const task = await scene.ended(taskId, BACK_WITHIN_MS + 30_000);
  const tookS = (performance.now() - freedAt) / 1000;
  meets(task.status === "succeeded" && task.transfersFailed === 0, `the task ended ${task.status}`);
  // It is told for half a minute after the last refusal.
  await until("the console stops telling", 60_000, async () => (await troubleOf(web)) === null);
  const images = await scene.verify();
  livesOn(workers);
  await end(web, workers);
  return `full: told, the task done ${tookS.toFixed(1)} s after there was room, ${images} images re-read`;
}

async function atWork(trust: Trust, url: string, images: number) {
  const scene = await openScene(trust, url);
  for (let n = 0; n < images; n++) {
    await scene.push(`app${n}`, 40_000);
  }
  const web = await startWeb(trust, url);
  const workers = await Promise.all([scene.worker(), scene.worker()]);
  return { scene, web, workers };
}

/** What the shell of every page shows. */
async function troubleOf(web: Web): Promise<ShellActivity["trouble"]> {
  const { text } = await web.get("/api/activity");
  return (JSON.parse(text) as ShellActivity).trouble;
}

async function says(web: Web, locale: "zh-CN" | "en", words: string): Promise<void> {
  const page = await web.get("/instances", locale);
  meets(page.status === 503, `a page without a database has the status ${page.status}`);
  meets(page.text.includes(words), `a page in ${locale} does not say: ${words}`);
}

async function end(web: Web, workers: Awaited<ReturnType<Scene["worker"]>>[]): Promise<void> {
  await web.kill();
  await Promise.all(workers.map((worker) => worker.end()));
}
