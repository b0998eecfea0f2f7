import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { rootContext } from "./root-context.ts";
import {
  type Control,
  column,
  firstRow,
  instanceSwitch,
  link,
  nextPage,
  offeredBy,
  press,
  SOON,
  search,
  select,
  settled,
  stateOf,
} from "./url-state.ts";

/**
 * U1: every control of every list is in the URL. Each is set as a person sets it; the URL it leads to is opened in a page of
 * its own and shows the same; back restores what was before. What a page offers is found on the page
 * and compared with what is listed here, so that a new control is either listed or fails.
 */
interface ListPage {
  readonly path: (stage: Stage) => string;
  readonly controls: readonly Control[];
  /** The same page in another state: what is listed there is offered here too. */
  readonly like?: string;
}

const rules = (stage: Stage, query = "") => `/rules?instance=${stage.seeded.instances.shanghai}${query}`;
const TASKS = [
  link("trigger", "schedule"),
  link("since", "24h"),
  select("status", "tasks.filter.status"),
  search("51"),
  link("size", "20"),
];
const RULES = [
  link("state", "failed"),
  select("target", "rules.column.target"),
  select("type", "rules.column.type"),
  search("base"),
  link("size", "20"),
  link("sort", "-name"),
  link("sort", "-lastTask"),
  column("rules.column.created"),
  column("rules.column.trigger"),
];

const PAGES: Record<string, ListPage> = {
  rules: {
    path: (stage) => rules(stage),
    controls: [...RULES, link("view", "tasks"), link("view", "incoming"), instanceSwitch],
  },
  "rules with the time of creation": {
    like: "rules",
    path: (stage) => rules(stage, "&columns=created"),
    controls: [link("sort", "-created")],
  },
  "rules into an instance": {
    like: "rules",
    path: (stage) => rules(stage, "&view=incoming"),
    controls: [
      select("type", "rules.column.type"),
      search("hang"),
      link("sort", "-name"),
      link("size", "20"),
    ],
  },
  "tasks of an instance": {
    path: (stage) => rules(stage, "&view=tasks"),
    controls: [...TASKS, nextPage, link("view", "incoming")],
  },
  tasks: {
    path: () => "/tasks",
    controls: [...TASKS, select("instance", "tasks.filter.instance"), nextPage],
  },
  "tasks of a rule": {
    path: (stage) => `/rules/${stage.seeded.rules["trade-to-singapore"]?.id}`,
    controls: [...TASKS, nextPage, press("data", "button", /^查看数据$/)],
  },
  "transfers of a task": {
    path: (stage) => `/tasks/${stage.seeded.tasks.retried}`,
    controls: [
      link("status", "failed"),
      search("a"),
      link("size", "20"),
      link("data", "1"),
      nextPage,
      firstRow("transfer"),
    ],
  },
  instances: {
    path: () => "/instances",
    controls: [search("sh"), link("size", "20"), link("sort", "-name")],
  },
  users: { path: () => "/users", controls: [link("view", "grants"), search("chen")] },
  notifications: {
    path: () => "/notifications?view=deliveries",
    controls: [link("state", "failed"), select("address", "notices.deliveries.address"), link("size", "50")],
  },
  audit: {
    path: () => "/audit",
    controls: [
      link("outcome", "denied"),
      select("actor", "audit.filter.actor"),
      select("action", "audit.filter.action"),
      select("since", "audit.filter.since"),
      search("rule"),
      link("size", "20"),
      nextPage,
    ],
  },
  topology: {
    path: () => "/topology",
    controls: [
      press("view", "radio", /^仅表$/),
      press("state", "button", /^失败/),
      press("row", "button", /在图上标出/),
      link("size", "20"),
    ],
  },
  "topology, twenty rows a page": {
    like: "topology",
    path: () => "/topology?size=20",
    controls: [nextPage],
  },
  settings: { path: () => "/settings", controls: [link("view", "system")] },
};

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

/** Sets a control of the page at `start` as a person does. @returns what is shown then, and whether it is a step of the history */
async function setControl(page: Page, control: Control, before: object) {
  const start = new URL(page.url());
  const entry = await entryOf(page);
  await control.set(page);
  await page.waitForURL(
    (url) => url.searchParams.get(control.param) !== start.searchParams.get(control.param),
  );
  await expect.poll(() => stateOf(page), SOON).not.toEqual(before);
  await settled(page);
  return {
    state: await stateOf(page),
    url: page.url(),
    isStep: (await entryOf(page)) > entry,
  };
}

for (const [name, { path, controls }] of Object.entries(PAGES)) {
  test(`${name}: each control is in the URL, and the URL restores it`, async () => {
    test.setTimeout(600_000);
    const page = await context.newPage();
    const shared = await context.newPage();
    await open(page, path(stage));
    const start = page.url();
    const before = await stateOf(page);
    for (const control of controls) {
      await test.step(control.param, async () => {
        if (page.url() !== start) {
          await open(page, start);
        }
        const set = await setControl(page, control, before);
        await open(shared, set.url);
        await showsAgain(shared, set.state);
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
          await showsAgain(page, set.state);
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
  for (const [name, { path, controls, like }] of Object.entries(PAGES)) {
    await open(page, path(stage));
    const listed = [...controls, ...(like ? (PAGES[like]?.controls ?? []) : [])];
    const params = new Set(listed.map(({ param }) => param));
    const count = (kind: Control["kind"]) =>
      new Set(listed.filter((control) => control.kind === kind).map(({ param }) => param)).size;
    const offered = await offeredBy(page);
    unlisted.push(
      ...offered.params.filter((param) => !params.has(param)).map((param) => `${name}: ${param}`),
      ...(offered.lists > count("list") ? [`${name}: a drop-down`] : []),
      ...(offered.fields > count("field") ? [`${name}: a field`] : []),
    );
  }
  await page.close();
  expect(unlisted).toEqual([]);
});
