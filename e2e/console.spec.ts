import { expect, test } from "@playwright/test";

test("the console answers, in Chinese, and asks nobody else for anything", async ({
  page,
  baseURL,
  request,
}) => {
  expect((await request.get("/api/healthz")).ok()).toBe(true);
  const foreign: string[] = [];
  page.on("request", (each) => {
    if (!each.url().startsWith(`${baseURL}/`) && !each.url().startsWith("data:")) {
      foreign.push(each.url());
    }
  });
  await page.goto("/login");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.getByRole("heading").first()).toBeVisible();
  expect(foreign).toEqual([]);
});
