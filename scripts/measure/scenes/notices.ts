import type { Page } from "@playwright/test";
import type { Words } from "../../words.ts";
import { inAnotherTab } from "../meanwhile.ts";
import { at, openedBy, type Scene } from "../scene.ts";

const EDITED = "值班群";
const saveAddress = async (page: Page, t: Words) => {
  await page
    .getByRole("dialog")
    .getByRole("button", { name: t("notices.form.submitEdit"), exact: true })
    .click();
};

export const NOTICE_SCENES: readonly Scene[] = [
  at("notices", "/notifications"),
  at("notices-first-use", "/notifications", { variant: "first-use" }),
  at("notices-forbidden", "/notifications", { user: "viewer" }),
  at("notices-new", "/notifications", { act: openedBy("notices.new") }),
  at("notices-edit", "/notifications", { act: openedBy("notices.edit.of", { name: "平台组" }) }),
  at("notices-test", "/notifications", {
    act: async (page, t) => {
      await openedBy("notices.test.of", { name: "deploy-bot" })(page, t);
      await page.getByText(t("notices.test.busy")).waitFor({ state: "hidden" });
    },
  }),
  // Saved as it is: what was seeded stays as it is.
  at("notices-conflict", "/notifications", {
    act: async (page, t) => {
      const edit = openedBy("notices.edit.of", { name: EDITED });
      await edit(page, t);
      await inAnotherTab(page, async (other) => {
        await edit(other, t);
        await saveAddress(other, t);
        await other.getByRole("dialog").waitFor({ state: "hidden" });
      });
      await page
        .getByRole("dialog")
        .getByLabel(new RegExp(`^${t("notices.form.name")}`))
        .fill("夜班群");
      await saveAddress(page, t);
      await page.getByRole("button", { name: t("instances.conflict.mine") }).waitFor();
    },
  }),
  at("notices-deliveries", "/notifications?view=deliveries"),
  at("notices-deliveries-dropped", "/notifications?view=deliveries&state=dropped"),
  at("notices-deliveries-empty", "/notifications?view=deliveries", { variant: "first-use" }),
  at(
    "notices-deliveries-filtered-empty",
    "/notifications?view=deliveries&state=dropped&address=00000000-0000-7000-8000-000000000000",
  ),
  at("notices-answer", "/notifications?view=deliveries", {
    act: async (page, t) => {
      await page.getByText(t("notices.deliveries.answerShort")).nth(1).click();
    },
  }),
  at("notices-verify", "/notifications?view=verify"),
];
