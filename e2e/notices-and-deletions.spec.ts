import { expect, type Page, test } from "@playwright/test";
import { type WebhookReceiver, webhookReceiver } from "../lib/testing/webhook-receiver.ts";
import { wordsOf } from "../scripts/words.ts";
import { beginning, scriptsTookOver } from "./journey.ts";
import { rootConsole } from "./root-context.ts";

/** What root sets up and decides in dialogs: where notices go, and what of a target may be deleted. */
const t = wordsOf("zh-CN");
const root = rootConsole({ height: 1300 });
let receiver: WebhookReceiver;
let page: Page;
test.beforeAll(async () => {
  receiver = await webhookReceiver();
});
test.afterAll(async () => {
  await receiver?.stop();
});
test.beforeEach(async () => {
  page = await root.context.newPage();
});
test.afterEach(async () => {
  await page.close();
});

const toast = (text: string) => page.getByText(text, { exact: true }).last();
const dialog = () => page.getByRole("dialog");

/** Goes there and waits until the page hears what happens elsewhere: what happened before that it would not be told. */
async function listening(where: Page, path: string): Promise<void> {
  const stream = where.waitForResponse("**/api/live");
  await where.goto(path);
  await stream;
}

test.describe("an address of notices", () => {
  const NAME = "值班群 e2e";
  const row = () => page.getByRole("row").filter({ hasText: NAME });

  async function opened(view = ""): Promise<void> {
    await page.goto(`/notifications${view}`);
    await scriptsTookOver(page, "[data-key=n]");
  }

  test("is created with a secret that is shown once, tested, seen among the deliveries, switched off and deleted", async () => {
    // Four steps, each as long as a test of its own.
    test.setTimeout(300_000);
    await test.step("created", async () => {
      await opened();
      await page.getByRole("button", { name: t("notices.new") }).click();
      await dialog()
        .getByRole("combobox", { name: beginning(t("notices.form.kind")) })
        .click();
      await page.getByRole("option", { name: t("notices.kind.generic") }).click();
      await dialog()
        .getByLabel(beginning(t("notices.form.name")))
        .fill(NAME);
      await dialog()
        .getByLabel(beginning(t("notices.form.url")))
        .fill("http://10.0.0.1/not-allowed");
      await dialog()
        .getByRole("button", { name: t("notices.form.submitCreate") })
        .click();
      await expect(
        dialog()
          .getByText(/^whsec_/)
          .first(),
      ).toBeVisible();
      await dialog()
        .getByRole("button", { name: t("notices.secret.done") })
        .click();
      await expect(row()).toContainText("10.0.0.1");
    });

    await test.step("tested: first what is not allowed, then a receiver that takes it", async () => {
      await row()
        .getByRole("button", { name: t("notices.test.of", { name: NAME }) })
        .click();
      await expect(dialog().getByText(t("notices.test.failed")).first()).toBeVisible();
      await expect(dialog().getByText(t("notices.failure.egress"))).toBeVisible();
      await dialog()
        .getByRole("button", { name: t("notices.test.close") })
        .click();

      await row()
        .getByRole("button", { name: t("notices.edit.of", { name: NAME }) })
        .click();
      await dialog()
        .getByLabel(beginning(t("notices.form.url")))
        .fill(receiver.url);
      await dialog()
        .getByRole("button", { name: t("notices.form.submitEdit") })
        .click();
      await expect(toast(t("notices.form.saved", { name: NAME }))).toBeVisible();

      receiver.answer({ status: 200, body: "heard you" });
      await row()
        .getByRole("button", { name: t("notices.test.of", { name: NAME }) })
        .click();
      await expect(dialog().getByText(t("notices.test.sent")).first()).toBeVisible();
      await expect(dialog().getByText("heard you")).toBeVisible();
      await dialog()
        .getByRole("button", { name: t("notices.test.close") })
        .click();
      expect(receiver.received).toHaveLength(1);
      expect(receiver.received[0]?.headers["webhook-signature"]).toMatch(/^v1,/);
    });

    await test.step("seen among the deliveries, each with what became of it", async () => {
      await row()
        .getByRole("button", { name: t("notices.more", { name: NAME }) })
        .click();
      await page.getByRole("menuitem", { name: t("notices.log.action") }).click();
      await expect(page).toHaveURL(/view=deliveries/);
      await expect(row()).toHaveCount(2);
      await expect(row().first()).toContainText(t("notices.state.sent"));
      await expect(row().last()).toContainText(t("notices.state.failed"));
    });

    await test.step("switched off, and deleted", async () => {
      await opened();
      const control = row().getByRole("switch");
      await control.click();
      await expect(toast(t("notices.off", { name: NAME }))).toBeVisible();
      await expect(control).not.toBeChecked();
      await row()
        .getByRole("button", { name: t("notices.more", { name: NAME }) })
        .click();
      await page.getByRole("menuitem", { name: t("notices.remove.action") }).click();
      await expect(dialog()).toContainText(t("notices.remove.title", { name: NAME }));
      await dialog()
        .getByRole("button", { name: t("notices.remove.action") })
        .click();
      await expect(toast(t("notices.remove.done", { name: NAME }))).toBeVisible();
      await expect(row()).toHaveCount(0);
      // Nothing but the one test was ever sent.
      expect(receiver.received).toHaveLength(1);
    });
  });

  test("is seen to be switched by whoever else looks at the list", async () => {
    await listening(page, "/notifications");
    const seen = page.getByRole("switch").first();
    const was = await seen.isChecked();
    const other = await root.context.newPage();
    try {
      await other.goto("/notifications");
      await scriptsTookOver(other, "[role=switch]");
      const control = other.getByRole("switch").first();
      for (const checked of [!was, was]) {
        await control.click();
        await expect(control).not.toHaveAttribute("aria-busy", "true");
        await expect(seen).toBeChecked({ checked });
        await expect(control).toBeChecked({ checked });
      }
    } finally {
      await other.close();
    }
  });

  test("that somebody else saved meanwhile: who, what differs, and whose counts, also where the page knows of it already", async () => {
    const [theirs, mine] = ["deploy-robot", "deploy-bot-2"];
    const other = await root.context.newPage();
    const editing = async (where: Page, name: string) => {
      await listening(where, "/notifications");
      await where.getByRole("button", { name: t("notices.edit.of", { name: "deploy-bot" }) }).click();
      const field = where.getByRole("dialog").getByLabel(beginning(t("notices.form.name")));
      await field.fill(name);
      return where.getByRole("dialog").getByRole("button", { name: t("notices.form.submitEdit") });
    };
    const saveMine = await editing(page, mine);
    await (await editing(other, theirs)).click();
    await expect(other.getByRole("dialog")).toHaveCount(0);
    await expect(page.locator("main tbody").getByText(theirs, { exact: true })).toBeAttached();

    await saveMine.click();
    const conflict = dialog().getByRole("alert");
    await expect(conflict).toContainText(t("errors.notice-changed", { user: "zhoumin" }));
    await expect(conflict.getByRole("row").filter({ hasText: theirs })).toContainText(mine);
    await conflict.getByRole("button", { name: t("instances.conflict.mine") }).click();
    await expect(dialog()).toHaveCount(0);
    await expect(page.locator("main tbody").getByText(mine, { exact: true })).toBeVisible();
    await other.close();
  });
});

test.describe("deletions that follow a source", () => {
  const rule = () => root.stage.seeded.rules["base-everywhere"]?.id ?? "";
  const HELD = 14;
  const row = (tag: string) => page.getByRole("row").filter({ hasText: tag });
  const chip = (state: string) =>
    page.getByRole("link", { name: new RegExp(`^${t(`deletions.state.${state}`)}`) });

  async function opened(query = ""): Promise<void> {
    await page.goto(`/rules/${rule()}/deletions${query}`);
    await scriptsTookOver(page, "main table button, main a");
  }

  test("held: one is kept, one is let go after a question, and the page of the rule follows", async () => {
    const rulePage = await root.context.newPage();
    try {
      await listening(rulePage, `/rules/${rule()}`);
      const summary = (n: number) => rulePage.getByText(t("deletions.summary.held", { n }));
      await expect(summary(HELD)).toBeVisible();

      await opened("?state=held");
      await expect(page.getByText(t("deletions.heldTitle", { n: HELD }))).toBeVisible();
      const keep = t("deletions.action.keep");
      await row("v3.14.0")
        .getByRole("button", { name: beginning(keep) })
        .click();
      await expect(toast(t("deletions.done.keep", { n: 1 }))).toBeVisible();
      await expect(row("v3.14.0")).toHaveCount(0);
      await expect(summary(HELD - 1)).toBeVisible();

      await row("v3.13.0")
        .getByRole("button", { name: beginning(t("deletions.action.confirm")) })
        .click();
      await expect(dialog()).toContainText("v3.13.0");
      await dialog()
        .getByRole("button", { name: t("deletions.action.confirm") })
        .click();
      await expect(toast(t("deletions.done.confirm", { n: 1 }))).toBeVisible();
      await expect(row("v3.13.0")).toHaveCount(0);
      await expect(summary(HELD - 2)).toBeVisible();
    } finally {
      await rulePage.close();
    }
  });

  test("everything that is held is released at once, and none of it is gone before its delay", async () => {
    await opened("?state=held");
    const held = await page.getByRole("row").count();
    expect(held).toBeGreaterThan(1);
    await page
      .getByRole("button", { name: beginning(t("deletions.action.confirmAll", { n: "" }).slice(0, 4)) })
      .first()
      .click();
    await dialog()
      .getByRole("button", { name: t("deletions.action.confirm") })
      .click();
    await expect(dialog()).toHaveCount(0);
    await expect(page.getByText(t("deletions.noMatch", { state: t("deletions.state.held") }))).toBeVisible();
    await chip("pending").click();
    await expect(row("v3.1.0")).toContainText(t("deletions.state.pending"));
    await row("v3.1.0")
      .getByRole("button", { name: beginning(t("deletions.action.keep")) })
      .click();
    await expect(row("v3.1.0")).toHaveCount(0);
  });

  test("deleted: what is still kept is asked back, what is not has no way back", async () => {
    await opened("?state=deleted");
    await expect(row("v2.7.2").getByRole("button")).toHaveCount(0);
    await row("v2.7.3")
      .getByRole("button", { name: beginning(t("deletions.action.restore")) })
      .click();
    await expect(toast(t("deletions.done.restore", { n: 1 }))).toBeVisible();
    await expect(row("v2.7.3")).toContainText(t("deletions.result.restoring"));
    await expect(row("v2.7.3").getByRole("button")).toHaveCount(0);
  });

  test("refused: tried again, except what somebody else has put there", async () => {
    await opened("?state=refused");
    await expect(row("v2.7.5").getByRole("button")).toHaveCount(0);
    await row("v2.7.7")
      .getByRole("button", { name: beginning(t("deletions.action.retry")) })
      .click();
    await expect(toast(t("deletions.done.retry", { n: 1 }))).toBeVisible();
    await expect(row("v2.7.7")).toHaveCount(0);
  });
});
