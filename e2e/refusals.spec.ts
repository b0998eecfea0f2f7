import { expect, test } from "@playwright/test";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { wordsOf } from "../scripts/words.ts";

/** What a person may not see or what is not there is answered by the server: status, language and words, without scripts. */
let stage: Stage;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  stage = await openStage("full");
});
test.afterAll(async () => {
  await stage?.stop();
});

const NOBODYS = "0192aaaa-0000-7000-8000-000000000000";
/** `head`: the page still says which one it is, above why it is refused. */
const REFUSED = [
  { path: "/no-such-page", status: 404, user: "zhoumin", key: "common.notFound.title" },
  { path: `/rules/${NOBODYS}`, status: 404, user: "zhoumin", key: "common.notFound.title" },
  { path: "/tasks/not-an-id", status: 404, user: "zhoumin", key: "common.notFound.title" },
  { path: "/rules/%ff", status: 404, user: "zhoumin", key: "common.notFound.title" },
  { path: "/audit", status: 403, user: "viewer", key: "common.forbidden.titleRoot", head: "audit.title" },
  {
    path: "/notifications",
    status: 403,
    user: "viewer",
    key: "common.forbidden.titleRoot",
    head: "notices.title",
  },
  { path: "/users", status: 403, user: "viewer", key: "common.forbidden.titleRoot", head: "users.title" },
] as const;

for (const language of ["zh-CN", "en"] as const) {
  test(`refusals in ${language}, without scripts`, async ({ browser }) => {
    const t = wordsOf(language);
    const context = await browser.newContext({
      baseURL: stage.origin,
      javaScriptEnabled: false,
      locale: language,
    });
    const page = await context.newPage();
    for (const { path, status, user, key, ...more } of REFUSED) {
      await context.clearCookies();
      await context.addCookies([await stage.cookieOf(browser, user)]);
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(status);
      await expect(page.locator("html"), path).toHaveAttribute("lang", language);
      await expect(page.getByRole("heading", { level: 1 }), path).toHaveText(
        t("head" in more ? more.head : key),
      );
      await expect(page.getByRole("heading", { name: t(key) }), path).toBeVisible();
      await expect(page.getByRole("navigation", { name: t("common.nav.label") }), path).toBeAttached();
      if (status === 403) {
        await expect(page.getByRole("main"), path).toContainText("周敏");
      }
    }
    await context.close();
  });
}

test("the rules of an instance that one may only send to: the switcher leads on, and what is missing is said below", async ({
  browser,
}) => {
  const t = wordsOf("zh-CN");
  const context = await browser.newContext({ baseURL: stage.origin, locale: "zh-CN" });
  await context.addCookies([await stage.cookieOf(browser, "receiver")]);
  const page = await context.newPage();
  const { singapore, beijing } = stage.seeded.instances;
  const answer = await page.goto(`/rules?instance=${singapore}&view=incoming`);
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(t("rules.title"));
  await expect(page.getByRole("button", { name: t("rules.switcher.label") })).toContainText("新加坡");
  await expect(page.getByRole("link", { name: t("rules.tabs.incoming") })).toHaveAttribute(
    "aria-current",
    "page",
  );
  await expect(page.getByRole("link", { name: t("rules.new") })).toHaveCount(0);
  const title = t("common.forbidden.title", { instance: "新加坡", grant: t("common.grant.view") });
  await expect(page.getByRole("heading", { level: 2, name: title })).toBeVisible();
  await page.getByRole("button", { name: t("rules.switcher.label") }).click();
  await page.getByRole("option", { name: /北京/ }).click();
  await expect(page).toHaveURL(new RegExp(`instance=${beijing}`));
  await context.close();
});

test("menus, lists and dialogs open under the policy of the page", async ({ browser }) => {
  const t = wordsOf("zh-CN");
  const context = await browser.newContext({ baseURL: stage.origin, locale: "zh-CN" });
  await context.addCookies([await stage.cookieOf(browser, "zhoumin")]);
  const page = await context.newPage();
  const violations: string[] = [];
  await page.exposeFunction("noteViolation", (directive: string) => void violations.push(directive));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
      (globalThis as unknown as { noteViolation: (directive: string) => void }).noteViolation(
        violatedDirective,
      );
    });
  });
  const open = async (path: string, role: "button" | "combobox", name: string, layer: string) => {
    await page.goto(path);
    await page.getByRole(role, { name }).first().click();
    await expect(page.locator(layer).first()).toBeVisible();
    await page.keyboard.press("Escape");
  };
  await open("/users", "button", t("users.create.action"), "[role=dialog]");
  await open("/users", "button", t("common.nav.account"), "[role=menu]");
  await open("/audit", "combobox", t("audit.filter.since"), "[role=listbox]");
  await page.goto("/topology");
  await expect(page.locator("h1")).toBeVisible();
  await page.waitForTimeout(1000);
  expect(violations).toEqual([]);
  await context.close();
});
