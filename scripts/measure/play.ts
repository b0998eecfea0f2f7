import type { Browser, BrowserContext, Locator, Page } from "@playwright/test";
import { type Language, type Words, wordsOf } from "../words.ts";
import { openContext } from "./browser.ts";
import type { Scene } from "./scene.ts";
import { openStage, type Stage } from "./stage.ts";
import type { StageVariant } from "./stage-facts.ts";

export type Stages = ReadonlyMap<StageVariant, Stage>;

export const variantOf = (scene: Scene): StageVariant => scene.variant ?? "full";

/** One console for each variant that the scenes ask for. */
export async function openStages(scenes: readonly Scene[]): Promise<Stages> {
  const stages = new Map<StageVariant, Stage>();
  // One after the other: the first may have to build.
  for (const variant of new Set(scenes.map(variantOf))) {
    stages.set(variant, await openStage(variant));
  }
  return stages;
}

export async function stopStages(stages: Stages): Promise<void> {
  await Promise.all([...stages.values()].map((stage) => stage.stop()));
}

/** One browser context for each console, user and language; what is set there by one page is not seen by another scene's user. */
export class Visitors {
  readonly #contexts = new Map<string, Promise<BrowserContext>>();
  readonly #browser: Browser;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  contextOf(stage: Stage, user: string | null, language: Language): Promise<BrowserContext> {
    const key = `${stage.origin} ${user} ${language}`;
    const known = this.#contexts.get(key) ?? this.#open(stage, user, language);
    this.#contexts.set(key, known);
    return known;
  }

  async #open(stage: Stage, user: string | null, language: Language): Promise<BrowserContext> {
    const cookie = user === null ? null : await stage.cookieOf(this.#browser, user);
    return openContext(this.#browser, { origin: stage.origin, language, cookie });
  }
}

const SETTLE_MS = 150;
const ACT_MS = 20_000;
const CONNECT_MS = 4_000;
/** A page that is read in vain takes its time. */
const OPEN_MS = 30_000;

interface Playing {
  scene: Scene;
  stage: Stage;
  language: Language;
  /** By default that of the context. */
  viewport?: { width: number; height: number };
}

/** A new page brought into the state of a scene; the caller closes it. @throws when it does not get there */
export async function play(
  context: BrowserContext,
  { scene, stage, language, viewport }: Playing,
): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(ACT_MS);
  page.setDefaultNavigationTimeout(OPEN_MS);
  try {
    if (viewport) {
      await page.setViewportSize(viewport);
    }
    await scene.prepare?.(page);
    const path = typeof scene.path === "string" ? scene.path : scene.path(stage);
    await page.goto(path, { waitUntil: scene.early ? "commit" : "load" });
    await page.locator("body > *").first().waitFor({ state: "attached" });
    await hydrated(page);
    const t = wordsOf(language);
    await scene.act?.(page, t);
    await connected(page, t);
    await page.waitForTimeout(SETTLE_MS);
    return page;
  } catch (error) {
    await page.close();
    throw error;
  }
}

/** Until React has taken over: what is clicked before that does nothing. */
export async function hydrated(page: Page): Promise<void> {
  await page
    .waitForFunction(
      () => {
        const element = document.querySelector("main *, form *, body *");
        return element !== null && Object.keys(element).some((name) => name.startsWith("__react"));
      },
      undefined,
      { timeout: 3_000 },
    )
    .catch(() => undefined);
}

/**
 * Until React has taken over this element, not only drawn it: what comes before waits, and what follows it overtakes it. React stops, at
 * the document, what it cannot take yet (app/layout.tsx); nobody listens to this event.
 */
export async function alive(control: Locator): Promise<void> {
  const element = await control.elementHandle();
  await control.page().waitForFunction(
    (node) => {
      let passed = false;
      const pass = () => {
        passed = Object.keys(node ?? {}).some((name) => name.startsWith("__react"));
      };
      node?.addEventListener("touchcancel", pass, { once: true });
      node?.dispatchEvent(new Event("touchcancel", { bubbles: true }));
      return passed;
    },
    element,
    { timeout: ACT_MS },
  );
}

/** Until the page hears of what changes; one that was cut off never does, and says so. */
async function connected(page: Page, t: Words): Promise<void> {
  await page
    .getByText(t("status.live.connecting"), { exact: true })
    .waitFor({ state: "hidden", timeout: CONNECT_MS })
    .catch(() => undefined);
}

/** Runs the work for each item, at most `width` at a time. */
export async function inLanes<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
