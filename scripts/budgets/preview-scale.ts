import type { Browser, BrowserContext, Page } from "@playwright/test";
import { formatCount } from "../../lib/format/ratio.ts";
import { startLargeRegistry } from "../../lib/testing/large-registry.ts";
import { watchResidentMemory } from "../../lib/testing/peak-memory.ts";
import { openContext } from "../measure/browser.ts";
import { hydrated } from "../measure/play.ts";
import type { Stage } from "../measure/stage.ts";
import { type Words, wordsOf } from "../words.ts";
import type { Finding } from "./budget.ts";
import { type Answer, answerFindings, timedAnswer } from "./preview.ts";

const NAMES = 100_000;
const COLD = 5;
/** Digits at the end of a name, typed key by key: a tenth of the names, a hundredth, a thousandth. */
const WORDS = ["377", "419", "853", "642"];
/** Of memory a bound of our own: what the names take is a tenth of it, the rest is garbage that V8 has not collected yet. */
const LIMITS = { firstRowMs: 300, countMs: 1_500, memoryMib: 320 };
const MIB = 1024 * 1024;

/** A registry of 100,000 repositories: from the question to its first row, and until every name is counted. */
export async function previewScale(browser: Browser, stage: Stage): Promise<Finding[]> {
  const large = await startLargeRegistry(NAMES);
  const cookie = await stage.cookieOf(browser, "zhoumin");
  const context = await openContext(browser, { origin: stage.origin, language: "zh-CN", cookie });
  try {
    const t = wordsOf("zh-CN");
    const instanceId = await addedInstance(context, t, large.origin);
    const memory = watchResidentMemory(stage.webPid);
    const keys = await typed(context, { t, instanceId });
    const cold = await listedAnew(context, instanceId);
    memory.stop();
    return [
      ...findingsOf("names remembered, a key", keys),
      ...findingsOf("names listed anew, the answer", cold),
      {
        budget: "preview of 100,000 names: memory of the console while it is asked",
        subject: "most, above what it held before",
        figure: (memory.peakBytes() - memory.firstBytes()) / MIB,
        limit: LIMITS.memoryMib,
        unit: "MiB",
        bound: "most",
      },
    ];
  } finally {
    await context.close();
    await large.stop();
  }
}

function findingsOf(subject: string, answers: readonly Answer[]): Finding[] {
  return answerFindings({ budget: "preview of 100,000 names: to", subject }, answers, LIMITS);
}

/** @returns its id */
async function addedInstance(context: BrowserContext, t: Words, address: string): Promise<string> {
  const page = await context.newPage();
  await page.goto("/instances/new", { waitUntil: "load" });
  await hydrated(page);
  await page.getByRole("textbox", { name: new RegExp(`^${t("instances.form.address")}`) }).fill(address);
  await page.getByRole("checkbox", { name: t("instances.form.plainHttp") }).click();
  await page.getByRole("button", { name: t("instances.form.create"), exact: true }).click();
  await page.waitForURL(/\/instances\/[0-9a-f-]{36}$/);
  const [id = ""] = new URL(page.url()).pathname.split("/").slice(-1);
  await page.close();
  return id;
}

/** In the form of a new rule, timed from each key. */
async function typed(
  context: BrowserContext,
  { t, instanceId }: { t: Words; instanceId: string },
): Promise<Answer[]> {
  const page = await context.newPage();
  await page.goto(`/rules/new?instance=${instanceId}`, { waitUntil: "load" });
  await hydrated(page);
  await page
    .getByRole("combobox", { name: new RegExp(`^${t("rules.form.namespace")}`) })
    .first()
    .fill("team");
  const counted = (matched: number) =>
    `${formatCount(matched)}${t("preview.repositories.of", { n: formatCount(NAMES) })}`;
  await page.getByText(counted(NAMES), { exact: false }).first().waitFor();
  const field = page.getByLabel(t("rules.form.repositoryPattern"), { exact: true });
  const answers: Answer[] = [];
  for (const word of WORDS) {
    for (let length = 1; length <= word.length; length++) {
      const pattern = `.*${word.slice(0, length)}`;
      answers.push(await timedAnswer(page, field, { pattern, shown: counted(NAMES / 10 ** length) }));
    }
  }
  await page.close();
  return answers;
}

/** With nothing remembered, as the page asks when it is told to refresh; read as it reads the answer. */
async function listedAnew(context: BrowserContext, instanceId: string): Promise<Answer[]> {
  const page = await context.newPage();
  await page.goto("/account", { waitUntil: "load" });
  const answers: Answer[] = [];
  for (let n = 0; n < COLD; n++) {
    answers.push(await askedFresh(page, { instanceId, repositoryPattern: `.*${n}9` }));
  }
  await page.close();
  return answers;
}

interface Question {
  instanceId: string;
  repositoryPattern: string;
}

function askedFresh(page: Page, { instanceId, repositoryPattern }: Question): Promise<Answer> {
  const draft = {
    sourceInstanceId: instanceId,
    sourceNamespace: "team",
    repositoryPattern,
    tagPattern: "",
    resourceType: "all",
    override: false,
    targets: [],
  };
  return page.evaluate(
    async (question) => {
      const gone = new AbortController();
      const startedAt = performance.now();
      const response = await fetch("/api/rules/preview", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: question,
        signal: gone.signal,
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let firstRowMs: number | null = null;
      let text = "";
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        text += part.value;
        firstRowMs ??= text.includes('"kind":"rows"') ? performance.now() - startedAt : null;
        // What is matched goes on; only the names are counted here.
        if (firstRowMs !== null && /"listed":100000,"matched":\d+,"complete":true/.test(text)) {
          const countMs = performance.now() - startedAt;
          gone.abort();
          return { firstRowMs, countMs };
        }
      }
      throw new Error(`the preview ended before every name was counted: ${response.status}`);
    },
    JSON.stringify({ draft, fresh: true }),
  );
}
