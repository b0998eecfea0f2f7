import type { Browser, BrowserContext, BrowserContextOptions } from "@playwright/test";
import type { Stage } from "../scripts/measure/stage.ts";

/** Pages of root, who is signed in and reads Chinese, 1440 px wide. */
export async function rootContext(
  browser: Browser,
  stage: Stage,
  { height, ...options }: BrowserContextOptions & { height: number },
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: stage.origin,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    viewport: { width: 1440, height },
    ...options,
  });
  await context.addCookies([await stage.cookieOf(browser, "zhoumin")]);
  return context;
}
