import { type Browser, chromium } from "@playwright/test";
import audit, { desktopConfig } from "lighthouse";
import { CHROMIUM, CHROMIUM_FLAGS } from "../measure/browser.ts";
import type { Stage } from "../measure/stage.ts";
import { freePort } from "../stack/port.ts";
import { type Finding, median } from "./budget.ts";
import { PAGES, pathOf } from "./pages.ts";

const ROUTES = ["/", "/rules", "/rules/new", "/tasks/[id]", "/instances/[id]", "/topology"];
const RUNS = 3;
/** A busy machine now and then loses the start of a trace. */
const ATTEMPTS = 3;
const LIMITS = { performance: 95, accessibility: 100, "best-practices": 100 } as const;
type Category = keyof typeof LIMITS;
const CATEGORIES = Object.keys(LIMITS) as Category[];
/** An audit that scores less has something to say. */
const GOOD = 0.9;

/** Lighthouse's desktop preset on six pages, signed in: performance is the median of three runs, the others the worst. */
export async function lighthouse(browser: Browser, stage: Stage): Promise<Finding[]> {
  const { name, value } = await stage.cookieOf(browser, "zhoumin");
  const port = await freePort("127.0.0.1", 0);
  const own = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...CHROMIUM_FLAGS, `--remote-debugging-port=${port}`],
  });
  try {
    const session = await own.newBrowserCDPSession();
    // The browser empties its jar when its last page is closed, as each run does.
    const signIn = () =>
      session.send("Storage.setCookies", { cookies: [{ name, value, url: stage.origin }] });
    const findings: Finding[] = [];
    for (const measured of PAGES.filter(({ route }) => ROUTES.includes(route))) {
      const url = `${stage.origin}${pathOf(measured, stage)}`;
      const runs: Report[] = [];
      for (let n = 0; n < RUNS; n++) {
        runs.push(await reportOf(url, { port, signIn }));
      }
      findings.push(...CATEGORIES.map((category) => finding(measured.route, category, runs)));
    }
    return findings;
  } finally {
    await own.close();
  }
}

type Report = NonNullable<Awaited<ReturnType<typeof audit>>>["lhr"];

/** @throws when none of a few attempts gets to see the page itself */
async function reportOf(
  url: string,
  { port, signIn }: { port: number; signIn: () => Promise<unknown> },
): Promise<Report> {
  let failure: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await signIn();
    const { result, stray } = await hearingStray(() =>
      audit(url, { port, logLevel: "error", onlyCategories: [...CATEGORIES] }, desktopConfig),
    );
    const report = stray ? undefined : result?.lhr;
    failure = stray ?? (report ? whyUseless(report, url) : "no report");
    if (report && failure === undefined) {
      return report;
    }
  }
  throw new Error(`Lighthouse could not look at ${url}: ${failure}`);
}

function whyUseless(report: Report, url: string): string | undefined {
  const elsewhere = new URL(report.finalDisplayedUrl).pathname !== new URL(url).pathname;
  return report.runtimeError?.message ?? (elsewhere ? `sent to ${report.finalDisplayedUrl}` : undefined);
}

/**
 * Lighthouse asks whether the page has become quiet in a promise that nobody waits for; where the page is left in that
 * moment it is refused, and would end this process with everything measured so far.
 */
async function hearingStray<T>(run: () => Promise<T>): Promise<{ result: T; stray: string | undefined }> {
  let stray: string | undefined;
  const hear = (reason: unknown): void => {
    stray ??= reason instanceof Error ? reason.message : String(reason);
  };
  process.on("unhandledRejection", hear);
  try {
    return { result: await run(), stray };
  } finally {
    process.off("unhandledRejection", hear);
  }
}

function finding(route: string, category: Category, runs: readonly Report[]): Finding {
  const scores = runs.map(({ categories }) => Math.round((categories[category]?.score ?? 0) * 100));
  const worst = runs[scores.indexOf(Math.min(...scores))];
  return {
    budget: `Lighthouse ${category}`,
    subject: route,
    figure: category === "performance" ? median(scores) : Math.min(...scores),
    limit: LIMITS[category],
    unit: "",
    bound: "least",
    detail: `runs ${scores.join(" ")}; ${worst ? failing(worst, category).join("; ") : ""}`,
  };
}

/** Audits that cost points, with what they say and where. */
function failing(report: Report, category: Category): string[] {
  return (report.categories[category]?.auditRefs ?? []).flatMap(({ id, weight }) => {
    const found = report.audits[id];
    if (!found || weight === 0 || found.score === null || found.score >= GOOD) {
      return [];
    }
    const items = found.details?.type === "table" ? found.details.items : [];
    const where = items.slice(0, 2).map((item) => JSON.stringify(item).slice(0, 200));
    return [[id, found.displayValue, ...where].filter(Boolean).join(" ")];
  });
}
