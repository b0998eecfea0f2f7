import { type Browser, type BrowserContext, type Page, expect as plainExpect, test } from "@playwright/test";
import { alive } from "../scripts/measure/play.ts";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { PASSWORD } from "../scripts/measure/stage-facts.ts";
import { wordsOf } from "../scripts/words.ts";
import { holdAnswer, holdScripts, holdTurns } from "./holding.ts";

/** What somebody does before the page's scripts have come, or a part of it, or an answer, is done once they are there. */
const t = wordsOf("zh-CN");
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
test.beforeEach(({ browser }) => visit(browser, "zh-CN"));
test.afterEach(async () => {
  await context.close();
});

async function visit(browser: Browser, locale: string): Promise<void> {
  context = await browser.newContext({ baseURL: stage.origin, locale });
  await context.addCookies([await stage.cookieOf(browser, "zhoumin")]);
  context.setDefaultTimeout(PATIENCE_MS);
  page = await context.newPage();
}

const rules = (query = "") => `/rules?instance=${stage.seeded.instances.shanghai}${query}`;
const taken = () => alive(page.locator("[data-row]").first());

/** The page as the server sent it, with nothing that could take it over. */
async function openedWithoutScripts(path: string) {
  const scripts = await holdScripts(page);
  await page.goto(path, { waitUntil: "commit" });
  await expect(page.locator("h1").first()).toBeVisible();
  return scripts;
}

test("keys of a list, pressed before anybody hears them", async () => {
  const scripts = await openedWithoutScripts(rules());
  await expect(page.locator("[data-row]").nth(1)).toBeVisible();
  for (const key of ["j", "j", "x"]) {
    await page.keyboard.press(key);
  }
  scripts.release();
  await expect(page.locator("[data-row]").nth(1).getByRole("checkbox")).toBeChecked();
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(1);
});

test("rows are shown in the frame in which they have come, whenever something was shown last", async () => {
  await openedWithoutScripts(rules());
  await expect(page.locator("[data-row]").first()).toBeVisible();
  // React has noted when it showed them, and does not know it: a number here would have the next part wait for 300 ms.
  expect(await page.evaluate("typeof $RT")).toBe("undefined");
});

test("a click, on a button that the server sent", async () => {
  const scripts = await openedWithoutScripts(rules("&q=charts"));
  const control = page.getByRole("row").filter({ hasText: "charts-to-frankfurt" }).getByRole("checkbox");
  await control.click();
  await expect(page.locator("html[data-waits]")).toBeAttached();
  await expect(control).not.toBeChecked();
  scripts.release();
  await expect(control).toBeChecked();
  await expect(page.locator("html[data-waits]")).not.toBeAttached();
  // Once, not twice: it stays as the click left it.
  await expect(page.getByText(t("rules.bulk.selected", { n: 1 }))).toBeVisible();
  await expect(control).toBeChecked();
});

test("text in a field", async () => {
  const scripts = await openedWithoutScripts(rules());
  await page.getByRole("searchbox").pressSequentially("charts");
  scripts.release();
  await expect(page).toHaveURL(/q=charts/);
  await expect(page.getByRole("searchbox")).toHaveValue("charts");
});

test("a form, sent with Enter", async () => {
  await context.clearCookies();
  const scripts = await openedWithoutScripts("/login");
  await page.getByLabel(t("auth.username")).fill("zhoumin");
  await page.getByLabel(t("auth.password"), { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.locator("html[data-waits]")).toBeAttached();
  scripts.release();
  await expect(page).not.toHaveURL(/\/login/);
});

const edit = (name: string) => `/rules/${stage.seeded.rules[name]?.id ?? ""}/edit`;
const description = (words = t) => page.getByLabel(words("rules.form.description"), { exact: true });
const crumb = () => page.getByRole("navigation", { name: "breadcrumb" }).getByRole("link").first();

for (const language of ["zh-CN", "en"] as const) {
  test(`text in a field, and then a way out of the page: it is asked about, in ${language}`, async ({
    browser,
  }) => {
    const words = wordsOf(language);
    await context.close();
    await visit(browser, language);
    const scripts = await openedWithoutScripts(edit("base-everywhere"));
    await description(words).fill("v2");
    await crumb().click({ noWaitAfter: true });
    scripts.release();
    const question = page.getByRole("dialog").or(page.getByRole("alertdialog"));
    await expect(question).toContainText(words("common.unsaved.title"));
    await question.getByRole("button", { name: words("common.unsaved.discard") }).click();
    await expect(page).toHaveURL(/\/rules\?/);
  });
}

test("text that waited for longer than a click would", async () => {
  await page.clock.install();
  const scripts = await openedWithoutScripts(edit("base-everywhere"));
  await description().fill("v2");
  await page.clock.fastForward("05:00");
  scripts.release();
  await expect(page.locator("html[data-waits]")).not.toBeAttached();
  await expect(description()).toHaveValue("v2");
  await crumb().click({ noWaitAfter: true });
  await expect(page.getByText(t("common.unsaved.title"))).toBeVisible();
});

test("a switch, and then the form is sent: with it", async () => {
  const scripts = await openedWithoutScripts(edit("just-created"));
  const turned = page.getByRole("switch", { name: t("rules.form.referrers") });
  const before = await turned.getAttribute("aria-checked");
  await turned.click();
  await page.getByRole("button", { name: t("rules.form.save"), exact: true }).click({ noWaitAfter: true });
  scripts.release();
  await expect(page).not.toHaveURL(/\/edit/);
  await page.goto(edit("just-created"));
  await expect(turned).toHaveAttribute("aria-checked", before === "true" ? "false" : "true");
});

/** A page that React has come to so far that what the selector finds has a mark of it; without a selector, the document itself. */
async function openedHalfTaken(path: string, mark: string, selector = ""): Promise<void> {
  await holdTurns(page);
  await page.goto(path);
  await page.waitForFunction(
    ([wanted = "", at = ""]) => {
      const marked = at === "" ? document : (document.querySelector(at) ?? {});
      const isThere = Object.keys(marked).some((key) => key.startsWith(wanted));
      if (!isThere) {
        window.turns.take();
      }
      return isThere;
    },
    [mark, selector],
  );
}

test("text that comes while React takes its field over, without a key", async () => {
  await openedHalfTaken(edit("base-everywhere"), "_reactListening");
  await description().evaluate((field: HTMLInputElement) => {
    field.value = "filled in";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.evaluate(() => window.turns.end());
  await expect(page.locator("html[data-waits]")).not.toBeAttached();
  await expect(description()).toHaveValue("filled in");
  await crumb().click({ noWaitAfter: true });
  await expect(page.getByText(t("common.unsaved.title"))).toBeVisible();
});

test("a form that is sent while React takes it over: the page is not loaded anew", async () => {
  await openedHalfTaken(edit("just-created"), "__reactFiber", "form");
  await page.evaluate(() => {
    document.documentElement.dataset.before = "";
    document.querySelector("form")?.requestSubmit();
  });
  await page.evaluate(() => window.turns.end());
  // Nothing was changed, and that is saved.
  await expect(page).not.toHaveURL(/\/edit/);
  await expect(page.locator("html[data-before]")).toBeAttached();
});

test("what is typed for a list that is on its way goes into its field", async () => {
  await page.goto(rules());
  await taken();
  const scripts = await holdScripts(page);
  for (const key of ["i", ..."sg", "Enter"]) {
    await page.keyboard.press(key);
  }
  scripts.release();
  const switcher = page.getByRole("button", { name: t("rules.switcher.label") });
  await expect(switcher).toContainText("新加坡");
});

test("keys that follow the opening of a dialog are the dialog's, not the page's", async () => {
  await page.goto(rules());
  await taken();
  const scripts = await holdScripts(page);
  for (const key of ["?", "n", "j"]) {
    await page.keyboard.press(key);
  }
  scripts.release();
  await expect(page.getByRole("dialog")).toContainText(t("shortcuts.nextRow"));
  await expect(page).toHaveURL(/\/rules\?/);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page).toHaveURL(/\/rules\?/);
});

test("the name of what is deleted, typed before the dialog is there", async () => {
  await page.goto(rules("&q=charts-to-frankfurt"));
  await taken();
  const scripts = await holdScripts(page);
  await page
    .getByRole("row")
    .filter({ hasText: "charts-to-frankfurt" })
    .getByRole("button", { name: t("rules.remove"), exact: true })
    .click();
  await page.keyboard.type("charts");
  scripts.release();
  await expect(page.getByRole("textbox", { name: t("rules.delete.input") })).toHaveValue("charts");
});

test("a form that is gone by the time of its answer still says that it is done", async () => {
  await page.goto("/users?view=grants");
  await page.getByRole("link", { name: t("users.members"), exact: true }).click();
  await page.getByRole("button", { name: t("users.resetOf", { name: "chenli" }) }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[name=password]").fill("another harbour at dusk");
  const answer = await holdAnswer(page, "/users");
  await dialog.getByRole("button", { name: t("users.reset.action"), exact: true }).click();
  await answer.asked;
  // The way back waits for the answer, and takes the form away with it.
  await page.goBack();
  answer.release();
  await expect(page.getByText(t("users.reset.done", { name: "chenli" }))).toBeVisible();
  await expect(dialog).toHaveCount(0);
});
