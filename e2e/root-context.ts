import { type BrowserContext, type BrowserContextOptions, test } from "@playwright/test";
import { openStage, type Stage } from "../scripts/measure/stage.ts";

/** A seeded console, and the browser of root, who is signed in and reads Chinese. There from the first test of a file to its last. */
export interface RootConsole {
  readonly stage: Stage;
  readonly context: BrowserContext;
}

interface RootOptions extends Pick<BrowserContextOptions, "reducedMotion"> {
  /** Of the window, which is 1440 px wide. */
  readonly height: number;
}

/** Called once at the top of a file of tests: opens the console before the first of them, and ends it after the last. */
export function rootConsole({ height, ...options }: RootOptions): RootConsole {
  let opened: RootConsole | undefined;
  test.beforeAll(async ({ browser }) => {
    test.setTimeout(180_000);
    const stage = await openStage("full");
    const context = await browser.newContext({
      baseURL: stage.origin,
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
      viewport: { width: 1440, height },
      ...options,
    });
    opened = { stage, context };
    // What is pressed is there; only how long a busy machine takes is not known.
    context.setDefaultTimeout(60_000);
    await context.addCookies([await stage.cookieOf(browser, "zhoumin")]);
  });
  test.afterAll(async () => {
    await opened?.context.close();
    await opened?.stage.stop();
  });
  const known = (): RootConsole => {
    if (!opened) {
      throw new Error("the console is there once the first test has begun");
    }
    return opened;
  };
  return {
    get stage() {
      return known().stage;
    },
    get context() {
      return known().context;
    },
  };
}
