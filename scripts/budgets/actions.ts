import type { Browser, BrowserContext, Locator, Page } from "@playwright/test";
import { openContext } from "../measure/browser.ts";
import { alive } from "../measure/play.ts";
import { rulesOf, SOURCE } from "../measure/scene.ts";
import type { Stage } from "../measure/stage.ts";
import { type Words, wordsOf } from "../words.ts";
import { type Finding, percentile } from "./budget.ts";
import { previewFindings } from "./preview.ts";

const TOGGLES = 20;
const LIMITS = { turnMs: 50, acknowledgedMs: 500 };
const ANSWER_MS = 400;
const P95 = 0.95;

/** What answers a hand: a switch that turns, a change that is confirmed, the count of a preview. */
export async function actions(browser: Browser, stage: Stage): Promise<Finding[]> {
  const cookie = await stage.cookieOf(browser, "zhoumin");
  const context = await openContext(browser, { origin: stage.origin, language: "zh-CN", cookie });
  try {
    const t = wordsOf("zh-CN");
    return [
      ...(await toggles(context, stage)),
      ...(await rollbacks(context, stage, t)),
      ...(await previewFindings(context, stage, t)),
    ];
  } finally {
    await context.close();
  }
}

async function ruleSwitch(page: Page, stage: Stage, name: string): Promise<Locator> {
  await page.goto(rulesOf(SOURCE, `&q=${name}`)(stage), { waitUntil: "load" });
  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  const control = row.getByRole("switch");
  await alive(control);
  return control;
}

async function toggles(context: BrowserContext, stage: Stage): Promise<Finding[]> {
  const page = await context.newPage();
  const control = await ruleSwitch(page, stage, "everything");
  const turns: Turn[] = [];
  // The first pair loads what the others have.
  for (let n = -2; n < TOGGLES; n++) {
    const turn = await turned(control);
    if (n >= 0) {
      turns.push(turn);
    }
  }
  await page.close();
  const figures = (of: (turn: Turn) => number) => turns.map(of);
  const finding = (budget: string, values: number[], limit: number): Finding => ({
    budget: `${budget}, 95 of 100`,
    subject: `${TOGGLES} switches of a rule`,
    figure: percentile(values, P95),
    limit,
    unit: "ms",
    bound: "most",
    detail: values.map((value) => value.toFixed(0)).join(" "),
  });
  return [
    finding(
      "click to the switch that has turned",
      figures(({ turnMs }) => turnMs),
      LIMITS.turnMs,
    ),
    finding(
      "click to the confirmed change",
      figures(({ acknowledgedMs }) => acknowledgedMs),
      LIMITS.acknowledgedMs,
    ),
  ];
}

interface Turn {
  turnMs: number;
  acknowledgedMs: number;
}

/** One click, timed by the page itself: until the switch shows the other side, and until the server has said yes. */
function turned(control: Locator): Promise<Turn> {
  return control.evaluate(
    (element) =>
      new Promise<Turn>((resolve, reject) => {
        const before = element.getAttribute("aria-checked");
        const startedAt = performance.now();
        let turnMs: number | null = null;
        const observer = new MutationObserver(() => {
          if (element.getAttribute("aria-checked") !== before) {
            turnMs ??= performance.now() - startedAt;
          }
          if (turnMs !== null && element.getAttribute("aria-busy") === null) {
            observer.disconnect();
            resolve({ turnMs, acknowledgedMs: performance.now() - startedAt });
          }
        });
        observer.observe(element, { attributes: true, attributeOldValue: true });
        setTimeout(() => reject(new Error("the switch was not confirmed within 10 s")), 10_000);
        (element as HTMLElement).click();
      }),
  );
}

/** Two ways to be refused: no answer, and a rule that somebody else has deleted. */
async function rollbacks(context: BrowserContext, stage: Stage, t: Words): Promise<Finding[]> {
  const lost = await context.newPage();
  const cut = await ruleSwitch(lost, stage, "everything");
  await lost.route("**/rules?*", async (route) => {
    if (route.request().method() !== "POST") {
      return route.fallback();
    }
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    return route.abort();
  });
  const outcomes = [await turnsBack(cut, "no answer")];
  await lost.close();

  const page = await context.newPage();
  const name = "queue-me";
  const control = await ruleSwitch(page, stage, name);
  // This page hears of nothing any more.
  await page.route(/\/api\/(?:live|rules)/, (route) => route.abort());
  await deleteRule(context, stage, { name, t });
  outcomes.push(await turnsBack(control, "a rule that is gone"));
  await page.close();
  return outcomes.map(({ subject, steps }) => ({
    budget: "switches that turn back when the server refuses",
    subject,
    figure: steps.length === 2 && steps[0] !== steps[1] ? 1 : 0,
    limit: 1,
    unit: "",
    bound: "least",
    detail: `aria-checked became ${steps.join(", then ") || "nothing else"}`,
  }));
}

async function deleteRule(
  context: BrowserContext,
  stage: Stage,
  { name, t }: { name: string; t: Words },
): Promise<void> {
  const page = await context.newPage();
  await page.goto(`/rules/${stage.seeded.rules[name]?.id}`);
  await page.getByRole("button", { name: t("rules.remove"), exact: true }).click();
  await page.getByLabel(t("rules.delete.input")).fill(name);
  await page
    .getByRole("dialog")
    .getByRole("button", { name: new RegExp(t("rules.remove")) })
    .click();
  await page.waitForURL(/\/rules\?instance=/);
  await page.close();
}

/** The sides that the switch shows after a click, until it rests. */
async function turnsBack(control: Locator, subject: string): Promise<{ subject: string; steps: string[] }> {
  const steps = await control.evaluate(
    (element) =>
      new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        let shown = element.getAttribute("aria-checked") ?? "";
        new MutationObserver(() => {
          const now = element.getAttribute("aria-checked") ?? "";
          if (now !== shown) {
            shown = now;
            seen.push(now);
          }
        }).observe(element, { attributes: true });
        (element as HTMLElement).click();
        setTimeout(() => resolve(seen), 2_500);
      }),
  );
  return { subject, steps };
}
