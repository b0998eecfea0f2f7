import { at, openedBy, type Scene } from "../scene.ts";

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
  at("notices-deliveries", "/notifications?view=deliveries"),
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
