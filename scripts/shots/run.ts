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
import { type ShotOptions, shotOptions, THEMES, type Width } from "./options.ts";
import { makeSheets, type Picture } from "./sheets.ts";

const FOLDER = join(ROOT, "shots");
const LANES = 3;
const MAX_HEIGHT = 2400;
const HEIGHT: Readonly<Record<Width, number>> = { 1440: 900, 1024: 768, 390: 844 };

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
  const jobs = options.languages.flatMap((language) => scenes.map((scene) => ({ scene, language })));
  await inLanes(jobs, LANES, async ({ scene, language }) => {
    const stage = stages.get(variantOf(scene));
    if (!stage) {
      return;
    }
    const user = scene.user === undefined ? "zhoumin" : scene.user;
    try {
      const context = await visitors.contextOf(stage, user, language);
      const page = await play(context, { scene, stage, language });
      pictures.push(...(await takePictures(page, { scene, language, options })));
      await page.close();
    } catch (error) {
      missed.push(`${scene.name} ${language}`);
      console.error(`missed: ${scene.name} (${language}): ${error instanceof Error ? error.message : error}`);
    }
  });
  pictures.sort((a, b) => order(scenes, a.scene) - order(scenes, b.scene));
  writeFileSync(join(FOLDER, "manifest.json"), `${JSON.stringify({ pictures, missed }, null, 1)}\n`);
  return { pictures, missed };
}

const order = (scenes: readonly Scene[], name: string) => scenes.findIndex((scene) => scene.name === name);

interface Shooting {
  scene: Scene;
  language: Language;
  options: ShotOptions;
}

/** A page is opened once a language; width and theme are changed on it, as a person would. */
async function takePictures(page: Page, { scene, language, options }: Shooting): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const width of options.widths) {
    await page.setViewportSize({ width, height: HEIGHT[width] });
    // As tall as its content: what is fixed to an edge stays at that edge.
    const contentHeight = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({
      width,
      height: Math.min(Math.max(contentHeight, HEIGHT[width]), MAX_HEIGHT),
    });
    for (const theme of options.themes) {
      if (
        width === 1024 &&
        options.widths.length > 1 &&
        !(language === LANGUAGES[0] && theme === THEMES[0])
      ) {
        continue;
      }
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.waitForTimeout(60);
      const file = `${scene.name}.${language}.${theme}.${width}.png`;
      await page.screenshot({
        path: join(FOLDER, file),
        animations: "disabled",
        caret: "hide",
      });
      pictures.push({ file, scene: scene.name, language, theme, width });
    }
  }
  return pictures;
}
