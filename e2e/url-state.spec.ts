import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { rootContext } from "./root-context.ts";
import { type Control, offeredBy, SOON, settled, showSame, stateOf } from "./url-state.ts";
import { type ListPage, PAGES } from "./url-state-pages.ts";

/**
 * U1: every control of every list is in the URL. Each is set as a person sets it; the URL it leads to is opened in a page of
 * its own and shows the same; back restores what was before. What a page offers is found on the page
 * and compared with what is listed here, so that a new control is either listed or fails.
 */

// A trace is a picture of the page at each step: it takes longer than what is tested.
test.use({ trace: "off" });

let stage: Stage;
let context: BrowserContext;
test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  stage = await openStage("full");
  context = await rootContext(browser, stage, { height: 900, reducedMotion: "reduce" });
  // What is pressed is there; only how long a busy machine takes is not known.
  context.setDefaultTimeout(60_000);
});
test.afterAll(async () => {
  await context?.close();
  await stage?.stop();
});

/** Opens a page of the list above in the state that its controls are set from. @returns its address */
async function begun(page: Page, { path, begin }: Pick<ListPage, "path" | "begin">): Promise<string> {
  await open(page, path(stage));
  if (begin) {
    await begin.set(page);
    await page.waitForURL((url) => url.searchParams.has(begin.param));
    await settled(page);
  }
  return page.url();
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}

const showsAgain = (page: Page, state: object) => expect.poll(() => stateOf(page), SOON).toEqual(state);

/** Where in the history of its tab a page stands. The length of that history tells nothing: a step drops what was ahead. */
const entryOf = (page: Page) =>
  page.evaluate(
    () =>
      (window as unknown as { navigation: { currentEntry: { index: number } } }).navigation.currentEntry
        .index,
  );

/** Sets a control of the page as a person does. @returns where that leads, and whether it is a step of the history */
async function setControl(page: Page, control: Control, before: object) {
  const start = new URL(page.url());
  const entry = await entryOf(page);
  await control.set(page);
  await page.waitForURL(
    (url) => url.searchParams.get(control.param) !== start.searchParams.get(control.param),
  );
  await expect.poll(() => stateOf(page), SOON).not.toEqual(before);
  await settled(page);
  return { url: page.url(), isStep: (await entryOf(page)) > entry };
}

for (const [name, { path, begin, controls }] of Object.entries(PAGES)) {
  if (controls.length === 0) {
    continue;
  }
  test(`${name}: each control is in the URL, and the URL restores it`, async () => {
    test.setTimeout(600_000);
    const page = await context.newPage();
    const shared = await context.newPage();
    const start = await begun(page, { path, begin });
    await open(shared, start);
    const before = await showSame(page, shared);
    for (const control of controls) {
      await test.step(control.param, async () => {
        if (page.url() !== start) {
          await open(page, start);
        }
        const set = await setControl(page, control, before);
        await open(shared, set.url);
        const state = await showSame(page, shared);
        expect(state).not.toEqual(before);
        if (set.isStep) {
          await page.goBack();
          await page.waitForURL(start);
          await showsAgain(page, before);
          await settled(page);
        } else {
          // A search is no step of its own: back leaves the page, and coming back finds it.
          await page.locator("nav a[href='/settings']").first().click();
          await page.waitForURL(/\/settings(?:\?|$)/);
          await page.goBack();
          await page.waitForURL(set.url);
          await showsAgain(page, state);
        }
      });
    }
    await page.close();
    await shared.close();
  });
}

test("no page has a control that is not listed above", async () => {
  const unlisted: string[] = [];
  const page = await context.newPage();
  for (const [name, { path, begin, controls, like }] of Object.entries(PAGES)) {
    await begun(page, { path, begin });
    const listed = [...controls, ...(like ? (PAGES[like]?.controls ?? []) : [])];
    const params = new Set(listed.map(({ param }) => param));
    const count = (kind: Control["kind"]) =>
      new Set(listed.filter((control) => control.kind === kind).map(({ param }) => param)).size;
    const offered = await offeredBy(page);
    unlisted.push(
      ...offered.params.filter((param) => !params.has(param)).map((param) => `${name}: ${param}`),
      ...(offered.lists > count("list") ? [`${name}: a drop-down`] : []),
      ...(offered.fields > count("field") ? [`${name}: a field`] : []),
      ...(offered.disclosures > count("disclosure") ? [`${name}: what opens in its place`] : []),
    );
  }
  await page.close();
  expect(unlisted).toEqual([]);
});
