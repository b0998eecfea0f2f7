import { expect, type Page, test } from "@playwright/test";
import { rootConsole } from "./root-context.ts";
import { type Control, offeredBy, SOON, settled, showSame, someOfAll, stateOf } from "./url-state.ts";
import { type ListPage, PAGES } from "./url-state-pages.ts";

/**
 * U1: every control of every list is in the URL. Each is set as a person sets it; the URL it leads to is opened in a page of
 * its own and shows the same; back restores what was before. What a page offers is found on the page
 * and compared with what is listed here, so that a new control is either listed or fails. As a rule some are set, of each kind and
 * each parameter one; with E2E_WIDE=1, all of them.
 */

// A trace is a picture of the page at each step: it takes longer than what is tested.
test.use({ trace: "off" });

const root = rootConsole({ height: 900, reducedMotion: "reduce" });

/** A page with its controls as they begin, in the tab that sets them and in the one that is only given an address. */
interface Begun {
  readonly name: string;
  readonly page: Page;
  readonly shared: Page;
  readonly start: string;
  readonly before: object;
}

// The tests of one page follow each other in the same two tabs.
let begun: Begun | undefined;

async function begin(name: string, listed: ListPage): Promise<Begun> {
  if (begun?.name !== name) {
    const page = begun?.page ?? (await root.context.newPage());
    const shared = begun?.shared ?? (await root.context.newPage());
    const start = await opened(page, listed);
    await open(shared, start);
    begun = { name, page, shared, start, before: await showSame(page, shared) };
  } else if (begun.page.url() !== begun.start) {
    await open(begun.page, begun.start);
  }
  return begun;
}

/** Opens a page in the state that its controls are set from. @returns its address */
async function opened(page: Page, { path, begin: first }: ListPage): Promise<string> {
  await open(page, path(root.stage));
  if (first) {
    await first.set(page);
    await page.waitForURL((url) => url.searchParams.has(first.param));
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
async function setControl({ page, before }: Begun, control: Control) {
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

/** A search is no step of its own: back leaves the page, and coming back finds it. */
async function leftAndBack(page: Page, url: string): Promise<void> {
  await page.locator("nav a[href='/settings']").first().click();
  await page.waitForURL(/\/settings(?:\?|$)/);
  await page.goBack();
  await page.waitForURL(url);
}

const some = someOfAll(PAGES);

for (const [name, listed] of Object.entries(PAGES)) {
  const controls = process.env.E2E_WIDE
    ? listed.controls
    : (some.get(name) ?? []).map((each) => each.control);
  for (const control of controls) {
    test(`${name}: ${[control.param, control.value].filter(Boolean).join(" ")} (${control.kind})`, async () => {
      const at = await begin(name, listed);
      const { page, shared, start, before } = at;
      const set = await setControl(at, control);
      await open(shared, set.url);
      const state = await showSame(page, shared);
      expect(state).not.toEqual(before);
      if (set.isStep) {
        await page.goBack();
        await page.waitForURL(start);
        await showsAgain(page, before);
        await settled(page);
      } else {
        await leftAndBack(page, set.url);
        await showsAgain(page, state);
      }
    });
  }
}

test("no page has a control that is not listed above", async () => {
  const unlisted: string[] = [];
  const page = await root.context.newPage();
  for (const [name, listed] of Object.entries(PAGES)) {
    await opened(page, listed);
    const also = listed.like ? (PAGES[listed.like]?.controls ?? []) : [];
    const controls = [...listed.controls, ...also];
    const params = new Set(controls.map(({ param }) => param));
    const count = (kind: Control["kind"]) =>
      new Set(controls.filter((control) => control.kind === kind).map(({ param }) => param)).size;
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
