import { beforeAll, describe, expect, test } from "vitest";
import { pickMessages } from "../lib/format/pick-messages.ts";
import { clientTexts, type Sources } from "../lib/testing/client-texts.ts";
import { flatten, messagesOf } from "../lib/testing/message-files.ts";
import { parseSource, readSources } from "../lib/testing/source-scan.ts";

const ROOT = "app/layout.tsx";
const CONSOLE = "app/(console)/layout.tsx";
/** What may stand in the place of any page. */
const ANYWHERE = [
  ROOT,
  "app/error.tsx",
  "app/not-found.tsx",
  "app/console-page.tsx",
  "app/(console)/error.tsx",
];

let sources: Sources;
beforeAll(() => {
  sources = new Map(readSources("app", "components", "lib").map((source) => [source.path, source]));
}, 60_000);

/** For a regular expression that finds this text. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const messages = messagesOf("en");
const all = flatten(messages).map(([key]) => key);
/** The texts that a key may name. */
const named = (key: string): string[] => {
  const pattern = new RegExp(`^${key.split("*").map(escaped).join("[^.]+")}$`);
  return key.includes("*") ? all.filter((each) => pattern.test(each)) : all.filter((each) => each === key);
};
const neededBy = (...paths: string[]): Set<string> =>
  new Set(paths.flatMap((path) => [...clientTexts(path, sources)].flatMap(named)));

/** `<ClientMessages paths={[…]}>` of a layout or page, or the second argument of its `consolePage`. */
function listOf(path: string): string[] {
  const text = sources.get(path)?.text ?? "";
  const list = /(?:<ClientMessages\s+paths=\{\[|\bconsolePage\(\w+,\s*\[)([^\]]*)\]/.exec(text)?.[1] ?? "";
  return [...list.matchAll(/"([^"]+)"/g)].map(([, each]) => each ?? "");
}
const shippedBy = (...paths: string[]): Set<string> =>
  new Set(paths.flatMap((path) => flatten(pickMessages(messages, listOf(path))).map(([key]) => key)));

const pages = (): string[] => [...sources.keys()].filter((path) => /^app\/.*\/page\.tsx$/.test(path)).sort();
const isConsole = (path: string): boolean => path.startsWith("app/(console)/");

describe("texts for the browser", () => {
  test("are read off the imports: what a client component uses, and what it imports", () => {
    const files = {
      "app/page.tsx":
        'import { A } from "@/components/a.tsx"; const t = await getTranslations("x"); t("server");',
      "components/a.tsx":
        '"use client";\nimport { b } from "./b.ts"; import { act } from "../lib/act.ts"; const L = dynamic(() => import("./lazy.tsx"));\nconst t = useTranslations("x"); t("a");',
      "components/b.ts": 'const t = useTranslations("x"); t("b");',
      "components/lazy.tsx": 'const t = useTranslations("x"); t("lazy");',
      "lib/act.ts": '"use server";\nconst t = await getTranslations("x"); t("action");',
    };
    const few = new Map(Object.entries(files).map(([path, text]) => [path, parseSource(path, text)]));
    expect([...clientTexts("app/page.tsx", few)].sort()).toEqual(["x.a", "x.b", "x.lazy"]);
  });

  test("every page brings what its client components use", () => {
    const missing = pages().flatMap((path) => {
      const shipped = shippedBy(ROOT, path, ...(isConsole(path) ? [CONSOLE] : []));
      return [...neededBy(path, ...(isConsole(path) ? [CONSOLE] : []))]
        .filter((key) => !shipped.has(key))
        .map((key) => `${path}: ${key}`);
    });
    expect(missing).toEqual([]);
  });

  test("what may stand in the place of any page is brought by the root", () => {
    const shipped = shippedBy(ROOT);
    expect([...neededBy(...ANYWHERE)].filter((key) => !shipped.has(key))).toEqual([]);
  });

  test("no page brings a group that it does not use, or that is there already", () => {
    const idle = [ROOT, CONSOLE, ...pages()].flatMap((path) => {
      const needed = neededBy(path, ...(path === ROOT ? ANYWHERE : []));
      const above =
        path === ROOT
          ? new Set()
          : shippedBy(ROOT, ...(path === CONSOLE || !isConsole(path) ? [] : [CONSOLE]));
      return listOf(path)
        .filter((group) => {
          const texts = flatten(pickMessages(messages, [group])).map(([key]) => key);
          return !texts.some((key) => needed.has(key) && !above.has(key));
        })
        .map((group) => `${path}: ${group}`);
    });
    expect(idle).toEqual([]);
  });

  test("no page brings more than half of all texts", () => {
    const size = (keys: ReadonlySet<string>): number =>
      flatten(messages).reduce((sum, [key, text]) => sum + (keys.has(key) ? key.length + text.length : 0), 0);
    const whole = size(new Set(all));
    const heavy = pages().filter(
      (path) => size(shippedBy(ROOT, path, ...(isConsole(path) ? [CONSOLE] : []))) > whole / 2,
    );
    expect(heavy).toEqual([]);
  });
});
