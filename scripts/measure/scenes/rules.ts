import type { Page } from "@playwright/test";
import type { Words } from "../../words.ts";
import { savedInAnotherTab } from "../meanwhile.ts";
import { alive } from "../play.ts";
import { at, cutOff, growOld, rulesOf, type Scene, SOURCE, untilAskable } from "../scene.ts";
import type { StageFacts } from "../stage-facts.ts";

const rule =
  (key: string, rest = "") =>
  ({ seeded }: StageFacts) =>
    `/rules/${seeded.rules[key]?.id ?? ""}${rest}`;

const newRule =
  (key: string) =>
  ({ seeded }: StageFacts) =>
    `/rules/new?instance=${seeded.instances[key] ?? ""}`;

const selectTwo = async (page: Page) => {
  const rows = page.locator("tbody [role=checkbox], tbody input[type=checkbox]");
  await rows.nth(1).click();
  await rows.nth(2).click();
};

/** Until the first verdicts are there. */
const untilPreviewed = async (page: Page, t: Words) => {
  await page
    .getByRole("table", { name: t("preview.caption") })
    .locator("tbody tr")
    .first()
    .waitFor();
};

/** Until the verification of a form is taken over: it is the last part of it whose scripts come. */
const untilWhole = async (page: Page, t: Words) => {
  await page.waitForFunction(
    (title) =>
      [...document.querySelectorAll("legend")].some(
        (legend) =>
          legend.textContent === title && Object.keys(legend).some((key) => key.startsWith("__react")),
      ),
    t("verify.form.section"),
  );
};

export const RULE_SCENES: readonly Scene[] = [
  at("rules", rulesOf(SOURCE)),
  at("rules-filtered-empty", rulesOf(SOURCE, "&q=no-such-rule")),
  at("rules-failed", rulesOf(SOURCE, "&state=failed")),
  at("rules-tasks", rulesOf(SOURCE, "&view=tasks")),
  at("rules-tasks-filtered-empty", rulesOf(SOURCE, "&view=tasks&q=no-such-rule")),
  at("rules-tasks-none", rulesOf("oregon", "&view=tasks")),
  at("rules-tasks-stale", rulesOf(SOURCE, "&view=tasks"), { prepare: cutOff, act: growOld }),
  at("rules-incoming", rulesOf(SOURCE, "&view=incoming")),
  at("rules-incoming-stale", rulesOf(SOURCE, "&view=incoming"), { prepare: cutOff, act: growOld }),
  at("rules-incoming-filtered-empty", rulesOf("singapore", "&view=incoming&q=no-such-rule")),
  at("rules-incoming-none", rulesOf("oregon", "&view=incoming")),
  at("rules-of-instance-without", rulesOf("oregon")),
  at("rules-no-instance", "/rules", { variant: "first-use" }),
  at("rules-one-instance", "/rules", { variant: "one-instance" }),
  at("rules-no-grant", "/rules", { user: "nobody" }),
  at("rules-view-only", rulesOf(SOURCE), { user: "viewer" }),
  at("rules-forbidden", rulesOf("singapore"), { user: "receiver", act: untilAskable }),
  at("rules-stale", rulesOf(SOURCE), {
    prepare: cutOff,
    act: growOld,
  }),
  at("rules-switcher", rulesOf(SOURCE), {
    act: async (page, t) => {
      await page.getByRole("button", { name: new RegExp(`^${t("rules.switcher.label")}`) }).click();
      await page.getByRole("option").first().waitFor();
    },
  }),
  at("rules-selected", rulesOf(SOURCE), { wide: true, act: selectTwo }),
  at("rules-delete-selected", rulesOf(SOURCE), {
    wide: true,
    act: async (page, t) => {
      await selectTwo(page);
      await page
        .getByRole("button", { name: t("rules.remove"), exact: true })
        .last()
        .click();
      await page.getByRole("dialog").waitFor();
    },
  }),
  at("rules-delete", rulesOf(SOURCE), {
    act: async (page, t) => {
      const row = page.getByRole("row").filter({ hasText: "risk-models" });
      const remove = row.getByRole("button", { name: t("rules.remove"), exact: true });
      if (await remove.isVisible()) {
        await remove.click();
      } else {
        // Below 1280 px it is in the menu.
        await page
          .getByRole("button", { name: t("rules.moreActions", { rule: "risk-models" }) })
          .first()
          .click();
        await page.getByRole("menuitem", { name: t("rules.remove"), exact: true }).click();
      }
      await page.getByRole("dialog").waitFor();
    },
  }),
  at("rule", rule("trade-to-singapore")),
  at("rule-partial", rule("base-everywhere")),
  at("rule-nothing-matched", rule("nightly-to-hangzhou")),
  at("rule-failed", rule("payments-prod")),
  at("rule-never-run", rule("just-created")),
  at("rule-filtered-empty", rule("trade-to-singapore", "?q=no-such-task")),
  at("rule-verified", rule("everything")),
  at("rule-edit-verified", rule("everything", "/edit"), { act: untilWhole }),
  at("rule-verify", rule("everything"), {
    act: async (page, t) => {
      const button = page.getByRole("button", { name: t("verify.action"), exact: true });
      if (await button.isVisible()) {
        await button.click();
      } else {
        await page.getByRole("button", { name: t("rules.moreActions", { rule: "everything" }) }).click();
        await page.getByRole("menuitem", { name: t("verify.action"), exact: true }).click();
      }
      await page.getByRole("dialog").waitFor();
    },
  }),
  at("rule-narrowed", rule("hub-mirror")),
  at("rule-stale", rule("trade-to-singapore"), { prepare: cutOff, act: growOld }),
  at("rule-disabled", rule("archive-2024")),
  at("rule-paused", rule("partners-jakarta")),
  at("rule-long", rule("longest")),
  at("rule-markup", rule("markup")),
  at("rule-view-only", rule("trade-to-singapore"), { user: "viewer" }),
  at("rule-not-visible", rule("trade-to-singapore"), { user: "receiver" }),
  at("rule-not-found", "/rules/00000000-0000-7000-8000-000000000000"),
  at("rule-new", newRule(SOURCE)),
  at("rule-new-errors", newRule(SOURCE), {
    act: async (page, t) => {
      await page.getByRole("button", { name: t("rules.form.submit"), exact: true }).click();
      await page.getByRole("alert").or(page.locator("[aria-invalid=true]")).first().waitFor();
    },
  }),
  at("rule-new-pattern-error", newRule(SOURCE), {
    act: async (page, t) => {
      await page.getByLabel(t("rules.form.tagPattern"), { exact: true }).fill("v(?=1)");
      await page.waitForTimeout(600);
    },
  }),
  at("rule-new-preview", newRule("lab"), {
    act: async (page, t) => {
      const namespace = page
        .getByRole("combobox", { name: new RegExp(`^${t("rules.form.namespace")}`) })
        .first();
      await namespace.fill("commerce");
      await page.keyboard.press("Tab");
      await page.getByLabel(t("rules.form.tagPattern"), { exact: true }).fill("1\\..*");
      await page.getByRole("combobox", { name: new RegExp(t("rules.form.targetInstance")) }).click();
      await page.getByRole("option", { name: /lab-mirror/ }).click();
      await page.waitForTimeout(1800);
    },
  }),
  at("rule-edit", rule("base-everywhere", "/edit"), { act: untilWhole }),
  at("rule-edit-narrowed", rule("lab-releases", "/edit"), { act: untilPreviewed }),
  at("rule-edit-leaving", rule("base-everywhere", "/edit"), {
    act: async (page, t) => {
      const description = page.getByLabel(t("rules.form.description"), { exact: true });
      // What is typed before is not heard of yet, and nobody asks about it.
      await alive(description);
      await description.fill("v2");
      await page.getByRole("navigation", { name: "breadcrumb" }).getByRole("link").first().click();
      await page.getByRole("alertdialog").or(page.getByRole("dialog")).first().waitFor();
    },
  }),
  at("rule-edit-conflict", rule("just-created", "/edit"), {
    act: async (page, t) => {
      const save = t("rules.form.save");
      const description = page.getByLabel(t("rules.form.description"), { exact: true });
      await alive(description);
      await savedInAnotherTab(page, save);
      await description.fill("v2");
      await page.getByRole("button", { name: save, exact: true }).click();
      await page.getByRole("button", { name: t("rules.conflict.show") }).click();
      await page.getByRole("button", { name: t("rules.conflict.takeTheirs") }).waitFor();
    },
  }),
  at("rule-edit-forbidden", rule("payments-prod", "/edit"), { user: "viewer", act: untilAskable }),
];
