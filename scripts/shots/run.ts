import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { launchBrowser } from "../measure/browser.ts";
import { inLanes, openStages, play, type Stages, stopStages, Visitors, variantOf } from "../measure/play.ts";
import type { Scene } from "../measure/scene.ts";
import { SCENES } from "../measure/scenes.ts";
import { printError } from "../print.ts";
import { ROOT } from "../root.ts";
import { onStopSignal } from "../signals.ts";
import { LANGUAGES, type Language } from "../words.ts";
import { type ShotOptions, shotOptions, THEMES, type Theme, type Width } from "./options.ts";
import { makeSheets, type Picture } from "./sheets.ts";

const FOLDER = join(ROOT, "shots");
const LANES = 3;
const MAX_HEIGHT = 2200;
/** On a busy machine a tall page takes its time to be drawn. */
const PICTURE_MS = 30_000;
/** As in the stylesheet: below, the rows of a table are articles. */
const TABLES_FROM = 768;
const HEIGHT: Readonly<Record<Width, number>> = { 1440: 900, 1024: 768, 800: 1000, 390: 844, 320: 640 };

/** @returns the exit code: 0 only if every scene came into its state */
export async function runShots(args: readonly string[]): Promise<number> {
  let stages: Stages | undefined;
  let browser: Browser | undefined;
  try {
    const options = shotOptions(args);
    const scenes = SCENES.filter(
      ({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part)),
    );
    if (options.list || scenes.length === 0) {
      console.log(SCENES.map(({ name }) => name).join("\n"));
      return options.list ? 0 : 2;
    }
    onStopSignal(
      () => process.exit(130),
      () => process.exit(130),
    );
    const startedAt = performance.now();
    browser = await launchBrowser();
    stages = await openStages(scenes);
    const { pictures, missed } = await takeAll(browser, stages, { scenes, options });
    const sheets = await makeSheets(browser, FOLDER, pictures);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(
      `shots: ${pictures.length} pictures, ${sheets} sheets, ${missed.length} scenes missed (${seconds} s)`,
    );
    return missed.length === 0 ? 0 : 1;
  } catch (error) {
    printError(error);
    return 1;
  } finally {
    await browser?.close();
    await (stages && stopStages(stages));
  }
}

async function takeAll(
  browser: Browser,
  stages: Stages,
  { scenes, options }: { scenes: readonly Scene[]; options: ShotOptions },
): Promise<{ pictures: Picture[]; missed: string[] }> {
  if (options.only.length === 0) {
    rmSync(FOLDER, { recursive: true, force: true });
  }
  mkdirSync(FOLDER, { recursive: true });
  const visitors = new Visitors(browser);
  const pictures: Picture[] = [];
  const missed: string[] = [];
  const jobs = options.languages.flatMap((language) =>
    scenes.flatMap((scene) => {
      const widths = options.widths.filter(
        (width) => isLookedAt(options, { width, language }) && (!scene.wide || width >= TABLES_FROM),
      );
      return sittingsOf(scene, { widths, themes: options.themes }).map((sitting) => ({
        scene,
        language,
        ...sitting,
      }));
    }),
  );
  await inLanes(jobs, LANES, async ({ scene, language, widths, themes }) => {
    const stage = stages.get(variantOf(scene));
    const [width] = widths;
    if (!stage || !width) {
      return;
    }
    const user = scene.user === undefined ? "zhoumin" : scene.user;
    try {
      const context = await visitors.contextOf(stage, user, language);
      const viewport = { width, height: HEIGHT[width] };
      const page = await play(context, { scene, stage, language, viewport });
      pictures.push(...(await takePictures(page, { scene, language, widths, themes, options })));
      await page.close();
    } catch (error) {
      missed.push(`${scene.name} ${language} ${widths}`);
      console.error(
        `missed: ${scene.name} (${language}, ${widths}): ${error instanceof Error ? error.message : error}`,
      );
    }
  });
  pictures.sort((a, b) => order(scenes, a.scene) - order(scenes, b.scene));
  writeFileSync(join(FOLDER, "manifest.json"), `${JSON.stringify({ pictures, missed }, null, 1)}\n`);
  return { pictures, missed };
}

/** The narrow rail is in one language and theme, unless it was asked for by itself. */
const isLookedAt = (
  { widths }: ShotOptions,
  { width, language, theme = THEMES[0] }: { width: Width; language: Language; theme?: Theme },
): boolean => width !== 1024 || widths.length === 1 || (language === LANGUAGES[0] && theme === THEMES[0]);

interface Sitting {
  widths: readonly Width[];
  themes: readonly Theme[];
}

/**
 * What was opened at one width hangs where its button was there: a scene that is acted is played anew at each width.
 * One that passes is played anew for each picture.
 */
function sittingsOf({ act, early }: Scene, { widths, themes }: Sitting): Sitting[] {
  if (early) {
    return widths.flatMap((width) => themes.map((theme) => ({ widths: [width], themes: [theme] })));
  }
  return act ? widths.map((width) => ({ widths: [width], themes })) : [{ widths, themes }];
}

const order = (scenes: readonly Scene[], name: string) => scenes.findIndex((scene) => scene.name === name);

/** In the page: of the document, and of what scrolls within it. */
function heightOfContent(): number {
  const hidden = [...document.querySelectorAll("main, main *, [role=dialog]")].map((element) =>
    /auto|scroll/.test(getComputedStyle(element).overflowY) && element.clientHeight > 400
      ? element.scrollHeight - element.clientHeight
      : 0,
  );
  return document.documentElement.scrollHeight + Math.max(0, ...hidden);
}

/** In the page: what was resized or recoloured is drawn; a picture taken before repeats its upper part. */
function painted(): Promise<void> {
  return new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 120)));
  });
}

interface Shooting {
  scene: Scene;
  language: Language;
  widths: readonly Width[];
  themes: readonly Theme[];
  options: ShotOptions;
}

/** Width and theme are changed on the open page, as a person would. */
async function takePictures(
  page: Page,
  { scene, language, widths, themes, options }: Shooting,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const width of widths) {
    // Never the height that it has: what does not change is not drawn anew, and its foot may still be from a window of another height.
    await page.setViewportSize({ width, height: HEIGHT[width] + 200 });
    await page.setViewportSize({ width, height: HEIGHT[width] });
    // As tall as its content: what is fixed to an edge stays at that edge.
    const contentHeight = await page.evaluate(heightOfContent);
    await page.setViewportSize({
      width,
      height: Math.min(Math.max(contentHeight, HEIGHT[width]), MAX_HEIGHT),
    });
    for (const theme of themes) {
      if (!isLookedAt(options, { width, language, theme })) {
        continue;
      }
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.evaluate(painted);
      const file = `${scene.name}.${language}.${theme}.${width}.png`;
      writeFileSync(join(FOLDER, file), await settledPicture(page));
      pictures.push({ file, scene: scene.name, language, theme, width });
    }
  }
  return pictures;
}

const PICTURE_TRIES = 5;

/**
 * A picture of a page that has grown, or took other colours, may be of before, or of some of its tiles over and over:
 * the browser draws in its own time. What two pictures in a row agree on is drawn; what a page changes by itself never is.
 */
async function settledPicture(page: Page): Promise<Buffer> {
  const take = () => page.screenshot({ animations: "disabled", caret: "hide", timeout: PICTURE_MS });
  let before = await take();
  for (let tries = 1; tries < PICTURE_TRIES; tries += 1) {
    const now = await take();
    if (now.equals(before)) {
      return now;
    }
    before = now;
  }
  return before;
}
