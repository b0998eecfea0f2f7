import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium } from "@playwright/test";
import { StartError } from "../stack/data-folder.ts";
import type { Language } from "../words.ts";

export const CHROMIUM = process.env.CHROMIUM_PATH || "/usr/bin/chromium";

export const CHROMIUM_FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
  // Chromium's sandbox does not run as root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** @throws {StartError} when there is no Chromium */
export function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new StartError(
      `There is no Chromium at ${CHROMIUM}: install the package chromium, or set CHROMIUM_PATH.`,
    );
  }
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
}

export interface Visitor {
  origin: string;
  language: Language;
  /** Null: nobody is signed in. */
  cookie: Cookie | null;
}

export type Cookie = Awaited<ReturnType<BrowserContext["cookies"]>>[number];

/** A browser of its own for one visitor, with animations off: what is looked at stands still. */
export async function openContext(browser: Browser, visitor: Visitor): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: visitor.origin,
    locale: visitor.language,
    timezoneId: "Asia/Shanghai",
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
  });
  if (visitor.cookie) {
    await context.addCookies([visitor.cookie]);
  }
  return context;
}
