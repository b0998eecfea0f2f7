import type { Page } from "@playwright/test";
import { alive } from "./play.ts";

let turn: Promise<unknown> = Promise.resolve();

/**
 * What the same user does meanwhile in another tab. One tab after the other: several widths are looked at side by side, and what two
 * of them save at the same time would be refused.
 */
export function inAnotherTab(page: Page, act: (other: Page) => Promise<void>): Promise<void> {
  const mine = turn.then(async () => {
    const other = await page.context().newPage();
    try {
      await other.goto(page.url());
      await act(other);
    } finally {
      await other.close();
    }
  });
  turn = mine.catch(() => {});
  return mine;
}

/** A form is saved there as it is, so that what was seeded stays as it is. @param save the words of its button */
export const savedInAnotherTab = (page: Page, save: string) =>
  inAnotherTab(page, async (other) => {
    const button = other.getByRole("button", { name: save, exact: true });
    await alive(button);
    await button.click();
    await other.waitForURL((url) => !url.pathname.endsWith("/edit"));
  });
