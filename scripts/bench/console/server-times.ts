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
  readonly what: string;
  readonly path: string;
  readonly limitMs: number;
  readonly as?: "viewer";
}

/** Pages as the browser asks for them, from the request to the last byte, one after the other. */
export async function* serverTimes(_browser: Browser, scene: Scene): AsyncGenerator<Finding> {
  for (const asked of [...ruleLists(scene), ...taskLists(scene), ...taskPages(scene), ...others(scene)]) {
    yield await timesOf(scene, asked);
  }
}

const page = (what: string, path: string): Asked => ({ what, path, limitMs: PAGE_MS });
const search = (what: string, path: string): Asked => ({ what, path, limitMs: SEARCH_MS });
const viewers = (asked: Asked): Asked => ({
  ...asked,
  what: `${asked.what}, of a sub-account`,
  as: "viewer",
});

function ruleLists({ ids, last }: Scene): Asked[] {
  const of = (query: string) => `/rules?instance=${ids.hub}${query}`;
  const first = page("rule list, first page", of(""));
  return [
    first,
    viewers(first),
    page("rule list, last page", of(`&after=${last.rules}`)),
    page("rule list by last task, first page", of("&sort=-lastTask")),
    page("rule list by last task, last page", of(`&sort=-lastTask&after=${last.rulesByTask}`)),
    page("rule list, failed", of("&state=failed")),
    page("rule list, disabled", of("&state=disabled")),
    page("rule list, charts", of("&type=chart")),
    search("rule search, a few", of("&q=app-4242")),
    search("rule search, none", of("&q=no-such-rule")),
    page("rule list as JSON", `/api/rules?instance=${ids.hub}`),
  ];
}

function taskLists({ ids, last }: Scene): Asked[] {
  const first = page("task list, first page", "/tasks?");
  return [
    first,
    viewers(first),
    page("task list, last page", `/tasks?after=${last.tasks}`),
    page("task list, failed", "/tasks?status=failed"),
    page("task list, stopped long ago", "/tasks?status=stopped"),
    page("task list, pending: none", "/tasks?status=pending"),
    page("task list, reconciled and stopped", "/tasks?trigger=reconcile&status=stopped"),
    page("task list of the busiest rule", `/tasks?rule=${ids.rules.busy}`),
    page("task list of the busiest rule, none", `/tasks?rule=${ids.rules.busy}&status=stopped`),
    page("task list of an instance", `/rules?instance=${ids.hub}&view=tasks`),
    search("task search by number", "/tasks?q=%234242"),
    search("task search by rule", "/tasks?q=web-00090"),
    search("task search, none", "/tasks?q=no-such-rule"),
    page("task list as JSON", "/api/tasks"),
  ];
}

function taskPages({ ids, last }: Scene): Asked[] {
  const of = (query: string) => `/tasks/${ids.ended}?${query}`;
  const first = page("task page, first page", of(""));
  return [
    first,
    viewers(first),
    page("task page, last page", of(`after=${last.transfers}`)),
    page("task page, failed", of("status=failed")),
    page("task page, stopped: none", of("status=stopped")),
    search("transfer search, a few", of("q=worker-77")),
    search("transfer search, none", of("q=no-such-tag")),
    page("page of the running task", `/tasks/${ids.running}`),
    page("transfers as JSON", `/api/tasks/${ids.ended}/transfers`),
  ];
}

function others({ ids }: Scene): Asked[] {
  return [
    page("overview", "/"),
    page("page of the busiest rule", `/rules/${ids.rules.busy}`),
    page("instances", "/instances"),
  ];
}

async function timesOf(scene: Scene, { what, path, limitMs, as }: Asked): Promise<Finding> {
  const times: number[] = [];
  const stopAt = performance.now() + AT_MOST_MS;
  for (let n = -WARM; n < REQUESTS && performance.now() < stopAt; n++) {
    const tookMs = await timeOf(new URL(path, scene.origin), scene.cookies[as ?? "root"]);
    if (n >= 0) {
      times.push(tookMs);
    }
  }
  return {
    budget: "server, 95 of 100",
    subject: what,
    figure: percentile(times, P95),
    limit: limitMs,
    unit: "ms",
    bound: "most",
    detail: `median ${percentile(times, 0.5).toFixed(1)} of ${times.length}`,
  };
}

async function timeOf(url: URL, { name, value }: Cookie): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(url, {
    headers: { cookie: `${name}=${value}`, "accept-language": "zh-CN" },
    redirect: "error",
  });
  await response.arrayBuffer();
  if (!response.ok) {
    throw new Error(`${url.pathname}${url.search} answered ${response.status}`);
  }
  return performance.now() - startedAt;
}
