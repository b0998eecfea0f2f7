import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "@playwright/test";
import type { Client } from "pg";
import type { Finding } from "../../budgets/budget.ts";
import { openContext } from "../../measure/browser.ts";
import { wordsOf } from "../../words.ts";
import { onServer } from "./database.ts";
import type { Scene } from "./scene.ts";
import { SIZE } from "./seed-size.ts";
import { idleWorker } from "./seeded-worker.ts";

const ANSWER_MS = 300;
const PURGED_WITHIN_S = 600;
const LOOK_MS = 500;

/** The busiest rule is deleted as a person does it; a worker removes what it leaves. */
export async function* deletion(browser: Browser, scene: Scene): AsyncGenerator<Finding> {
  const { origin, cookies, ids } = scene;
  const context = await openContext(browser, { origin, language: "zh-CN", cookie: cookies.root });
  try {
    const page = await context.newPage();
    await page.goto(`/rules/${ids.rules.busy}`, { waitUntil: "load" });
    const answeredMs = await deleted(page, "busiest");
    const purgedS = await onServer(scene.databaseUrl, (client) => purged(client, scene));
    yield {
      budget: "a rule is deleted",
      subject: `a rule with ${SIZE.busyTasks} tasks, until it is answered`,
      figure: answeredMs,
      limit: ANSWER_MS,
      unit: "ms",
      bound: "most",
    };
    yield {
      budget: "what it leaves is removed",
      subject: "its tasks and transfers are gone",
      figure: purgedS,
      limit: PURGED_WITHIN_S,
      unit: "s",
      bound: "most",
    };
  } finally {
    await context.close();
  }
}

/** From the request of the action to its answer. */
async function deleted(page: Page, name: string): Promise<number> {
  const t = wordsOf("zh-CN");
  await page.getByRole("button", { name: t("rules.remove"), exact: true }).click();
  await page.getByLabel(t("rules.delete.input")).fill(name);
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: new RegExp(t("rules.remove")) })
    .click();
  const response = await answered;
  await page.waitForURL(/\/rules\?instance=/);
  const { requestStart, responseStart } = response.request().timing();
  return responseStart - requestStart;
}

async function purged(client: Client, scene: Scene): Promise<number> {
  const worker = await idleWorker(client, scene);
  const startedAt = performance.now();
  try {
    for (;;) {
      const seconds = (performance.now() - startedAt) / 1000;
      const { rows } = await client.query("select from tasks where rule_id = $1 limit 1", [
        scene.ids.rules.busy,
      ]);
      if (rows.length === 0 || seconds > PURGED_WITHIN_S) {
        return seconds;
      }
      await sleep(LOOK_MS);
    }
  } finally {
    await worker.stop(5_000);
  }
}
