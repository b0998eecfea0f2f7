import type { Browser } from "@playwright/test";
import { openContext } from "../measure/browser.ts";
import type { Stage } from "../measure/stage.ts";
import { type Finding, median } from "./budget.ts";
import { type MeasuredPage, PAGES, pathOf } from "./pages.ts";

const VISITS = 5;
const QUIET_MS = 1_200;

interface Vitals {
  /** ms */
  lcp: number;
  cls: number;
  /** Total blocking time in ms: what tasks on the main thread take beyond 50 ms each, from the first paint on. */
  tbt: number;
  /** Elements of the document once it rests. */
  elements: number;
  /** What moved, the largest shift first: to be mended where the budget is missed. */
  moved: { value: number; what: string }[];
}

/** What an entry of the kind layout-shift tells. */
interface Shift {
  value?: number;
  sources?: { node: Node | null }[];
}

const LIMITS = {
  lcp: { budget: "largest contentful paint", limit: 1.2, unit: "s", of: (ms: number) => ms / 1000 },
  cls: { budget: "cumulative layout shift", limit: 0.02, unit: "", of: (sum: number) => sum },
  tbt: { budget: "total blocking time", limit: 100, unit: "ms", of: (ms: number) => ms },
  elements: { budget: "elements of a page", limit: 1_500, unit: "", of: (count: number) => count },
} as const;

/** Each page in a browser with nothing in its cache, from a server that has answered it before; the median of five visits. */
export async function vitals(browser: Browser, stage: Stage): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const measured of PAGES) {
    await visit(browser, stage, measured);
    const visits: Vitals[] = [];
    for (let n = 0; n < VISITS; n++) {
      visits.push(await visit(browser, stage, measured));
    }
    for (const name of ["lcp", "cls", "tbt", "elements"] as const) {
      const { budget, limit, unit, of } = LIMITS[name];
      const figures = visits.map((each) => of(each[name]));
      findings.push({
        budget: `${budget}, median of ${VISITS}`,
        subject: measured.route,
        figure: median(figures),
        limit,
        unit,
        bound: "most",
        detail: [
          ...figures.map((figure) => figure.toFixed(name === "elements" ? 0 : 3)),
          ...(name === "cls" ? [largestMove(visits)] : []),
        ].join(" "),
      });
    }
  }
  return findings;
}

function largestMove(visits: readonly Vitals[]): string {
  const [largest] = visits.flatMap(({ moved }) => moved).sort((a, b) => b.value - a.value);
  return largest ? `(${largest.value.toFixed(3)}: ${largest.what})` : "";
}

async function visit(browser: Browser, stage: Stage, measured: MeasuredPage): Promise<Vitals> {
  const cookie = measured.user === null ? null : await stage.cookieOf(browser, "zhoumin");
  const context = await openContext(browser, { origin: stage.origin, language: "zh-CN", cookie });
  try {
    const page = await context.newPage();
    await page.addInitScript(observe);
    await page.goto(pathOf(measured, stage), { waitUntil: "load" });
    await page.waitForTimeout(QUIET_MS);
    const found = await page.evaluate(() => (window as Window & { vitals?: Vitals }).vitals);
    if (!found || found.lcp === 0) {
      throw new Error(`${measured.route} has painted nothing`);
    }
    const elements = await page.evaluate(() => document.querySelectorAll("*").length);
    return { ...found, elements };
  } finally {
    await context.close();
  }
}

/** Runs in the page, before anything of its own. */
function observe(): void {
  const LONG_MS = 50;
  const vitals: Vitals = { lcp: 0, cls: 0, tbt: 0, elements: 0, moved: [] };
  let firstPaint = Number.POSITIVE_INFINITY;
  const long: PerformanceEntry[] = [];
  const watch = (type: string, each: (entry: PerformanceEntry & Shift) => void) =>
    new PerformanceObserver((list) => {
      list.getEntries().forEach(each);
      vitals.tbt = long
        .filter(({ startTime, duration }) => startTime + duration > firstPaint)
        .reduce((sum, { startTime, duration }) => {
          const counted = Math.min(duration, startTime + duration - firstPaint);
          return sum + Math.max(0, counted - LONG_MS);
        }, 0);
    }).observe({ type, buffered: true });
  watch("paint", ({ name, startTime }) => {
    firstPaint = name === "first-contentful-paint" ? startTime : firstPaint;
  });
  watch("largest-contentful-paint", ({ startTime }) => {
    vitals.lcp = startTime;
  });
  // Nobody touches the page: every shift counts.
  watch("layout-shift", ({ value = 0, sources = [] }) => {
    vitals.cls += value;
    const what = sources.map(({ node }) =>
      node instanceof Element
        ? `${node.localName} “${(node.textContent ?? "").slice(0, 24)}”`
        : (node?.textContent ?? "").slice(0, 24),
    );
    vitals.moved.push({ value, what: what.join(", ") });
  });
  watch("longtask", (entry) => {
    long.push(entry);
  });
  Object.assign(window, { vitals });
}
