import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { tcpProxy } from "../../../lib/testing/tcp-proxy.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { BACK_WITHIN_MS, proven } from "./fe04-crash.ts";
import { livesOn, MIB, openScene, until } from "./scene.ts";
import { startWeb } from "./web.ts";

const SILENT_MS = { full: 60_000, small: 6_000 };

export const fe05: TrustCase = {
  id: "FE05",
  title: "the way to Postgres falls silent for 60 s: everybody works again within 30 s of its return",
  async run(trust) {
    const direct = await trust.database();
    const way = await tcpProxy(Number(new URL(direct).port || 5432));
    trust.cleanup(way.close);
    const proxied = new URL(direct);
    proxied.host = `127.0.0.1:${way.port}`;
    const scene = await openScene(trust, proxied.href);
    const web = trust.full ? await startWeb(trust, proxied.href) : null;
    const workers = await Promise.all([scene.worker(), scene.worker()]);
    for (let n = 0; n < 20; n++) {
      await scene.push(`app${n}`, 200_000);
    }
    scene.source.link.limit(MIB / 2);
    const taskId = await scene.trigger();
    await until("something is under way", 20_000, () => scene.source.link.carriedBytes() > 300_000);

    // What a web process opens with its first trigger has to survive as well.
    const trigger = async () => {
      const call = {
        name: "triggerRuleAction",
        input: { ruleId: scene.ruleId },
        submissionKey: randomUUID(),
      };
      return (await web?.act(call))?.text.includes('"status":"ok"') ?? true;
    };
    meets(await trigger(), "a trigger was refused before the silence");

    way.stall();
    const silence = sleep(SILENT_MS[trust.full ? "full" : "small"]);
    if (web) {
      const health = await web.get("/api/healthz");
      meets(health.status === 503, `/api/healthz answered ${health.status} without a database`);
      const page = await web.get("/instances");
      const told = page.status === 503 && page.text.includes("The database is not answering");
      meets(told, `a page without a database has the status ${page.status} and does not say why`);
    }
    await silence;
    scene.source.link.limit(null);
    way.resume();
    const returnedAt = new Date();
    const [workersMs, webMs] = await Promise.all([
      until("every worker proves itself again", BACK_WITHIN_MS, () => proven(workers.length, returnedAt)),
      web
        ? until(
            "the console answers",
            BACK_WITHIN_MS,
            async () => (await web.get("/instances")).status === 200 && (await trigger()),
          )
        : 0,
    ]);
    const task = await scene.ended(taskId, BACK_WITHIN_MS - Math.max(workersMs, webMs));
    meets(task.status === "succeeded", `the task ended ${task.status}`);
    const doneMs = Date.now() - returnedAt.getTime();

    // Each of them has to do work by itself.
    for (const worker of trust.full ? workers : []) {
      await scene.push(`alone-${worker.pid}`, 1_000);
      const others = workers.filter((other) => other !== worker);
      others.forEach((other) => void other.signal("SIGSTOP"));
      const next = await scene.ended(await scene.trigger(), 45_000);
      others.forEach((other) => void other.signal("SIGCONT"));
      meets(next.status === "succeeded", `the next task ended ${next.status}`);
    }
    livesOn(workers);
    const images = await scene.verify();
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    return `workers back after ${seconds(workersMs)} s${web ? `, the console after ${seconds(webMs)} s` : ""}, the task done after ${seconds(doneMs)} s; 0 processes ended; ${images} images re-read`;
  },
};
