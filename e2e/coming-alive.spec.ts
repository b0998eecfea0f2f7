import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, type Page, expect as plainExpect, test } from "@playwright/test";
import { formatAbsolute } from "../lib/format/time.ts";
import { ZONE_COOKIE } from "../lib/schemas/zone-cookie.ts";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { ROOT } from "../scripts/root.ts";
import { wordsOf } from "../scripts/words.ts";
import { scriptsTookOver } from "./journey.ts";

/** What the server drew stays as it is while the page's scripts take it over, come when they may; and the rest works. */
const t = wordsOf("zh-CN");
/** No server is in it. */
const ZONE = "Australia/Eucla";
// What is waited for comes; only how long a busy machine takes is not known.
const PATIENCE_MS = 60_000;
const expect = plainExpect.configure({ timeout: PATIENCE_MS });
test.describe.configure({ timeout: 4 * PATIENCE_MS });
let stage: Stage;
let context: BrowserContext;
let page: Page;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  stage = await openStage("full");
});
test.afterAll(async () => {
  await stage?.stop();
});
test.beforeEach(async ({ browser }) => {
  context = await browser.newContext({ baseURL: stage.origin, locale: "zh-CN", timezoneId: ZONE });
  await context.addCookies([await stage.cookieOf(browser, "zhoumin")]);
  context.setDefaultTimeout(PATIENCE_MS);
  page = await context.newPage();
});
test.afterEach(async () => {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
});

const edit = (name: string) => `/rules/${stage.seeded.rules[name]?.id ?? ""}/edit`;

/** What is seen of a part of the form whose scripts come later: an element, by its whole text. */
interface Part {
  selector: string;
  text: string;
}
const VERIFICATION: Part = { selector: "legend", text: t("verify.form.section") };
const DELETION: Part = { selector: "strong", text: t("deletions.form.impactTitle") };
const NARROWING: Part = { selector: "form label", text: t("rules.form.excludeTagPattern") };

declare global {
  interface Window {
    /** The element that was first seen, and how often it was not there to be seen after a change of the page. */
    watched: { element: Element | undefined; missed: number };
    /** Absolute times that became others. */
    changed: string[];
  }
}

/** Looks for a part after every change of the page, from its first byte. */
async function watch(part: Part): Promise<void> {
  await page.addInitScript(({ selector, text }) => {
    const seen = (element: Element) => element.isConnected && element.getClientRects().length > 0;
    window.watched = { element: undefined, missed: 0 };
    const look = () => {
      const { watched } = window;
      watched.element ??= [...document.querySelectorAll(selector)].find(
        (element) => element.textContent === text && seen(element),
      );
      watched.missed += watched.element && !seen(watched.element) ? 1 : 0;
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
  }, part);
}

const watched = () =>
  page.evaluate(() => ({
    seen: window.watched.element !== undefined,
    missed: window.watched.missed,
    alive: Object.keys(window.watched.element ?? {}).some((key) => key.startsWith("__reactFiber")),
  }));

/** As it was built. */
const scriptOf = (pathname: string) =>
  readFileSync(join(ROOT, pathname.replace("/_next/", ".next/")), "utf8");

/** A page as the server sends it. A connection that was kept may be closed as it is used again: then it is asked for once more. */
const documentOf = async (path: string) => (await context.request.get(path, { maxRetries: 3 })).text();

/**
 * Opens a page with the scripts that its document names, and holds those that these ask for, until `release`; of these, where `holds` is
 * given, only those in which it stands.
 */
async function openedWithFirstScripts(
  path: string,
  holds = "",
): Promise<{ release(): void; held(): number }> {
  const document = await documentOf(path);
  const released = Promise.withResolvers<void>();
  let held = 0;
  await page.route("**/_next/static/**/*.js", async (route) => {
    const { pathname } = new URL(route.request().url());
    if (document.includes(pathname.slice("/_next/".length))) {
      return route.fallback();
    }
    if (scriptOf(pathname).includes(holds)) {
      held += 1;
      await released.promise;
    }
    await route.fallback();
  });
  await page.goto(path, { waitUntil: "commit" });
  await scriptsTookOver(page, "form input");
  return { release: () => released.resolve(), held: () => held };
}

const name = () => page.getByRole("textbox", { name: new RegExp(`^${t("rules.form.name")}`) });

/** With a rule whose form has it. */
const PARTS = [
  ["lab-releases", VERIFICATION],
  ["lab-releases", NARROWING],
  ["base-everywhere", DELETION],
] as const;

for (const [rule, part] of PARTS) {
  test(`a part that the server drew is never gone while the form is filled in: ${part.text}`, async () => {
    await watch(part);
    const scripts = await openedWithFirstScripts(edit(rule));
    await expect.poll(watched).toEqual({ seen: true, missed: 0, alive: false });
    await expect.poll(scripts.held).toBeGreaterThan(0);
    // Each of these has the form drawn anew at once, and its parts with it.
    await name().fill("typed-early");
    const override = page.getByRole("switch", { name: t("rules.form.override") });
    const before = await override.getAttribute("aria-checked");
    await override.click();
    await expect(override).not.toHaveAttribute("aria-checked", before ?? "");
    expect(await watched()).toEqual({ seen: true, missed: 0, alive: false });
    scripts.release();
    await expect.poll(watched).toEqual({ seen: true, missed: 0, alive: true });
    await expect(name()).toHaveValue("typed-early");
    await expect(override).not.toHaveAttribute("aria-checked", before ?? "");
  });
}

test("the first rows of a preview wait for no other part of the form", async () => {
  await watch(VERIFICATION);
  const scripts = await openedWithFirstScripts(edit("lab-releases"), "verify.form");
  const rows = page.getByRole("table", { name: t("preview.caption") }).locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  await expect.poll(scripts.held).toBeGreaterThan(0);
  expect(await watched()).toEqual({ seen: true, missed: 0, alive: false });
  scripts.release();
  await expect.poll(watched).toEqual({ seen: true, missed: 0, alive: true });
  // It is as the form has it by then, and does as it is told.
  const deep = page.getByRole("radio", { name: t("verify.form.depth.deep") });
  await deep.click();
  await expect(deep).toBeChecked();
  await expect(page.getByText(t("verify.form.afterHint.deep"))).toBeVisible();
});

const task = () => `/tasks/${stage.seeded.tasks.retried ?? ""}`;
const absolute = (at: string, timeZone?: string) => formatAbsolute(at, { locale: "zh-CN", timeZone });

/** The first absolute time of a page as the server sends it. */
async function sentTime(): Promise<{ at: string; text: string }> {
  const document = await documentOf(task());
  const [, at = "", text = ""] =
    /<time dateTime="([^"]+)"[^>]*>([^<]*\(UTC[^<]*)<\/time>/.exec(document) ?? [];
  expect(at).not.toBe("");
  return { at, text };
}

const tellZone = (value: string) => context.addCookies([{ name: ZONE_COOKIE, value, url: stage.origin }]);

test("a page is made for the zone that the cookie names", async () => {
  await tellZone(ZONE);
  const { at, text } = await sentTime();
  expect(text).toContain("(UTC+8:45)");
  expect(text).toBe(absolute(at, ZONE));
});

test("a cookie that names no zone is none", async () => {
  for (const value of ["Asia/Atlantis", "+05:45", "%00", "x".repeat(3000)]) {
    await tellZone(value);
    const { at, text } = await sentTime();
    expect(text, value).toBe(absolute(at));
  }
});

test("the first page tells the zone of the browser, and the next is right from its first byte", async () => {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(task());
  const shown = () => page.locator("main time").filter({ hasText: "(UTC" }).first();
  await expect(shown()).toContainText("(UTC+8:45)");
  const kept = (await context.cookies()).find(({ name: own }) => own === ZONE_COOKIE);
  expect(kept).toMatchObject({ value: ZONE, path: "/", sameSite: "Lax", secure: false });
  const { text } = await sentTime();
  await page.addInitScript(() => {
    window.changed = [];
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        if (target.textContent?.includes("(UTC")) {
          window.changed.push(target.textContent);
        }
      }
    }).observe(document, { characterData: true, subtree: true });
  });
  await page.reload();
  await expect(shown()).toHaveText(text);
  await scriptsTookOver(page, "main time");
  await expect(shown()).toHaveText(text);
  expect(await page.evaluate(() => window.changed)).toEqual([]);
  expect(faults).toEqual([]);
});
