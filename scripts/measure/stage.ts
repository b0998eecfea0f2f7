import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Browser } from "@playwright/test";
import { ROOT } from "../root.ts";
import { StartError } from "../stack/data-folder.ts";
import { wordsOf } from "../words.ts";
import { type Cookie, openContext } from "./browser.ts";
import { isHeld, PASSWORD, type StageFacts, type StageVariant } from "./stage-facts.ts";

/** A console in the production build on a database of its own, filled with rows that show every state. */
export interface Stage extends StageFacts {
  readonly variant: StageVariant;
  /** The session of a seeded user. */
  cookieOf(browser: Browser, username: string): Promise<Cookie>;
  stop(): Promise<void>;
}

/** @param workers by default none: what runs is a row that says so */
export async function openStage(variant: StageVariant, workers = 0): Promise<Stage> {
  const child = fork(join(ROOT, "scripts/measure/stage-process.ts"), [variant, String(workers)], {
    cwd: ROOT,
    // Ctrl-C reaches this process only; the channel tells the child.
    detached: true,
  });
  const exited = once(child, "exit");
  const answer = once(child, "message") as Promise<[StageFacts | { failed: string }]>;
  const [facts] = await Promise.race([
    answer,
    exited.then((): never => {
      throw new StartError(`The ${variant} console ended before it was ready.`);
    }),
  ]);
  if ("failed" in facts) {
    throw new StartError(facts.failed);
  }
  const then = async (cookie: Cookie) => {
    if (isHeld(variant)) {
      const held = once(child, "message");
      child.send("hold");
      await held;
    }
    return cookie;
  };
  const cookies = new Map<string, Promise<Cookie>>();
  return {
    ...facts,
    variant,
    cookieOf(browser, username) {
      const cookie = cookies.get(username) ?? signIn(browser, facts.origin, username).then(then);
      cookies.set(username, cookie);
      return cookie;
    },
    async stop() {
      if (child.connected) {
        child.disconnect();
      }
      await exited;
    },
  };
}

export async function signIn(browser: Browser, origin: string, username: string): Promise<Cookie> {
  const t = wordsOf("zh-CN");
  const context = await openContext(browser, { origin, language: "zh-CN", cookie: null });
  try {
    const page = await context.newPage();
    await page.goto("/login");
    await page.getByLabel(t("auth.username")).fill(username);
    await page.getByLabel(t("auth.password"), { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: t("auth.signIn") }).click();
    await page.waitForURL((url) => url.pathname !== "/login");
    const cookie = (await context.cookies()).find(({ name }) => name.includes("lockstep-session"));
    if (!cookie) {
      throw new Error(`${username} could not sign in`);
    }
    return cookie;
  } finally {
    await context.close();
  }
}
