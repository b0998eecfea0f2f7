import { expect, type Page, test } from "@playwright/test";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { PASSWORD } from "../scripts/measure/stage-facts.ts";
import { wordsOf } from "../scripts/words.ts";

/** The console without a mouse: nothing here clicks. */
const t = wordsOf("zh-CN");
const ROOT = "zhoumin";
const NEW_RULE = "by-keyboard";

let stage: Stage;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  stage = await openStage("full");
});
test.afterAll(async () => {
  await stage?.stop();
});

async function signedIn(page: Page, path: string): Promise<void> {
  await page.context().addCookies([await stage.cookieOf(browserOf(page), ROOT)]);
  await page.goto(stage.origin + path);
  await settled(page);
}

function browserOf(page: Page) {
  const browser = page.context().browser();
  if (!browser) {
    throw new Error("this page has no browser");
  }
  return browser;
}

/** Keys are heard once React has taken the page over. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator("h1").first()).toBeVisible();
  await page.waitForFunction(() => {
    // A list that takes longer than its page follows it, in the place of rows of bars, and is taken over after the page around it.
    const coming = document.querySelector("main tr.late");
    const last = document.querySelector("[data-row]") ?? document.querySelector("main");
    return (
      coming === null && last !== null && Object.keys(last).some((key) => key.startsWith("__reactFiber"))
    );
  });
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
  );
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
  }
}

/** To the next row: the keys of a list are heard once it is taken over, and what its window of keys tells is known by then. */
async function toRow(page: Page): Promise<void> {
  await expect(async () => {
    await press(page, "j");
    await expect(page.locator("[data-row]:focus")).toHaveCount(1, { timeout: 1_000 });
  }).toPass();
}

/** Tabs until the focus is there. */
async function tabTo(page: Page, name: string | RegExp, role: "button" | "link" | "textbox" = "button") {
  const target = page.getByRole(role, { name }).first();
  for (let count = 0; count < 80; count += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${name} is not reached by Tab`);
}

const dialog = (page: Page) => page.getByRole("dialog");
const focused = (page: Page) => page.locator(":focus");

test("the way from signing in to a deleted rule", async ({ page }) => {
  await page.goto(`${stage.origin}/login`);
  await settled(page);
  await tabTo(page, t("auth.username"), "textbox");
  await page.keyboard.type(ROOT);
  await tabTo(page, t("auth.password"), "textbox");
  await page.keyboard.type(PASSWORD);
  await press(page, "Enter");
  await expect(page).not.toHaveURL(/login/);
  await settled(page);

  await toRulesOf(page, "上海");
  await press(page, "n");
  await expect(page).toHaveURL(/\/rules\/new/);
  await settled(page);
  await focusOn(page, t("rules.form.name"));
  await press(page, "Control+a");
  await page.keyboard.type(NEW_RULE);
  await focusOn(page, t("rules.form.namespace"));
  await page.keyboard.type("keyboard");
  await focusOn(page, t("rules.form.targetInstance"));
  await press(page, "Enter");
  const choice = page.getByRole("option", { name: "新加坡" });
  await expect(choice).toBeVisible();
  for (
    let count = 0;
    count < 30 && !(await choice.evaluate((e) => e === document.activeElement));
    count += 1
  ) {
    await press(page, "ArrowDown");
  }
  await press(page, "Enter");
  const backfill = page.getByRole("checkbox", { name: t("rules.form.backfill") });
  await focusOn(page, t("rules.form.backfill"));
  await press(page, "Space");
  await expect(backfill).not.toBeChecked();
  await press(page, "Control+Enter");
  await expect(page).not.toHaveURL(/\/new/);
  await settled(page);

  await toRulesOf(page, "上海");
  await press(page, "/");
  await page.keyboard.type(NEW_RULE);
  const row = page.getByRole("row").filter({ hasText: NEW_RULE });
  await expect(page.locator("[data-row]")).toHaveCount(1);
  // Out of the field, with the search as it is.
  await press(page, "Tab");
  await press(page, "j");
  await expect(row).toBeFocused();
  await press(page, "t");
  await expect(page.locator("[data-toast]").last()).toContainText(t("rules.viewTask"));
  await press(page, "F6", "Enter");
  await expect(page).toHaveURL(/\/tasks\/[0-9a-f-]{36}/);
  await settled(page);
  await tabTo(page, t("tasks.stop.action"));
  await press(page, "Enter");
  await expect(dialog(page)).toBeVisible();
  await expect.poll(() => dialog(page).evaluate((box) => box.contains(document.activeElement))).toBe(true);
  await press(page, "Tab", "Enter");
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.getByRole("main").getByText(t("status.task.stopped")).first()).toBeVisible();

  await toRulesOf(page, "上海");
  await press(page, "/");
  await page.keyboard.type(NEW_RULE);
  await expect(page.locator("[data-row]")).toHaveCount(1);
  await press(page, "Tab", "j");
  await tabTo(page, t("rules.remove"));
  await press(page, "Enter");
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByRole("textbox", { name: t("rules.delete.input") })).toBeFocused();
  await page.keyboard.type(NEW_RULE);
  await press(page, "Enter");
  await expect(page.getByText(t("rules.delete.done", { rule: NEW_RULE }))).toBeVisible();
});

/** 实例同步 of one instance, by keys alone. */
async function toRulesOf(page: Page, instance: string): Promise<void> {
  await press(page, "g", "t");
  await expect(page).toHaveURL(/\/tasks$/);
  await settled(page);
  await press(page, "g", "s");
  const switcher = page.getByRole("button", { name: t("rules.switcher.label") });
  await expect(switcher).toBeVisible();
  await press(page, "i");
  await expect(page.getByPlaceholder(t("rules.switcher.search"))).toBeFocused();
  await page.keyboard.type(instance);
  await expect(page.getByRole("option", { selected: true })).toContainText(instance);
  await press(page, "Enter");
  await expect(switcher).toContainText(instance);
}

/** A control of the form, by its label. */
async function focusOn(page: Page, label: string): Promise<void> {
  const field = page.getByRole("main").getByLabel(label).first();
  for (let count = 0; count < 80; count += 1) {
    if (await field.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${label} is not reached by Tab`);
}

test("rows: move, select a range, open", async ({ page }) => {
  await signedIn(page, `/rules?instance=${stage.seeded.instances.shanghai}`);
  await press(page, "j", "j", "k");
  await expect(focused(page)).toHaveAttribute("data-row", /.+/);
  const first = await focused(page).getAttribute("data-row");
  await press(page, "x", "j", "j", "Shift+X");
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(3);
  await press(page, "Escape");
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(0);
  await press(page, "k", "k");
  expect(await focused(page).getAttribute("data-row")).toBe(first);
  await press(page, "Enter");
  await expect(page).toHaveURL(new RegExp(`/rules/${first}`));
});

test("? lists what is bound here, Esc closes it and the focus is where it was", async ({ page }) => {
  await signedIn(page, `/rules?instance=${stage.seeded.instances.shanghai}`);
  await toRow(page);
  const row = await focused(page).getAttribute("data-row");
  await press(page, "?");
  await expect(dialog(page)).toContainText(t("shortcuts.nextRow"));
  await expect(dialog(page)).toContainText(t("shortcuts.selectRange"));
  await press(page, "j", "n");
  await expect(dialog(page)).toBeVisible();
  await press(page, "Escape");
  await expect(dialog(page)).toHaveCount(0);
  expect(await focused(page).getAttribute("data-row")).toBe(row);

  await page.goto(`${stage.origin}/audit`);
  await settled(page);
  await toRow(page);
  await press(page, "?");
  await expect(dialog(page)).toContainText(t("shortcuts.nextRow"));
  await expect(dialog(page)).not.toContainText(t("shortcuts.selectRange"));
});

test("/ searches; letters are letters in a field, Esc empties and leaves it", async ({ page }) => {
  await signedIn(page, "/tasks");
  await press(page, "/");
  const search = page.getByRole("searchbox");
  await expect(search).toBeFocused();
  await page.keyboard.type("gs?n");
  await expect(search).toHaveValue("gs?n");
  await expect(page).toHaveURL(/q=gs/);
  await expect(dialog(page)).toHaveCount(0);
  await press(page, "Escape");
  await expect(search).toHaveValue("");
  await press(page, "Escape");
  await expect(search).not.toBeFocused();
});

test("single keys can be switched off; Esc and Ctrl Enter stay", async ({ page }) => {
  await signedIn(page, "/settings");
  const setting = page.getByRole("switch", { name: t("settings.appearance.shortcutsLabel") });
  await setting.focus();
  await press(page, "Space");
  await expect(setting).not.toBeChecked();
  await expect(setting).not.toHaveAttribute("aria-busy", "true");
  await page.goto(`${stage.origin}/rules?instance=${stage.seeded.instances.shanghai}`);
  await settled(page);
  await press(page, "?", "/", "g", "t", "n");
  await expect(dialog(page)).toHaveCount(0);
  await expect(page).toHaveURL(/\/rules/);
  await expect(page.getByRole("searchbox")).not.toBeFocused();
  await page.goto(`${stage.origin}/settings`);
  await settled(page);
  await setting.focus();
  await press(page, "Space");
  await expect(setting).toBeChecked();
  await expect(setting).not.toHaveAttribute("aria-busy", "true");
});

test("unsaved changes are asked for: by a key, by 后退, by a link; 留下 keeps what was typed", async ({
  page,
}) => {
  await signedIn(page, `/rules?instance=${stage.seeded.instances.shanghai}`);
  await press(page, "n");
  await expect(page).toHaveURL(/\/rules\/new/);
  await settled(page);
  const name = page.getByLabel(new RegExp(`^${t("rules.form.name")}`)).first();
  await name.focus();
  await page.keyboard.type("half");
  const leave = [
    async () => {
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await press(page, "g", "t");
    },
    () => page.evaluate(() => history.back()),
    () => page.getByRole("link", { name: t("common.nav.audit") }).press("Enter"),
  ];
  for (const way of leave) {
    await way();
    await expect(dialog(page)).toContainText(t("common.unsaved.title"));
    await press(page, "Escape");
    await expect(dialog(page)).toHaveCount(0);
    await expect(page).toHaveURL(/\/rules\/new/);
    await expect(name).toHaveValue(/half/);
  }
  await press(page, "g", "t");
  await tabTo(page, t("common.unsaved.discard"));
  await press(page, "Enter");
  await expect(page).toHaveURL(/\/tasks/);
});

test("a browser without the Navigation API asks before 后退 as well, and goes there once it is told to", async ({
  page,
}) => {
  await page.addInitScript(() => Object.defineProperty(window, "navigation", { value: undefined }));
  await signedIn(page, `/rules?instance=${stage.seeded.instances.shanghai}`);
  await press(page, "n");
  await expect(page).toHaveURL(/\/rules\/new/);
  await settled(page);
  const name = page.getByLabel(new RegExp(`^${t("rules.form.name")}`)).first();
  await name.focus();
  await page.keyboard.type("half");
  for (const answer of ["stay", "discard"]) {
    await page.evaluate(() => history.back());
    await expect(dialog(page)).toContainText(t("common.unsaved.title"));
    await expect(page).toHaveURL(/\/rules\/new/);
    await expect(name).toHaveValue("half");
    await dialog(page)
      .getByRole("button", { name: t(`common.unsaved.${answer}`) })
      .click();
    await expect(dialog(page)).toHaveCount(0);
  }
  await expect(page).toHaveURL(/\/rules\?instance=/);
});

test("the focus returns after every dialog and menu", async ({ page }) => {
  const opened = [
    { path: "/users", name: t("users.create.action") },
    { path: "/users", name: t("users.disableOf", { name: "chenli" }) },
    { path: "/users", name: t("users.resetOf", { name: "chenli" }) },
    { path: "/users", name: t("users.deleteOf", { name: "chenli" }) },
    { path: "/users", name: t("common.nav.account") },
  ];
  for (const { path, name } of opened) {
    await signedIn(page, path);
    const opener = page.getByRole("button", { name }).first();
    await opener.focus();
    await press(page, "Enter");
    const layer = page.locator('[role="dialog"], [role="menu"]');
    await expect(layer, name).toBeVisible();
    await expect.poll(() => layer.evaluate((box) => box.contains(document.activeElement)), name).toBe(true);
    await press(page, "Escape");
    await expect(layer, name).toHaveCount(0);
    await expect(opener, name).toBeFocused();
  }
});

test("the focus stays in a list whose row goes, and with the rows that a bulk action was done to", async ({
  page,
}) => {
  await signedIn(page, `/rules?instance=${stage.seeded.instances.shanghai}`);
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  const rows = page.locator("[data-row]");
  await expect(row("everything")).toBeVisible();
  const ids = await rows.evaluateAll((found) => found.map((each) => (each as HTMLElement).dataset.row));
  const gone = await row("everything").getAttribute("data-row");
  const next = ids[ids.indexOf(gone ?? "") + 1] ?? "";
  await row("everything")
    .getByRole("button", { name: t("rules.remove"), exact: true })
    .focus();
  await press(page, "Enter");
  await expect(dialog(page)).toBeVisible();
  await expect.poll(() => dialog(page).evaluate((box) => box.contains(document.activeElement))).toBe(true);
  await page.keyboard.type("everything");
  await press(page, "Enter");
  await expect(dialog(page)).toHaveCount(0);
  await expect(row("everything")).toHaveCount(0);
  // The one that took its place; or, where the list was quicker than the dialog, what stands around it.
  await expect(page.locator(`[data-row="${next}"]:focus, main:focus`)).toHaveCount(1);

  const first = rows.first();
  await first.focus();
  await press(page, "x");
  await page
    .locator("main footer")
    .getByRole("button", { name: t("rules.bulk.disable"), exact: true })
    .focus();
  await press(page, "Enter");
  await expect(page.locator("[data-toast]").last()).toBeVisible();
  await expect(first).toBeFocused();
});

test("the matrix: arrows, Space, Ctrl S; what another root changed meanwhile is shown, not lost", async ({
  page,
}) => {
  await signedIn(page, "/users?view=grants");
  const slots = page.locator('[role="checkbox"][data-column]');
  await slots.first().focus();
  await press(page, "End", "Home", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft");
  await expect(focused(page)).toHaveAttribute("data-column", "0");
  const held = await focused(page).getAttribute("aria-checked");

  const other = await page.context().newPage();
  await other.goto(`${stage.origin}/users?view=grants`);
  await settled(other);
  await other.locator('[role="checkbox"][data-row="0"][data-column="3"]').focus();
  await press(other, "Space", "Control+s");
  await expect(other.getByText(t("users.matrix.saved"))).toBeVisible();

  await press(page, "Space", "Control+s");
  await expect(page.getByRole("alert").filter({ hasText: ROOT })).toBeVisible();
  await expect(slots.first()).toHaveAttribute("aria-checked", held === "true" ? "false" : "true");
  await tabTo(page, t("users.matrix.mine"));
  await press(page, "Enter");
  await expect(page.getByText(t("users.matrix.saved"))).toBeVisible();
});

test("the skip link leads past the rail, and the focus is never under what sticks", async ({ page }) => {
  await signedIn(page, "/tasks");
  await press(page, "Tab");
  await expect(focused(page)).toHaveText(t("common.nav.skip"));
  await press(page, "Enter");
  await expect(page.locator("main")).toBeFocused();
  for (let count = 0; count < 60; count += 1) {
    await page.keyboard.press("Tab");
    const covered = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) {
        return null;
      }
      const box = element.getBoundingClientRect();
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      const seen = !top || element.contains(top) || top.contains(element);
      return seen ? null : element.outerHTML.slice(0, 120);
    });
    expect(covered).toBeNull();
  }
});
