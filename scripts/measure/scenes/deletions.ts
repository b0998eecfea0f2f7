import { at, cutOff, growOld, type Scene } from "../scene.ts";
import type { StageFacts } from "../stage-facts.ts";

const deletions =
  (query = "") =>
  ({ seeded }: StageFacts) =>
    `/rules/${seeded.rules["base-everywhere"]?.id ?? ""}/deletions${query}`;

export const DELETION_SCENES: readonly Scene[] = [
  at("deletions", deletions()),
  at("deletions-held", deletions("?state=held")),
  at("deletions-refused", deletions("?state=refused")),
  at("deletions-view-only", deletions("?state=pending"), { user: "viewer" }),
  at("deletions-confirm", deletions("?state=held"), {
    act: async (page, t) => {
      await page
        .getByRole("button", { name: t("deletions.action.confirmAll", { n: 14 }) })
        .first()
        .click();
      await page.getByRole("dialog").waitFor();
    },
  }),
  at(
    "deletions-filtered-empty",
    ({ seeded }) => `/rules/${seeded.rules["just-created"]?.id ?? ""}/deletions?state=held`,
  ),
  at("deletions-stale", deletions(), { prepare: cutOff, act: growOld }),
  at("deletions-off", ({ seeded }) => `/rules/${seeded.rules["just-created"]?.id ?? ""}/deletions`),
  at("rule-edit-deletion", ({ seeded }) => `/rules/${seeded.rules["base-everywhere"]?.id ?? ""}/edit`, {
    act: async (page, t) => {
      // The form is drawn anew when its scripts take over: what is scrolled to may just have been replaced.
      await page.getByText(t("deletions.form.impactTitle")).evaluate((title) => title.scrollIntoView());
    },
  }),
];
