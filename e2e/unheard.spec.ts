import { expect, type Page, test } from "@playwright/test";
import { signIn } from "../scripts/measure/stage.ts";
import { PASSWORD } from "../scripts/measure/stage-facts.ts";
import { wordsOf } from "../scripts/words.ts";
import { beginning, scriptsTookOver, signIn as signInOn } from "./journey.ts";
import { rootConsole } from "./root-context.ts";

/** No answer comes, or the session is over: nothing that was typed is lost, nothing is made twice, and what is said is so. */
const t = wordsOf("zh-CN");
// Only how long a busy machine takes is not known.
test.describe.configure({ timeout: 300_000 });
const root = rootConsole({ height: 900, reducedMotion: "reduce" });
const ROOT = { username: "zhoumin", password: PASSWORD };

async function opened(path: string, ready = "main :is(button, input)"): Promise<Page> {
  const page = await root.context.newPage();
  await page.goto(path);
  await scriptsTookOver(page, ready);
  return page;
}

/** What is posted to a page is done, or not even sent, and its answer never comes. */
async function loseAnswers(page: Page, { done }: { done: boolean }): Promise<{ end(): Promise<void> }> {
  const isPost = (url: URL) => url.origin === root.stage.origin && !url.pathname.startsWith("/api/");
  await page.route(isPost, async (route) => {
    if (route.request().method() !== "POST") {
      return route.fallback();
    }
    if (done) {
      await route.fetch();
    }
    await route.abort("connectionreset");
  });
  return { end: () => page.unrouteAll({ behavior: "wait" }) };
}

const instances = async (page: Page, name: string) => {
  const answer = await page.request.get(`/api/instances?q=${name}`);
  return ((await answer.json()) as { rows: unknown[] }).rows.length;
};

test("a form whose answer was lost keeps what was typed, and sent again makes one thing", async () => {
  const page = await opened("/instances/new", "main button");
  const name = page.getByLabel(beginning(t("instances.form.name")));
  const address = page.getByLabel(beginning(t("instances.form.address")));
  await name.fill("unheard");
  await address.fill("https://unheard.example.com");
  const submit = page.getByRole("button", { name: t("instances.form.create"), exact: true });
  const lost = await loseAnswers(page, { done: true });
  await submit.click();
  await expect(page.getByRole("alert").filter({ hasText: t("errors.no-connection") })).toBeVisible();
  await expect(name).toHaveValue("unheard");
  await expect(address).toHaveValue("https://unheard.example.com");
  await Promise.all([
    page.waitForEvent("requestfailed"),
    page.getByRole("button", { name: t("instances.form.test"), exact: true }).click(),
  ]);
  await expect(page.getByRole("alert").filter({ hasText: t("errors.no-connection") })).toBeVisible();
  await lost.end();
  await submit.click();
  await expect(page).toHaveURL(/\/instances\/[0-9a-f-]{36}$/);
  expect(await instances(page, "unheard")).toBe(1);
  await page.close();
});

test("a dialog says that no answer came, in itself, and does not wait for one any more", async () => {
  const page = await opened("/users");
  await loseAnswers(page, { done: false });
  await page.getByRole("button", { name: t("users.deleteOf", { name: "chenli" }) }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(t("users.delete.input")).fill("chenli");
  await dialog.getByRole("button", { name: t("users.delete.action"), exact: true }).click();
  await expect(dialog.getByRole("alert")).toHaveText(t("errors.no-connection"));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: t("common.nav.account") }).click();
  await page.getByRole("menuitem", { name: t("common.nav.signOut") }).click();
  await expect(page.locator("[data-toast]").last()).toContainText(t("errors.no-connection"));
  await expect(page).toHaveURL(/\/users/);
  await page.close();
});

test("what a deletion affects and could not be counted is said to be unknown", async () => {
  const page = await opened(
    `/rules?instance=${root.stage.seeded.instances.shanghai}&q=charts`,
    "[data-row] button",
  );
  await page.route("**/impact*", (route) => route.abort());
  await page
    .getByRole("row")
    .getByRole("button", { name: t("rules.remove"), exact: true })
    .first()
    .click();
  await expect(page.getByRole("dialog")).toContainText(t("rules.delete.uncounted"));
  await page.close();
});

test("a session that ends while a rule is edited: the page stays, and can be saved once somebody signed in beside it", async ({
  browser,
}) => {
  const { stage } = root;
  const cookie = await signIn(browser, stage.origin, ROOT.username);
  const mine = await browser.newContext({ baseURL: stage.origin, locale: "zh-CN" });
  await mine.addCookies([cookie]);
  const page = await mine.newPage();
  await page.goto(`/rules/${stage.seeded.rules["just-created"]?.id}/edit`);
  await scriptsTookOver(page, "main input");
  const description = page.getByLabel(beginning(t("rules.form.description")));
  await description.fill("half written");

  // The same session, signed out elsewhere.
  const elsewhere = await browser.newContext({ baseURL: stage.origin, locale: "zh-CN" });
  await elsewhere.addCookies([cookie]);
  const out = await elsewhere.newPage();
  await out.goto("/settings");
  await out.getByRole("button", { name: t("common.nav.account") }).click();
  await out.getByRole("menuitem", { name: t("common.nav.signOut") }).click();
  await expect(out).toHaveURL(/\/login/);
  await elsewhere.close();

  await expect(page.getByText(t("system.band.signed-out.body"))).toBeVisible({ timeout: 60_000 });
  const save = page.getByRole("button", { name: t("rules.form.save"), exact: true });
  await save.click();
  await expect(page.getByRole("alert").filter({ hasText: t("errors.unauthenticated") })).toBeVisible();
  await expect(page).toHaveURL(/\/edit$/);
  await expect(description).toHaveValue("half written");

  const [beside] = await Promise.all([
    mine.waitForEvent("page"),
    page.getByRole("link", { name: t("system.band.signed-out.action") }).click(),
  ]);
  await signInOn(beside, t, ROOT);
  await beside.close();
  await save.click();
  await expect(page).not.toHaveURL(/\/edit$/);
  await expect(page.getByText("half written").first()).toBeVisible();
  await mine.close();
});

/** Pressed while an input method composes: it is the method's, not the page's. */
const pressComposing = (page: Page, key: string) =>
  page.locator(":focus").evaluate((field, pressed) => {
    field.dispatchEvent(
      new KeyboardEvent("keydown", { key: pressed, isComposing: true, bubbles: true, cancelable: true }),
    );
  }, key);

test("Enter and Esc of an input method choose nothing and close nothing", async () => {
  const page = await opened("/users");
  await page.getByRole("button", { name: t("users.create.action") }).click();
  const dialog = page.getByRole("dialog");
  const field = dialog.getByRole("textbox").first();
  await field.fill("half");
  await pressComposing(page, "Escape");
  await expect(dialog).toBeVisible();
  await expect(field).toHaveValue("half");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);

  const search = page.getByRole("searchbox");
  await search.focus();
  await search.dispatchEvent("compositionstart");
  await search.fill("che'n");
  await pressComposing(page, "Escape");
  await expect(search).toHaveValue("che'n");
  expect(new URL(page.url()).searchParams.get("q")).toBeNull();
  await search.fill("chen");
  await search.dispatchEvent("compositionend");
  await expect(page).toHaveURL(/q=chen/);
  await page.close();

  // A registry that is there, whose namespaces are suggested.
  const form = await opened(`/rules/new?instance=${root.stage.seeded.instances.lab}`, "main input");
  const namespace = form.getByLabel(beginning(t("rules.form.namespace")));
  await namespace.pressSequentially("t");
  const suggestion = form.getByRole("option").first();
  await expect(suggestion).toBeVisible();
  await pressComposing(form, "Enter");
  await expect(namespace).toHaveValue("t");
  await expect(suggestion).toBeVisible();
  await form.close();
});
