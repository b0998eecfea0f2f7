import { expect, type Page, test } from "@playwright/test";
import { wordsOf } from "../scripts/words.ts";
import { scriptsTookOver } from "./journey.ts";
import { rootConsole } from "./root-context.ts";

/** The list of rules as somebody works with it: switches, selections, copies, and what goes wrong on the way. */
const t = wordsOf("zh-CN");
const root = rootConsole({ height: 1300 });
let page: Page;
test.beforeEach(async () => {
  page = await root.context.newPage();
});
test.afterEach(async () => {
  await page.close();
});

const list = (query = "") => `/rules?instance=${root.stage.seeded.instances.shanghai}${query}`;
const row = (name: string) =>
  page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const nameField = () => page.getByRole("textbox", { name: /名称/ }).first();
const toast = (text: string | RegExp) => page.getByText(text).last();

/** What the bar of a selection says: until it is there, the last button of a name is that of a row. */
const SELECTED = /已选\s*\d+\s*条/;

async function opened(query: string): Promise<void> {
  await page.goto(list(query));
  await scriptsTookOver(page, "[role=switch]");
}

/** Holds what the page sends to change something, until `release`: what is seen before is the page's own doing. */
async function holdChanges(): Promise<{ release(): void; sent(): number }> {
  let sent = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/rules?*", async (route) => {
    if (route.request().method() === "POST") {
      sent += 1;
      await released;
    }
    await route.fallback();
  });
  return { release: () => release(), sent: () => sent };
}

test("a switch turns before the server has heard of it", async () => {
  await opened("&q=everything");
  const control = row("everything").getByRole("switch");
  await expect(control).toBeChecked();
  const changes = await holdChanges();
  await control.click();
  await expect(control).not.toBeChecked();
  await expect.poll(changes.sent).toBe(1);
  await expect(control).not.toBeChecked();
  changes.release();
  await expect(toast(t("rules.toast.disabled", { rule: "everything" }))).toBeVisible();
  await expect(control).not.toBeChecked();
  await expect(control).not.toHaveAttribute("aria-busy", "true");
  await control.click();
  await expect(toast(t("rules.toast.enabled", { rule: "everything" }))).toBeVisible();
  await expect(control).toBeChecked();
});

/** Nothing of this page is kept fresh any more: it shows what it showed. */
async function holdStill(): Promise<void> {
  await page.route(/\/api\/(?:live|rules)/, (route) => route.abort());
}

test("a switch turns at once, and back with a reason when the server says no", async () => {
  await opened("&q=queue");
  const name = "queue-me";
  const control = row(name).getByRole("switch");
  await expect(control).toBeChecked();
  await holdStill();

  // Somebody else deletes the rule; this page has not heard of it.
  const other = await root.context.newPage();
  await other.goto(`/rules/${root.stage.seeded.rules[name]?.id}`);
  await other.getByRole("button", { name: t("rules.remove"), exact: true }).click();
  await other.getByLabel(t("rules.delete.input")).fill(name);
  await other.getByRole("dialog").getByRole("button", { name: /删除/ }).click();
  await expect(other).toHaveURL(/\/rules\?instance=/);
  await other.close();

  const changes = await holdChanges();
  await control.click();
  await expect(control).not.toBeChecked();
  changes.release();
  await expect(toast(t("errors.not-found"))).toBeVisible();
  await expect(control).toBeChecked();
});

test("a trigger that is sent again because its answer was lost starts one task", async () => {
  await opened("&q=just-created");
  const trigger = row("just-created").getByRole("button", { name: t("rules.trigger") });
  let lost = 0;
  await page.route("**/rules?*", async (route) => {
    if (route.request().method() === "POST" && lost === 0) {
      lost += 1;
      await route.fetch();
      await route.abort();
    } else {
      await route.fallback();
    }
  });
  await holdStill();
  await trigger.click();
  await expect(toast(t("errors.no-connection"))).toBeVisible();
  await trigger.click();
  await expect(toast(t("rules.toast.triggered", { rule: "just-created" }))).toBeVisible();
  expect(lost).toBe(1);
});

test("rows are selected by keys and by Shift, switched together, and let go by Escape", async () => {
  await opened("");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await expect(page.getByText(t("rules.bulk.selected", { n: 1 }))).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Shift+X");
  await expect(page.getByText(t("rules.bulk.selected", { n: 3 }))).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText(t("rules.bulk.selected", { n: 3 }))).toBeHidden();

  const boxes = page.getByRole("row").getByRole("checkbox");
  await boxes.nth(1).click();
  await boxes.nth(4).click({ modifiers: ["Shift"] });
  await expect(page.getByText(t("rules.bulk.selected", { n: 4 }))).toBeVisible();
  await page.getByRole("button", { name: t("rules.bulk.disable"), exact: true }).click();
  await expect(toast(t("rules.bulk.done.disable", { n: 4 }))).toBeVisible();
  await page.getByRole("checkbox", { name: t("rules.bulk.selectPage") }).click();
  await page.getByRole("button", { name: t("rules.bulk.enable"), exact: true }).click();
  await expect(toast(/已启用\d+条规则/)).toBeVisible();
});

test("several are triggered, and those that are not say why, rule by rule", async () => {
  await opened("&q=archive");
  const off = row("archive-2024").getByRole("switch");
  if (await off.isChecked()) {
    await off.click();
    await expect(toast(t("rules.toast.disabled", { rule: "archive-2024" }))).toBeVisible();
  }
  await page.getByRole("checkbox", { name: t("rules.bulk.selectPage") }).click();
  await expect(page.getByText(SELECTED)).toBeVisible();
  await page
    .getByRole("button", { name: t("rules.trigger"), exact: true })
    .last()
    .click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("archive-2024");
  await expect(dialog).toContainText(t("errors.rule-disabled"));
});

test("several are verified, as deep as is chosen, and whoever closes the question is where it was asked", async () => {
  await opened("&q=-to-");
  const boxes = page.getByRole("row").getByRole("checkbox");
  await boxes.nth(1).click();
  await boxes.nth(2).click();
  await expect(page.getByText(t("rules.bulk.selected", { n: 2 }))).toBeVisible();
  const verify = page.getByRole("button", { name: t("rules.bulk.verify"), exact: true });
  await verify.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(t("rules.bulk.confirm.verify.body"));
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(verify).toBeFocused();

  await page.keyboard.press("Enter");
  await dialog.getByRole("radio", { name: t("verify.form.depth.deep") }).click();
  await expect(dialog).toContainText(t("verify.dialog.deep"));
  await dialog.getByRole("button", { name: t("rules.bulk.confirm.verify.action", { n: 2 }) }).click();
  await expect(toast(t("rules.bulk.done.verify", { n: 2 }))).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(SELECTED)).toBeHidden();
});

test("a copy is a form under a free name until it is saved, and is deleted by its number with others", async () => {
  await page.goto(list("&q=charts"));
  await row("charts-to-frankfurt")
    .getByRole("button", { name: /的操作/ })
    .click();
  await page.getByRole("menuitem", { name: t("rules.duplicate") }).click();
  await page.waitForURL(/\/rules\/new\?.*from=/);
  await expect(nameField()).toHaveValue("charts-to-frankfurt-copy");
  await page.goto(list("&q=charts"));
  await expect(row("charts-to-frankfurt-copy")).toHaveCount(0);

  for (const copy of ["charts-to-frankfurt-copy", "charts-to-frankfurt-copy-2"]) {
    await page.goto(
      `/rules/new?instance=${root.stage.seeded.instances.shanghai}&from=${root.stage.seeded.rules["charts-to-frankfurt"]?.id}`,
    );
    await expect(nameField()).toHaveValue(copy);
    await page.getByRole("button", { name: t("rules.form.submit"), exact: true }).click();
    await expect(page).not.toHaveURL(/\/rules\/new/);
  }
  await opened("&q=frankfurt-copy");
  await page.getByRole("checkbox", { name: t("rules.bulk.selectPage") }).click();
  await expect(page.getByText(SELECTED)).toBeVisible();
  await page
    .getByRole("button", { name: t("rules.remove"), exact: true })
    .last()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("3");
  await dialog.getByRole("button", { name: /删除/ }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole("textbox").fill("2");
  await dialog.getByRole("button", { name: /删除/ }).click();
  await expect(toast(t("rules.bulk.done.delete", { n: 2 }))).toBeVisible();
  await expect(row("charts-to-frankfurt-copy")).toHaveCount(0);
});

test("what narrows a rule is told field by field, saved, shown and carried by a copy", async () => {
  const from = root.stage.seeded.rules["charts-to-frankfurt"]?.id;
  const name = "narrowed-rule";
  const field = (key: string) => page.getByLabel(t(`rules.form.${key}`), { exact: true });
  const wrong = (key: string, values = {}) =>
    expect(page.getByText(t(`validation.${key}`, values))).toBeVisible();
  await page.goto(`/rules/new?instance=${root.stage.seeded.instances.shanghai}&from=${from}`);
  const more = page.getByRole("button", { name: t("rules.form.moreSelection") });
  await expect(more).toHaveAttribute("aria-expanded", "false");
  // Before its scripts have taken the page over, a click is nobody's.
  await expect(async () => {
    await more.click();
    await expect(more).toHaveAttribute("aria-expanded", "true", { timeout: 2_000 });
  }).toPass();
  await nameField().fill(name);
  await field("excludeTagPattern").fill(".*-rc.*");
  await field("semverRange").fill(">>1");
  await field("newestTags").fill("0");
  await wrong("version-range-invalid");
  await field("semverRange").fill(">=1 <3");
  await wrong("newest-range");
  await field("newestTags").fill("5");
  await page.getByRole("radio", { name: t("rules.form.platformsSparse") }).click();
  await field("platformNames").fill("linux/amd64, arm64");
  await field("newestTags").click();
  await wrong("platform-invalid", { name: "arm64" });
  await field("platformNames").fill("linux/amd64, linux/arm64");
  await page.getByRole("button", { name: t("rules.form.submit"), exact: true }).click();
  await expect(page).not.toHaveURL(/\/rules\/new/);

  await page.goto(list(`&q=${name}`));
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByText(t("rules.narrowing.newest", { n: 5 }))).toBeVisible();
  await expect(page.getByText(">=1 <3")).toBeVisible();
  await page
    .getByRole("link", { name: t("rules.configure") })
    .first()
    .click();
  await expect(field("semverRange")).toHaveValue(">=1 <3");
  await expect(field("platformNames")).toHaveValue("linux/amd64, linux/arm64");

  await page.goto(list(`&q=${name}`));
  await row(name)
    .getByRole("button", { name: /的操作/ })
    .click();
  await page.getByRole("menuitem", { name: t("rules.duplicate") }).click();
  await expect(nameField()).toHaveValue(`${name}-copy`);
  await expect(field("excludeTagPattern")).toHaveValue(".*-rc.*");
  await expect(field("newestTags")).toHaveValue("5");
  await page.getByRole("button", { name: t("rules.form.submit"), exact: true }).click();
  await expect(page).not.toHaveURL(/\/rules\/new/);
});
