import type { Browser, Page } from "@playwright/test";
import { type Finding, percentile } from "../../budgets/budget.ts";
import { openContext } from "../../measure/browser.ts";
import type { Scene } from "./scene.ts";

const LIMIT_MS = 300;
/** Typed key by key, each once the one before has shown what it finds. */
const WORDS = ["42", "7421", "app-1", "base-0", "team-6"];
const PATIENCE_MS = 60_000;

/** From a key in the search of 10,000 rules until what it finds is painted. */
export async function* keystrokes(browser: Browser, scene: Scene): AsyncGenerator<Finding> {
  const { origin, cookies, ids } = scene;
  const context = await openContext(browser, { origin, language: "zh-CN", cookie: cookies.root });
  try {
    const page = await context.newPage();
    await page.goto(`/rules?instance=${ids.hub}`, { waitUntil: "load" });
    const field = page.getByRole("searchbox");
    // The first search loads what later ones have.
    await found(page, "x");
    const times: number[] = [];
    for (const word of WORDS) {
      await field.fill("");
      await page.waitForURL((url) => !url.searchParams.has("q"), { timeout: PATIENCE_MS });
      for (const key of word) {
        times.push(await found(page, key));
      }
    }
    yield {
      budget: "key to result, p95",
      subject: "search of 10,000 rules in the browser",
      figure: percentile(times, 0.95),
      limit: LIMIT_MS,
      unit: "ms",
      bound: "most",
      detail: `median ${percentile(times, 0.5).toFixed(0)} of ${times.length} keys`,
    };
  } finally {
    await context.close();
  }
}

/** The URL names what was typed in the frame in which its rows are there; the one after has painted them. */
async function found(page: Page, key: string): Promise<number> {
  await page.evaluate(() => {
    const field = document.querySelector<HTMLInputElement>("input[type=search]");
    Object.assign(window, { paintedMs: undefined });
    field?.addEventListener(
      "input",
      () => {
        const startedAt = performance.now();
        const look = () => {
          if (new URLSearchParams(location.search).get("q") !== field.value) {
            requestAnimationFrame(look);
            return;
          }
          requestAnimationFrame(() => Object.assign(window, { paintedMs: performance.now() - startedAt }));
        };
        look();
      },
      { once: true, capture: true },
    );
  });
  await page.getByRole("searchbox").press(key);
  const painted = await page.waitForFunction(
    () => (window as Window & { paintedMs?: number }).paintedMs,
    undefined,
    { timeout: PATIENCE_MS },
  );
  return (await painted.jsonValue()) ?? Number.NaN;
}
