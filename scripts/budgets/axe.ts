import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { inLanes, openStages, play, type Stages, stopStages, Visitors, variantOf } from "../measure/play.ts";
import type { Scene } from "../measure/scene.ts";
import { SCENES } from "../measure/scenes.ts";
import type { Stage } from "../measure/stage.ts";
import { LANGUAGES, type Language } from "../words.ts";
import type { Finding } from "./budget.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const THEMES = ["light", "dark"] as const;
const LANES = 3;
const ATTEMPTS = 2;
const SETTLE_MS = 120;
const SHOWN_NODES = 3;
const WIDTH = 1440;
const HEIGHT = { least: 900, most: 4_000 };

/** What `npm run shots` takes pictures of, each in both languages and themes, looked through with axe. */
export async function axe(browser: Browser, stage: Stage): Promise<Finding[]> {
  const others = await openStages(SCENES.filter((scene) => variantOf(scene) !== stage.variant));
  try {
    const stages: Stages = new Map([...others, [stage.variant, stage]]);
    const visitors = new Visitors(browser);
    const findings: Finding[] = [];
    const jobs = LANGUAGES.flatMap((language) => SCENES.map((scene) => ({ scene, language })));
    await inLanes(jobs, LANES, async (job) => {
      findings.push(...(await lookThrough(visitors, stages, job)));
    });
    return findings;
  } finally {
    await stopStages(others);
  }
}

interface Job {
  scene: Scene;
  language: Language;
}

async function lookThrough(visitors: Visitors, stages: Stages, { scene, language }: Job): Promise<Finding[]> {
  const stage = stages.get(variantOf(scene));
  if (!stage) {
    return [];
  }
  const context = await visitors.contextOf(
    stage,
    scene.user === undefined ? "zhoumin" : scene.user,
    language,
  );
  for (let attempt = 1; ; attempt++) {
    try {
      const page = await play(context, { scene, stage, language });
      try {
        return await inThemes(page, { scene, language });
      } finally {
        await page.close();
      }
    } catch (error) {
      if (attempt === ATTEMPTS) {
        const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
        return [finding(`${scene.name} ${language}`, 1, `the scene was not reached: ${reason}`)];
      }
    }
  }
}

async function inThemes(page: Page, { scene, language }: Job): Promise<Finding[]> {
  const findings: Finding[] = [];
  // As tall as its content: what a bar at the edge covers at one place of scrolling is no fault of the page.
  const wanted = await page.evaluate(() => document.documentElement.scrollHeight);
  const height = Math.min(Math.max(wanted, HEIGHT.least), HEIGHT.most);
  await page.setViewportSize({ width: WIDTH, height });
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.waitForTimeout(SETTLE_MS);
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).setLegacyMode().analyze();
    const told = violations.map(({ id, nodes }) => {
      const where = nodes.slice(0, SHOWN_NODES).map(({ target }) => target.join(" "));
      return `${id} at ${where.join(" | ")}${nodes.length > SHOWN_NODES ? ` and ${nodes.length - SHOWN_NODES} more` : ""}`;
    });
    findings.push(finding(`${scene.name} ${language} ${theme}`, violations.length, told.join("; ")));
  }
  return findings;
}

const finding = (subject: string, figure: number, detail: string): Finding => ({
  budget: "axe violations",
  subject,
  figure,
  limit: 0,
  unit: "",
  bound: "most",
  detail,
});
