import type { Browser } from "@playwright/test";
import { type Finding, percentile } from "../../budgets/budget.ts";
import type { Cookie } from "../../measure/browser.ts";
import type { Scene } from "./scene.ts";

const WARM = 5;
const REQUESTS = 60;
/** A page that is far from its goal need not be asked for that often. */
const AT_MOST_MS = 15_000;
const P95 = 0.95;
const PAGE_MS = 100;
const SEARCH_MS = 200;

interface Asked {
  readonly budget: string;
  readonly what: string;
  readonly path: string;
  readonly limitMs: number;
  readonly as?: "viewer";
}

/** Pages as the browser asks for them, from the request to the last byte, one after the other. */
export async function* serverTimes(_browser: Browser, scene: Scene): AsyncGenerator<Finding> {
  for (const asked of [...ruleLists(scene), ...taskLists(scene), ...taskPages(scene)]) {
    yield await timesOf(scene, asked);
  }
}

const page =
  (budget: string) =>
  (what: string, path: string): Asked => ({ budget: `${budget}, p95`, what, path, limitMs: PAGE_MS });
const rules = page("rule list");
const tasks = page("task list");
const task = page("task page");
const search = (what: string, path: string): Asked => ({
  budget: "search, p95",
  what,
  path,
  limitMs: SEARCH_MS,
});
const viewers = (asked: Asked): Asked => ({
  ...asked,
  what: `${asked.what}, of a sub-account`,
  as: "viewer",
});

function ruleLists({ ids, last }: Scene): Asked[] {
  const of = (query: string) => `/rules?instance=${ids.hub}&size=50${query}`;
  const first = rules("first page", of(""));
  return [
    first,
    viewers(first),
    rules("as it opens, twenty rules", `/rules?instance=${ids.hub}`),
    rules("last page", of(`&after=${last.rules}`)),
    rules("by last task, first page", of("&sort=-lastTask")),
    rules("by last task, last page", of(`&sort=-lastTask&after=${last.rulesByTask}`)),
    rules("failed", of("&state=failed")),
    rules("disabled", of("&state=disabled")),
    rules("charts", of("&type=chart")),
    search("rule search, a few", of("&q=app-4242")),
    search("rule search, none", of("&q=no-such-rule")),
    rules("as JSON", `/api/rules?instance=${ids.hub}&size=50`),
  ];
}

function taskLists({ ids, last }: Scene): Asked[] {
  const first = tasks("first page", "/tasks?");
  return [
    first,
    viewers(first),
    tasks("last page", `/tasks?after=${last.tasks}`),
    tasks("failed", "/tasks?status=failed"),
    tasks("stopped long ago", "/tasks?status=stopped"),
    tasks("pending: none", "/tasks?status=pending"),
    tasks("reconciled and stopped", "/tasks?trigger=reconcile&status=stopped"),
    tasks("of the busiest rule", `/tasks?rule=${ids.rules.busy}`),
    tasks("of the busiest rule, none", `/tasks?rule=${ids.rules.busy}&status=stopped`),
    tasks("of an instance", `/rules?instance=${ids.hub}&view=tasks`),
    search("task search by number", "/tasks?q=%234242"),
    search("task search by rule", "/tasks?q=web-00090"),
    search("task search, none", "/tasks?q=no-such-rule"),
    tasks("as JSON", "/api/tasks"),
  ];
}

function taskPages({ ids, last }: Scene): Asked[] {
  const of = (query: string) => `/tasks/${ids.ended}?${query}`;
  const first = task("first page", of(""));
  return [
    first,
    viewers(first),
    task("last page", of(`after=${last.transfers}`)),
    task("failed", of("status=failed")),
    task("stopped: none", of("status=stopped")),
    search("transfer search, a few", of("q=worker-77")),
    search("transfer search, none", of("q=no-such-tag")),
    task("page of the running task", `/tasks/${ids.running}`),
    task("transfers as JSON", `/api/tasks/${ids.ended}/transfers`),
  ];
}

async function timesOf(scene: Scene, { budget, what, path, limitMs, as }: Asked): Promise<Finding> {
  let bytes = 0;
  const times: number[] = [];
  const stopAt = performance.now() + AT_MOST_MS;
  for (let n = -WARM; n < REQUESTS && performance.now() < stopAt; n++) {
    const startedAt = performance.now();
    bytes = await read(new URL(path, scene.origin), scene.cookies[as ?? "root"]);
    const tookMs = performance.now() - startedAt;
    if (n >= 0) {
      times.push(tookMs);
    }
  }
  return {
    budget,
    subject: what,
    figure: percentile(times, P95),
    limit: limitMs,
    unit: "ms",
    bound: "most",
    detail: `median ${percentile(times, 0.5).toFixed(1)} of ${times.length}, ${(bytes / 1024).toFixed(0)} KiB`,
  };
}

/** @returns how much the server answered, in bytes */
async function read(url: URL, { name, value }: Cookie): Promise<number> {
  const response = await fetch(url, {
    headers: { cookie: `${name}=${value}`, "accept-language": "zh-CN" },
    redirect: "error",
  });
  const { byteLength } = await response.arrayBuffer();
  if (!response.ok) {
    throw new Error(`${url.pathname}${url.search} answered ${response.status}`);
  }
  return byteLength;
}
