import type { Page } from "@playwright/test";
import { alive } from "./play.ts";

/** What the same user does meanwhile in another tab. */
export const inAnotherTab = async (page: Page, act: (other: Page) => Promise<void>) => {
  const other = await page.context().newPage();
  try {
    await other.goto(page.url());
    await act(other);
  } finally {
    await other.close();
  }
};

/** What is saved there may be refused, because somebody who looks at another width has saved the same at the same time. */
export function overruleOthers(other: Page, keepMine: string): void {
  const overrule = other.getByRole("button", { name: keepMine }).click();
  // Where nobody saved meanwhile, the button never comes.
  overrule.catch(() => {});
}

/** A form is saved there as it is, so that what was seeded stays as it is. */
export const savedInAnotherTab = (page: Page, { save, keepMine }: { save: string; keepMine: string }) =>
  inAnotherTab(page, async (other) => {
    const button = other.getByRole("button", { name: save, exact: true });
    await alive(button);
    await button.click();
    overruleOthers(other, keepMine);
    await other.waitForURL((url) => !url.pathname.endsWith("/edit"));
  });
