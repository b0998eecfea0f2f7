import { gzipSync } from "node:zlib";
import type { Browser, Page, Request } from "@playwright/test";
import { openContext } from "../measure/browser.ts";
import type { Stage } from "../measure/stage.ts";
import type { Finding } from "./budget.ts";
import { PAGES, pathOf } from "./pages.ts";

const LIMIT_KB = 180;
/** As Lighthouse counts. */
const KB = 1024;
const QUIET_MS = 600;
/** Of the library that draws /topology: asked for when the page stands, beside its table. */
const DRAWING = "react-flow";

/**
 * What a browser with nothing in its cache receives as scripts until the page rests: those in the document, and those that these
 * ask for by themselves, gzipped as the console's server does. Only the drawing of /topology is counted apart.
 */
export async function firstLoad(browser: Browser, stage: Stage): Promise<Finding[]> {
  const findings: Finding[] = [];
  const foreign = new Set<string>();
  for (const measured of PAGES) {
    const cookie = measured.user === null ? null : await stage.cookieOf(browser, "zhoumin");
    const context = await openContext(browser, { origin: stage.origin, language: "zh-CN", cookie });
    const page = await context.newPage();
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== stage.origin && url.protocol !== "data:" && url.protocol !== "blob:") {
        foreign.add(request.url());
      }
    });
    const scripts = await scriptsOf(page, pathOf(measured, stage));
    await context.close();
    const bytes = (of: (script: Script) => boolean) =>
      scripts.filter(of).reduce((sum, { gzipped }) => sum + gzipped, 0);
    const later = bytes(({ drawing }) => drawing);
    findings.push({
      budget: "first-load JS of a route",
      subject: measured.route,
      figure: bytes(({ drawing }) => !drawing) / KB,
      limit: LIMIT_KB,
      unit: "KiB gzip",
      bound: "most",
      detail: `${scripts.length} scripts${later > 0 ? `, and ${(later / KB).toFixed(1)} KiB of the drawing` : ""}`,
    });
  }
  findings.push({
    budget: "requests to a third party",
    subject: `${PAGES.length} routes`,
    figure: foreign.size,
    limit: 0,
    unit: "",
    bound: "most",
    detail: [...foreign].join(" "),
  });
  return findings;
}

interface Script {
  url: string;
  gzipped: number;
  drawing: boolean;
}

async function scriptsOf(page: Page, path: string): Promise<Script[]> {
  const scripts: Script[] = [];
  let asked = 0;
  const isScript = (request: Request) => request.resourceType() === "script";
  page.on("request", (request) => {
    asked += Number(isScript(request));
  });
  let read: Promise<void> = Promise.resolve();
  page.on("requestfinished", (request) => {
    if (isScript(request)) {
      // One after the other; the last of them is waited for below.
      read = read.then(async () => void scripts.push(await scriptOf(request)));
    }
  });
  page.on("requestfailed", (request) => {
    asked -= Number(isScript(request));
  });
  await page.goto(path, { waitUntil: "load" });
  // The stream of events stays open, so the network never rests: scripts do.
  for (let seen = -1; seen !== asked || scripts.length < asked; ) {
    seen = asked;
    await page.waitForTimeout(QUIET_MS);
    await read;
  }
  return scripts;
}

async function scriptOf(request: Request): Promise<Script> {
  const body = (await (await request.response())?.body()) ?? Buffer.alloc(0);
  return { url: request.url(), gzipped: gzipSync(body).length, drawing: body.includes(DRAWING) };
}
