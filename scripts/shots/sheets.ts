import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "@playwright/test";

export interface Picture {
  file: string;
  scene: string;
  language: string;
  theme: string;
  width: number;
}

const COLUMNS: Readonly<Record<number, number>> = { 1440: 3, 1024: 4, 800: 4, 390: 6, 320: 6 };
const ROWS = 3;
const SHEET_WIDTH = 1800;

/** Many pictures on one: a sheet holds those of one language, theme and width. @returns how many sheets */
export async function makeSheets(
  browser: Browser,
  folder: string,
  pictures: readonly Picture[],
): Promise<number> {
  mkdirSync(join(folder, "sheets"), { recursive: true });
  const groups = Map.groupBy(pictures, ({ language, theme, width }) => `${width}-${language}-${theme}`);
  const page = await browser.newPage({ viewport: { width: SHEET_WIDTH, height: 800 } });
  let sheets = 0;
  for (const [group, members] of groups) {
    const columns = COLUMNS[members[0]?.width ?? 1440] ?? 3;
    for (let from = 0; from < members.length; from += columns * ROWS) {
      const name = `${group}-${String(from / (columns * ROWS) + 1).padStart(2, "0")}`;
      const html = join(folder, "sheets", `${name}.html`);
      writeFileSync(html, sheetOf(members.slice(from, from + columns * ROWS), columns));
      await page.goto(pathToFileURL(html).href);
      await page.screenshot({ path: join(folder, "sheets", `${name}.png`), fullPage: true });
      sheets++;
    }
  }
  await page.close();
  return sheets;
}

function sheetOf(pictures: readonly Picture[], columns: number): string {
  const cells = pictures.map(
    ({ file, scene }) =>
      `<figure><figcaption>${scene}</figcaption><img src="../${encodeURI(file)}"></figure>`,
  );
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 12px; font: 13px sans-serif; background: #888; display: grid; gap: 12px; grid-template-columns: repeat(${columns}, 1fr); }
figure { margin: 0; overflow: hidden; max-height: 560px; background: #fff; } img { width: 100%; display: block; }
figcaption { padding: 3px 6px; background: #222; color: #fff; }
</style>${cells.join("")}`;
}
