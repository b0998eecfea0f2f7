import { at, openedBy, rulesOf, type Scene, SOURCE } from "../scene.ts";

export const PEOPLE_SCENES: readonly Scene[] = [
  at("users", "/users"),
  at("users-filtered-empty", "/users?q=no-such-user"),
  at("users-first-use", "/users", { variant: "first-use" }),
  at("users-forbidden", "/users", { user: "viewer" }),
  at("users-create", "/users", { act: openedBy("users.create.action") }),
  at("users-disable", "/users", { act: openedBy("users.disableOf", { name: "chenli" }) }),
  at("users-delete", "/users", { act: openedBy("users.deleteOf", { name: "chenli" }) }),
  at("users-reset", "/users", { act: openedBy("users.resetOf", { name: "chenli" }) }),
  at("grants", "/users?view=grants"),
  at("grants-first-use", "/users?view=grants", { variant: "first-use" }),
  at("grants-unsaved", "/users?view=grants", {
    act: async (page) => {
      await page.getByRole("checkbox").nth(6).click();
      await page.waitForTimeout(200);
    },
  }),
  at("audit", "/audit"),
  at("audit-open", "/audit", {
    act: async (page, t) => {
      await page
        .getByRole("button", { name: t("audit.changes", { n: 2 }), exact: true })
        .first()
        .click();
    },
  }),
  at("audit-first-use", "/audit", { variant: "first-use" }),
  at("audit-denied", "/audit?outcome=denied"),
  at("audit-filtered-empty", "/audit?q=no-such-thing"),
  at("audit-forbidden", "/audit", { user: "viewer" }),
  at("settings", "/settings"),
  at("settings-system", "/settings?view=system"),
  at("settings-system-forbidden", "/settings?view=system", { user: "viewer" }),
  at("settings-sub-account", "/settings", { user: "chenli" }),
  at("account", "/account"),
  at("login", "/login", { user: null }),
  at("login-refused", "/login", {
    user: null,
    act: async (page, t) => {
      await page.getByLabel(t("auth.username")).fill("zhoumin");
      await page.getByLabel(t("auth.password"), { exact: true }).fill("not the password");
      await page.getByRole("button", { name: t("auth.signIn") }).click();
      // Next has an empty alert of its own on every page.
      await page.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor();
    },
  }),
  at("setup", ({ setupUrl }) => setupUrl ?? "/setup", { variant: "empty", user: null }),
  at("setup-without-token", "/setup", { variant: "empty", user: null }),
  at("not-found", "/no-such-page"),
  at("not-found-signed-out", "/no-such-page", { user: null }),
  at("user-menu", rulesOf(SOURCE), {
    act: async (page, t) => {
      await page
        .getByRole("button", { name: new RegExp(`${t("common.nav.account")}|^${t("common.nav.menu")}$`) })
        .locator("visible=true")
        .first()
        .click();
      await page.getByRole("menu").waitFor();
    },
  }),
  at("shortcuts", rulesOf(SOURCE), {
    act: async (page) => {
      // The rows have keys of their own, once they are taken over.
      await page.waitForFunction(() => {
        const row = document.querySelector("main tbody tr");
        return row !== null && Object.keys(row).some((name) => name.startsWith("__react"));
      });
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  }),
];
