import { expect, type Page, test } from "@playwright/test";
import { PSEUDO_LOCALE } from "../lib/pseudo-locale.ts";
import { SCENES } from "../scripts/measure/scenes.ts";
import { openStage, type Stage } from "../scripts/measure/stage.ts";

/**
 * Every page with each text accented, in brackets and 40 % longer, at both ends of the widths: nothing pushes the page
 * sideways, no control, heading of a column or status loses a letter.
 */
const WIDTHS = [1440, 390] as const;
const ROOT = "zhoumin";
const LOOK_MS = 250;
const LOOKS = 12;

/** What a person has to do first is found by its words, and here they are others. */
const SHOWN = SCENES.filter(
  ({ variant = "full", user = ROOT, act, prepare }) =>
    variant === "full" && (user === ROOT || user === null) && !act && !prepare,
);

let stage: Stage;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  process.env.LOCKSTEP_PSEUDO_LOCALE = "1";
  stage = await openStage("full");
  delete process.env.LOCKSTEP_PSEUDO_LOCALE;
});
test.afterAll(async () => {
  await stage?.stop();
});

for (const width of WIDTHS) {
  test(`${SHOWN.length} pages at ${width} px`, async ({ browser }) => {
    test.setTimeout(600_000);
    const cookie = await stage.cookieOf(browser, ROOT);
    const faults: string[] = [];
    const context = await browser.newContext({
      baseURL: stage.origin,
      timezoneId: "Asia/Shanghai",
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
    });
    const language = { name: "lockstep-locale", value: PSEUDO_LOCALE, url: stage.origin };
    const page = await context.newPage();
    for (const { name, path, user = ROOT } of SHOWN) {
      // A page whose session is gone leads to the sign-in by itself, and would be in the way of the next.
      await page.goto("about:blank");
      await context.clearCookies();
      await context.addCookies(user === null ? [language] : [language, cookie]);
      await page.goto(typeof path === "string" ? path : path(stage));
      await page.locator("h1").first().waitFor();
      expect(await page.locator("html").getAttribute("lang"), name).toBe(PSEUDO_LOCALE);
      let found = await faultsOf(page);
      // What a page still loads may stand wide until its style is there: what stays is a fault.
      for (let looks = 0; looks < LOOKS && found.length > 0; looks += 1) {
        await page.waitForTimeout(LOOK_MS);
        found = await faultsOf(page);
      }
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
    await context.close();
    expect(faults).toEqual([]);
  });
}

test("only a console that is started for it speaks it", async ({ page }) => {
  await page
    .context()
    .addCookies([{ name: "lockstep-locale", value: PSEUDO_LOCALE, url: process.env.E2E_ORIGIN ?? "" }]);
  await page.goto("/login");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});

/** Runs in the page. What is cut on purpose says all of it on hover and focus: such elements are truncated by an ellipsis. */
function faultsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    /** Where each text that is seen ends. */
    function* textsOf(element: HTMLElement): Generator<number> {
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        if (!text.parentElement?.closest(".sr-only")) {
          const words = document.createRange();
          words.selectNodeContents(text);
          yield words.getBoundingClientRect().right;
        }
      }
    }
    const sideways = document.documentElement.scrollWidth - window.innerWidth;
    if (sideways > 0) {
      found.push(`the page is ${sideways} px too wide`);
    }
    const wanted = "button, [role=tab], [role=radio], [aria-current], th, [data-status], nav a, main a.link";
    for (const element of document.querySelectorAll<HTMLElement>(wanted)) {
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      if (box.width < 2 || box.height < 2 || element.closest(".sr-only") || style.visibility === "hidden") {
        continue;
      }
      const bleeds =
        [...textsOf(element)].some((right) => right - box.right > 1) && style.display !== "inline";
      const cut = element.scrollWidth > element.clientWidth + 1 && style.overflowX !== "visible";
      const meant = style.textOverflow === "ellipsis" || element.querySelector("input, [class*=truncate]");
      if ((bleeds || cut) && !meant) {
        found.push(`${element.tagName.toLowerCase()} “${element.textContent?.slice(0, 40)}”`);
      }
    }
    return found;
  });
}
