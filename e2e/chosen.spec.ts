import { expect, type Page, test } from "@playwright/test";
import type { Stage } from "../scripts/measure/stage.ts";
import { rootConsole } from "./root-context.ts";

/** What is chosen in a row that scrolls sideways is in view, also where the last of the row is. */
const root = rootConsole({ height: 844 });
const PHONE = { width: 390, height: 844 };

const LISTS: Record<string, (stage: Stage) => string> = {
  rules: ({ seeded }) => `/rules?instance=${seeded.instances.shanghai}&state=disabled`,
  "rules into an instance": ({ seeded }) => `/rules?instance=${seeded.instances.shanghai}&view=incoming`,
  tasks: () => "/tasks?trigger=verify&since=24h",
  "tasks of a rule": ({ seeded }) => `/rules/${seeded.rules["trade-to-singapore"]?.id}?since=24h`,
  transfers: ({ seeded }) => `/tasks/${seeded.tasks.stopped}?status=stopped`,
  deletions: ({ seeded }) => `/rules/${seeded.rules["base-everywhere"]?.id}/deletions?state=restored`,
  deliveries: () => "/notifications?view=deliveries&state=dropped",
  "signatures of notifications": () => "/notifications?view=verify",
  audit: () => "/audit?outcome=invalid",
  settings: () => "/settings?view=system",
  topology: () => "/topology?state=disabled",
};

/** What is chosen within `main`, and of that what is beyond the edges of its row or of the window; how far the page has moved. */
async function looked(page: Page) {
  return page.evaluate(() => {
    const chosen = [
      ...document.querySelectorAll("main nav a[aria-current], main fieldset [aria-pressed=true]"),
    ].filter((each) => each.getClientRects().length > 0);
    const hidden = chosen.filter((each) => {
      const { left, right } = each.getBoundingClientRect();
      const row = each.parentElement?.getBoundingClientRect();
      // Half a pixel is how finely a row scrolls.
      return !row || left < Math.max(0, row.left) - 1 || right > Math.min(innerWidth, row.right) + 1;
    });
    return {
      chosen: chosen.length > 0,
      hidden: hidden.map((each) => each.textContent),
      moved: [scrollX, scrollY, document.querySelector("main")?.scrollTop],
    };
  });
}

/** A page becomes alive when the machine has time for it. */
const PATIENT = { timeout: 60_000 };
const IN_VIEW = { chosen: true, hidden: [], moved: [0, 0, 0] };

for (const [name, path] of Object.entries(LISTS)) {
  test(`${name}: what is chosen is in view on a phone, and where a wide window becomes one`, async () => {
    const page = await root.context.newPage();
    try {
      await page.setViewportSize(PHONE);
      await page.goto(path(root.stage));
      await expect.poll(() => looked(page), PATIENT).toEqual(IN_VIEW);

      // Nothing scrolls in it: what had been brought into view is forgotten.
      await page.setViewportSize({ ...PHONE, width: 1440 });
      await expect.poll(() => looked(page), PATIENT).toEqual(IN_VIEW);
      await page.setViewportSize(PHONE);
      await expect.poll(() => looked(page), PATIENT).toEqual(IN_VIEW);
    } finally {
      await page.close();
    }
  });
}
