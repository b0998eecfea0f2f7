import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { PASSWORD } from "../scripts/measure/stage-facts.ts";
import { wordsOf } from "../scripts/words.ts";

/** What somebody does before the page's scripts have come, or a part of it, or an answer, is done once they are there. */
const t = wordsOf("zh-CN");
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
  context = await browser.newContext({ baseURL: stage.origin, locale: "zh-CN" });
  await context.addCookies([await stage.cookieOf(browser, "zhoumin")]);
  page = await context.newPage();
});
test.afterEach(async () => {
  await context.close();
});

/** Holds every script that is asked for from now on, until `release`. */
async function holdScripts(): Promise<{ release(): void }> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/_next/static/**/*.js", async (route) => {
    await released;
    await route.fallback();
  });
  return { release: () => release() };
}

const rules = (query = "") => `/rules?instance=${stage.seeded.instances.shanghai}${query}`;
const taken = () =>
  page.waitForFunction(() => {
    const last = document.querySelector("[data-row]");
    return last !== null && Object.keys(last).some((key) => key.startsWith("__reactFiber"));
  });

/** The page as the server sent it, with nothing that could take it over. */
async function openedWithoutScripts(path: string) {
  const scripts = await holdScripts();
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

test("what is typed for a list that is on its way goes into its field", async () => {
  await page.goto(rules());
  await taken();
  const scripts = await holdScripts();
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
  const scripts = await holdScripts();
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
  const scripts = await holdScripts();
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
  const answer = await holdAnswer("/users");
  await dialog.getByRole("button", { name: t("users.reset.action"), exact: true }).click();
  await answer.asked;
  // The way back waits for the answer, and takes the form away with it.
  await page.goBack();
  answer.release();
  await expect(page.getByText(t("users.reset.done", { name: "chenli" }))).toBeVisible();
  await expect(dialog).toHaveCount(0);
});

/** Holds what is posted to a page until `release`; `asked` once it is. */
async function holdAnswer(path: string): Promise<{ asked: Promise<void>; release(): void }> {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      if (route.request().method() === "POST") {
        asked.resolve();
        await released.promise;
      }
      await route.fallback();
    },
  );
  return { asked: asked.promise, release: () => released.resolve() };
}
