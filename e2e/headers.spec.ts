import { expect, test } from "@playwright/test";

const PAGES = ["/setup", "/login", "/rules", "/no-such-page", "/_next/image?url=%2Ficon.svg&w=64&q=75"];

test("every page answers with the headers that keep it to itself", async ({ request }) => {
  for (const path of PAGES) {
    const headers = (await request.get(path, { maxRedirects: 0 })).headers();
    expect(headers, path).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "content-security-policy": expect.stringMatching(/script-src 'self' 'nonce-[A-Za-z0-9+/]{22}=='; /),
    });
    expect(headers["content-security-policy"], path).toContain("frame-ancestors 'none'");
    expect(Object.keys(headers), path).not.toContain("x-powered-by");
    expect(JSON.stringify(headers), path).not.toContain("noted");
  }
  const nonces = await Promise.all(
    PAGES.map(async (path) => (await request.get(path)).headers()["content-security-policy"]),
  );
  expect(new Set(nonces).size).toBe(PAGES.length);
  expect((await request.get("/api/rules")).headers()["x-content-type-options"]).toBe("nosniff");
  expect((await request.get(PAGES.at(-1) ?? "")).status()).toBe(404);
});

test("a page runs under its policy, and a script that gets into it does not", async ({ page }) => {
  const violations: string[] = [];
  await page.exposeFunction("noteViolation", (directive: string) => void violations.push(directive));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
      (globalThis as unknown as { noteViolation: (directive: string) => void }).noteViolation(
        violatedDirective,
      );
    });
  });
  await page.goto("/setup");
  await expect(page.getByRole("heading").first()).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(violations).toEqual([]);

  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'ran'";
    const image = document.createElement("div");
    image.innerHTML = '<img src="/no-such-image" onerror="document.title = \'ran\'">';
    document.body.append(script, image);
  });
  await expect.poll(() => violations.length).toBe(2);
  expect(await page.title()).not.toBe("ran");
});
