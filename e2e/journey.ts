import { expect, type Page } from "@playwright/test";
import type { Words } from "../scripts/words.ts";

/** What a person does on the console's pages, in its own words; the specs tell the story. */

export interface Account {
  username: string;
  password: string;
}

/** Begins so: a required field has a star after its label. */
export const beginning = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);

/** Waits until the page's scripts have taken over what the selector finds first: before that, a click is nobody's. */
export async function scriptsTookOver(page: Page, selector: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    const control = document.querySelector(wanted);
    return control !== null && Object.keys(control).some((key) => key.startsWith("__reactFiber"));
  }, selector);
  // What listens to keys is set up after the next frame.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
  );
}

export async function signIn(page: Page, t: Words, { username, password }: Account): Promise<void> {
  await page.goto("/login");
  await page.getByLabel(t("auth.username")).fill(username);
  await page.getByLabel(t("auth.password"), { exact: true }).fill(password);
  await page.getByRole("button", { name: t("auth.signIn") }).click();
  await expect(page).not.toHaveURL(/\/login/);
}

export async function signOut(page: Page, t: Words): Promise<void> {
  await page.getByRole("button", { name: t("common.nav.account") }).click();
  await page.getByRole("menuitem", { name: t("common.nav.signOut") }).click();
  await expect(page).toHaveURL(/\/login/);
}

export interface NewInstance {
  name: string;
  region: string;
  address: string;
  account?: Account;
}

/** Fills the form of 接入实例; testing and saving are the caller's. */
export async function fillInstance(
  page: Page,
  t: Words,
  { name, region, address, account }: NewInstance,
): Promise<void> {
  await page.getByLabel(beginning(t("instances.form.name"))).fill(name);
  await page.getByLabel(beginning(t("instances.form.address"))).fill(address);
  if (address.startsWith("http://")) {
    // Not check(): it wants the mark at once, and a click that comes before the page's scripts is carried out with them.
    const plainHttp = page.getByRole("checkbox", { name: t("instances.form.plainHttp") });
    await plainHttp.click();
    await expect(plainHttp).toBeChecked();
  }
  if (account) {
    await page.getByLabel(t("instances.form.username"), { exact: true }).fill(account.username);
    await page.getByLabel(beginning(t("instances.form.password"))).fill(account.password);
  }
  const more = page.getByRole("button", { name: beginning(t("instances.form.more")) });
  if ((await more.getAttribute("aria-expanded")) === "false") {
    await more.click();
    await expect(more).toHaveAttribute("aria-expanded", "true");
  }
  await page.getByLabel(beginning(t("instances.region"))).fill(region);
}

/** Opens /rules for an instance, by the switcher. */
export async function openRulesOf(page: Page, t: Words, instance: string): Promise<void> {
  await page.goto("/rules");
  const switcher = page.getByRole("button", { name: beginning(t("rules.switcher.label")) });
  await switcher.click();
  await page.getByRole("option", { name: new RegExp(instance) }).click();
  await expect(switcher).toContainText(instance);
  await expect(page).toHaveURL(/instance=/);
}

/** The table row of a rule. */
export function ruleRow(page: Page, name: string) {
  return page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
}

/** Waits until the task on the page has this status word in its title. */
export async function expectTaskStatus(page: Page, word: string | RegExp, timeoutMs = 60_000): Promise<void> {
  await expect(page.getByRole("main").getByText(word).first()).toBeVisible({ timeout: timeoutMs });
}
