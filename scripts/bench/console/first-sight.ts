import type { Browser, BrowserContext } from "@playwright/test";
import { type Finding, median } from "../../budgets/budget.ts";
import { openContext } from "../../measure/browser.ts";
import type { Scene } from "./scene.ts";

const VISITS = 7;
const LIST_MS = 500;
const TASK_MS = 800;

/** In a browser that has been here before: from the navigation until the rows are painted. */
export async function* firstSight(browser: Browser, scene: Scene): AsyncGenerator<Finding> {
  const { origin, cookies, ids } = scene;
  const context = await openContext(browser, { origin, language: "zh-CN", cookie: cookies.root });
  try {
    yield await shown(context, {
      budget: "list shown in the browser",
      what: "10,000 rules",
      path: `/rules?instance=${ids.hub}&size=50`,
      limitMs: LIST_MS,
    });
    yield await shown(context, {
      budget: "task shown in the browser",
      what: "100,000 transfers",
      path: `/tasks/${ids.ended}`,
      limitMs: TASK_MS,
    });
    yield await shown(context, {
      budget: "task shown in the browser",
      what: "100,000 transfers, running",
      path: `/tasks/${ids.running}`,
      limitMs: TASK_MS,
    });
  } finally {
    await context.close();
  }
}

async function shown(
  context: BrowserContext,
  { budget, what, path, limitMs }: { budget: string; what: string; path: string; limitMs: number },
): Promise<Finding> {
  const times: number[] = [];
  for (let n = -2; n < VISITS; n++) {
    const page = await context.newPage();
    await page.addInitScript(noteRows, ROWS);
    await page.goto(path, { waitUntil: "load" });
    await page.waitForFunction(() => (window as Noted).rowsPaintedMs !== undefined);
    const tookMs = await page.evaluate(() => (window as Noted).rowsPaintedMs ?? Number.NaN);
    await page.close();
    if (n >= 0) {
      times.push(tookMs);
    }
  }
  return {
    budget,
    subject: what,
    figure: median(times),
    limit: limitMs,
    unit: "ms",
    bound: "most",
    detail: `median of ${VISITS}: ${times.map((time) => time.toFixed(0)).join(" ")}`,
  };
}

/** Rows of a page, as many as each of the lists above is asked for. */
const ROWS = 50;

type Noted = Window & { rowsPaintedMs?: number };

/** Runs in the page, before anything of its own. Rows that came and are not shown yet do not count. */
function noteRows(rows: number): void {
  const look = () => {
    const last = document.querySelectorAll("tbody tr:not([aria-hidden])").item(rows - 1);
    if (!last?.checkVisibility()) {
      requestAnimationFrame(look);
      return;
    }
    // The frame after the one in which they are there has been painted.
    requestAnimationFrame(() => {
      Object.assign(window, { rowsPaintedMs: performance.now() });
    });
  };
  requestAnimationFrame(look);
}
