import type { Browser, Locator, Page } from "@playwright/test";
import { image, layer } from "../../lib/testing/content.ts";
import { pushContent } from "../../lib/testing/push-content.ts";
import { temporaryRegistry } from "../../lib/testing/registry/temporary-registry.ts";
import { openContext } from "../measure/browser.ts";
import { openStage, type Stage } from "../measure/stage.ts";
import { pattern, type Words, wordsOf } from "../words.ts";
import type { Finding } from "./budget.ts";

const MOST_FIELDS = 12;
const MOST_MINUTES = 5;
/** Slower than most people type, and a look at each field before. */
const KEY_MS = 150;
const LOOK_MS = 1_500;
const SYNC_WITHIN_MS = 120_000;
const KIB = 1024;
const PASSWORD = "harbour lights at dawn";

/** From an empty install to the first finished sync, through the pages alone, at the pace of a person. */
export async function newcomer(browser: Browser): Promise<Finding[]> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const [source, target] = [await temporaryRegistry(), await temporaryRegistry()];
    stops.push(source.stop, target.stop);
    for (const tag of ["1.0.0", "1.1.0"]) {
      const content = image({ layers: [layer("newcomer base", 512 * KIB), layer(tag, 64 * KIB)] });
      await pushContent(source.origin, "shop/cart", tag, content);
    }
    const startedAt = performance.now();
    const stage = await openStage("empty", 1);
    stops.push(stage.stop);
    const hands = await firstSync(browser, stage, [source.origin, target.origin]);
    return findingsOf(hands, (performance.now() - startedAt) / 60_000);
  } finally {
    for (const stop of stops.reverse()) {
      await stop();
    }
  }
}

const findingsOf = (hands: Hands, minutes: number): Finding[] => [
  {
    budget: "fields from an empty install to the first finished sync",
    subject: "",
    figure: hands.touched.length,
    limit: MOST_FIELDS,
    unit: "fields",
    bound: "most",
    detail: hands.touched.join(", "),
  },
  {
    budget: "time from an empty install to the first finished sync",
    subject: `${KEY_MS} ms a key, ${LOOK_MS / 1000} s a control`,
    figure: minutes,
    limit: MOST_MINUTES,
    unit: "min",
    bound: "most",
  },
];

async function firstSync(
  browser: Browser,
  stage: Stage,
  [source = "", target = ""]: string[],
): Promise<Hands> {
  const t = wordsOf("zh-CN");
  const context = await openContext(browser, { origin: stage.origin, language: "zh-CN", cookie: null });
  try {
    const page = await context.newPage();
    const hands = new Hands(page);
    await page.goto(stage.setupUrl ?? "/setup");
    await hands.type(page.getByLabel(t("auth.username")), "root");
    await hands.type(page.locator("input[name=password]"), PASSWORD);
    await hands.type(page.locator("input[name=passwordAgain]"), PASSWORD);
    await hands.press(page.getByRole("button", { name: t("auth.setup.next") }));
    await page.waitForURL(/\/instances\/new/);
    await addInstance(hands, t, source);
    await hands.press(page.getByRole("link", { name: nextStep(t, "second") }).first());
    await page.waitForURL(/\/instances\/new/);
    await addInstance(hands, t, target);
    await hands.press(page.getByRole("link", { name: nextStep(t, "rule") }).first());
    await page.waitForURL(/\/rules\/new/);
    await hands.type(
      page.getByRole("combobox", { name: new RegExp(`^${t("rules.form.namespace")}`) }).first(),
      "shop",
    );
    await page.keyboard.press("Tab");
    await hands.press(page.getByRole("button", { name: t("rules.form.submit"), exact: true }));
    await page.waitForURL(/\/tasks\/[0-9a-f-]+$/);
    const finished = page.getByRole("main").getByText(t("status.task.succeeded"), { exact: true });
    await finished.first().waitFor({ timeout: SYNC_WITHIN_MS });
    return hands;
  } finally {
    await context.close();
  }
}

/** The way on, as the stair and the bar of the first steps both say it. */
const nextStep = (t: Words, step: string) => pattern(t(`overview.first.action.${step}`));

async function addInstance(hands: Hands, t: Words, address: string): Promise<void> {
  const { page } = hands;
  await hands.type(
    page.getByRole("textbox", { name: new RegExp(`^${t("instances.form.address")}`) }),
    address,
  );
  await hands.press(page.getByRole("checkbox", { name: t("instances.form.plainHttp") }), "sets");
  await hands.press(page.getByRole("button", { name: t("instances.form.create"), exact: true }));
  await page.waitForURL(/\/instances\/[0-9a-f-]{36}$/);
}

/** Fills and presses as a person does, and keeps count of what was filled or set. */
class Hands {
  readonly touched: string[] = [];
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async type(field: Locator, text: string): Promise<void> {
    await this.page.waitForTimeout(LOOK_MS);
    this.touched.push(await labelOf(field));
    await field.click();
    await field.pressSequentially(text, { delay: KEY_MS });
  }

  /** `sets`: the control holds a value, and counts as a field. */
  async press(control: Locator, kind: "goes on" | "sets" = "goes on"): Promise<void> {
    await this.page.waitForTimeout(LOOK_MS);
    if (kind === "sets") {
      this.touched.push(await labelOf(control));
    }
    await control.click();
  }
}

/** How the control is called, for the list of what was filled. */
const labelOf = (control: Locator): Promise<string> =>
  control.evaluate((element) => {
    const label = (element as HTMLInputElement).labels?.[0]?.textContent;
    return (label || element.getAttribute("aria-label") || element.getAttribute("name") || "?").trim();
  });
