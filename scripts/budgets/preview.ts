import type { BrowserContext, Locator, Page } from "@playwright/test";
import type { Stage } from "../measure/stage.ts";
import type { Words } from "../words.ts";
import { type Finding, median } from "./budget.ts";

const ROUNDS = 20;
const LIMITS = { firstRowMs: 300, countMs: 1_500 };

/** In the form of a new rule between two registries: from a key in the tag's expression to its first row, and to the full count. */
export async function previewFindings(context: BrowserContext, stage: Stage, t: Words): Promise<Finding[]> {
  const page = await context.newPage();
  await page.goto(`/rules/new?instance=${stage.seeded.instances.lab}`, { waitUntil: "load" });
  await page
    .getByRole("combobox", { name: new RegExp(`^${t("rules.form.namespace")}`) })
    .first()
    .fill("commerce");
  await page.getByRole("combobox", { name: new RegExp(t("rules.form.targetInstance")) }).click();
  await page.getByRole("option", { name: /lab-mirror/ }).click();
  const field = page.getByLabel(t("rules.form.tagPattern"), { exact: true });
  await rested(page, t);
  const answers: Answer[] = [];
  // What the two ask for has no row in common, nor the first with what every tag shows first; the first pair loads what the others have.
  for (let n = -2; n < ROUNDS; n++) {
    const pattern = n % 2 === 0 ? "2\\..*" : "1\\..*";
    const answer = await timedAnswer(page, field, { pattern, gone: t("preview.counting") });
    if (n >= 0) {
      answers.push(answer);
    }
  }
  await page.close();
  return answerFindings({ budget: "preview: key to", subject: `${ROUNDS} expressions` }, answers, LIMITS);
}

/** How soon previews answered: their first row, and all that they count. */
export function answerFindings(
  { budget, subject }: Pick<Finding, "budget" | "subject">,
  answers: readonly Answer[],
  limits: Answer,
): Finding[] {
  const finding = (what: string, of: (answer: Answer) => number): Finding => ({
    budget: `${budget} ${what}, median`,
    subject,
    figure: median(answers.map(of)),
    limit: of(limits),
    unit: "ms",
    bound: "most",
    detail: answers.map((answer) => of(answer).toFixed(0)).join(" "),
  });
  return [
    finding("the first row", ({ firstRowMs }) => firstRowMs),
    finding("the full count", ({ countMs }) => countMs),
  ];
}

/** Until the form has said what it would do as it is: an answer to that which comes after a key would be taken for the key's. */
async function rested(page: Page, t: Words): Promise<void> {
  const pane = page.getByRole("region", { name: t("preview.title"), exact: true });
  await pane.getByRole("row").nth(1).waitFor();
  await pane.getByText(t("preview.counting"), { exact: true }).waitFor({ state: "detached" });
}

export interface Answer {
  firstRowMs: number;
  countMs: number;
}

interface Asked {
  pattern: string;
  /** All is counted once the pane says this no more. */
  gone?: string;
  /** All is counted once the pane says this. */
  shown?: string;
}

/** Timed in the page, from the event of the key: the pane's own wait for a further key is part of it. */
export async function timedAnswer(
  page: Page,
  field: Locator,
  { pattern, gone = "", shown = "" }: Asked,
): Promise<Answer> {
  const handle = await field.evaluateHandle(
    (element, [gone, shown]) => {
      const pane = element.closest("form")?.parentElement;
      const firstRow = () =>
        pane?.querySelector("aside tbody tr, [role=complementary] tbody tr")?.textContent;
      const before = firstRow();
      const answer = new Promise<Answer>((resolve, reject) => {
        element.addEventListener(
          "input",
          () => {
            const startedAt = performance.now();
            let firstRowMs: number | null = null;
            const look = () => {
              const now = firstRow();
              if (now !== undefined && now !== before) {
                firstRowMs ??= performance.now() - startedAt;
              }
              const text = pane?.textContent ?? "";
              const counted = (gone === "" || !text.includes(gone)) && text.includes(shown);
              if (firstRowMs !== null && counted) {
                observer.disconnect();
                resolve({ firstRowMs, countMs: performance.now() - startedAt });
              }
            };
            const observer = new MutationObserver(look);
            observer.observe(pane ?? document.body, { subtree: true, childList: true, characterData: true });
            setTimeout(() => reject(new Error("no preview within 10 s")), 10_000);
          },
          { once: true },
        );
      });
      return { answer };
    },
    [gone, shown] as const,
  );
  // One event: as somebody who pastes.
  await field.fill(pattern);
  const answer = await handle.evaluate(({ answer }) => answer);
  // The next one is asked by somebody who has read this one.
  await page.waitForTimeout(250);
  return answer;
}
