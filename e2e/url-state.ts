import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";
import { wordsOf } from "../scripts/words.ts";

/** A control whose state is in the URL (U1), and how a person sets it. */
export interface Control {
  /** The query parameter that carries it. */
  readonly param: string;
  /** Beside its parameter, where a page has several of it. */
  readonly value?: string;
  readonly kind: "link" | "list" | "field" | "disclosure" | "other";
  readonly set: (page: Page) => Promise<void>;
}

/**
 * The first of each kind on each page, and what is the same on several pages on the first of them.
 * @returns by the name of the page; a page of which all is set elsewhere is not there
 */
export function someOfAll(pages: Readonly<Record<string, { controls: readonly Control[] }>>) {
  const first = ({ controls }: { controls: readonly Control[] }) =>
    controls.filter(({ kind }, at) => controls.findIndex((control) => control.kind === kind) === at);
  const all = Object.entries(pages).flatMap(([name, page]) =>
    first(page).map((control) => ({ name, control })),
  );
  const same = Map.groupBy(all, ({ control }) => `${control.kind} ${control.param}`);
  return Map.groupBy(
    [...same.values()].flatMap((several) => several.slice(0, 1)),
    ({ name }) => name,
  );
}

const t = wordsOf("zh-CN");
const main = (page: Page) => page.locator("main");

/** A chip, a tab, a head or a page size: a link to the same page. */
export const link = (param: string, value: string): Control => ({
  param,
  value,
  kind: "link",
  set: async (page) => {
    const path = new URL(page.url()).pathname;
    await main(page).locator(`a[href^="${path}?"][href*="${param}=${value}"]`).first().click();
  },
});

/** A drop-down: the first choice that is not "all". */
export const select = (param: string, labelKey: string): Control => ({
  param,
  kind: "list",
  set: async (page) => {
    await page.getByRole("combobox", { name: t(labelKey), exact: true }).click();
    await page.getByRole("option").nth(1).click();
  },
});

export const search = (text: string): Control => ({
  param: "q",
  kind: "field",
  set: (page) => page.getByRole("searchbox").fill(text),
});

export const nextPage: Control = {
  param: "after",
  kind: "link",
  set: (page) => page.getByRole("link", { name: t("common.pager.next") }).click(),
};

export const previousPage: Control = {
  param: "before",
  kind: "link",
  set: (page) => page.getByRole("link", { name: t("common.pager.previous") }).click(),
};

/** A row, or a part of the page, that opens in its place. */
export const disclosure = (param: string, labelKey: string, values?: Record<string, string>): Control => ({
  param,
  kind: "disclosure",
  set: (page) =>
    main(page)
      .locator("button[aria-expanded]")
      .filter({ hasText: t(labelKey, values) })
      .first()
      .click(),
});

/** A place of the drawing, which Space chooses. */
export const place: Control = {
  param: "at",
  kind: "other",
  set: (page) => page.locator("[data-place]").first().press("Space"),
};

/** A line of the drawing. */
export const line: Control = {
  param: "from",
  kind: "other",
  set: (page) => page.locator(".react-flow__edge-interaction").first().dispatchEvent("click"),
};

export const column = (labelKey: string): Control => ({
  param: "columns",
  value: labelKey,
  kind: "other",
  set: async (page) => {
    await page.getByRole("button", { name: t("rules.columns") }).click();
    await page.getByRole("menuitemcheckbox", { name: t(labelKey) }).click();
    await page.waitForURL(/columns=/);
    await page.keyboard.press("Escape");
  },
});

export const instanceSwitch: Control = {
  param: "instance",
  kind: "other",
  set: async (page) => {
    await page.getByRole("button", { name: t("rules.switcher.label") }).click();
    await page.getByPlaceholder(t("rules.switcher.search")).fill("新加坡");
    await page.keyboard.press("Enter");
  },
};

/** A button, a choice of several, a mark in a row. */
export const press = (param: string, role: "button" | "radio", name: RegExp): Control => ({
  param,
  kind: "other",
  set: (page) => main(page).getByRole(role, { name }).first().click(),
});

/** Opens a row of the table beside it. */
export const firstRow = (param: string): Control => ({
  param,
  kind: "link",
  set: (page) => main(page).locator(`tbody a[href*="${param}="]`).first().click(),
});

/**
 * What the controls and the rows of a page show: chips, tabs and heads with whether they are chosen, drop-downs and fields with
 * what they hold, columns, rows, and what is open beside them.
 */
export function stateOf(page: Page): Promise<object> {
  return page.evaluate(() => {
    const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
    const words = (element: Element) =>
      element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
    // Without how long ago it was: that goes on meanwhile.
    const timeless = (row: HTMLElement) => {
      const copy = row.cloneNode(true) as HTMLElement;
      for (const time of copy.querySelectorAll("time")) {
        time.remove();
      }
      return words(copy);
    };
    return {
      chosen: all("main [aria-current], main [aria-checked=true], main [aria-pressed=true]").map(words),
      heads: all("main thead th").map((head) => `${words(head)} ${head.getAttribute("aria-sort") ?? ""}`),
      lists: all("main [role=combobox], main header button").map(words),
      fields: all("main input[type=search]").map((field) => (field as HTMLInputElement).value),
      // By what names a row; the words of one may tell a time, which the server says in its own zone until the page's scripts are there.
      rows: all("main tbody tr").map(
        (row) => row.querySelector("a")?.getAttribute("href") ?? row.dataset.row ?? timeless(row),
      ),
      open: all("aside h2, [role=dialog] h2, main [aria-expanded=true]").map(words),
    };
  });
}

export interface Offered {
  params: string[];
  lists: number;
  fields: number;
  disclosures: number;
}

/** What a page offers: parameters that its links to itself change, how many drop-downs and search fields, what opens in its place. */
export function offeredBy(page: Page): Promise<Offered> {
  return page.evaluate(() => {
    const here = new URL(location.href);
    const params = new Set<string>();
    for (const anchor of document.querySelectorAll<HTMLAnchorElement>("main a[href]")) {
      const there = new URL(anchor.href);
      const names = there.pathname === here.pathname ? [...there.searchParams.keys()] : [];
      for (const name of names) {
        if (there.searchParams.get(name) !== here.searchParams.get(name)) {
          params.add(name);
        }
      }
    }
    return {
      params: [...params],
      lists: document.querySelectorAll("main [role=combobox]").length,
      fields: document.querySelectorAll("main input[type=search]").length,
      // A page has one kind of them.
      disclosures: Math.min(
        1,
        document.querySelectorAll("main button[aria-expanded]:not([aria-haspopup], [role=combobox])").length,
      ),
    };
  });
}

/** What is looked for is there after some ten milliseconds as a rule; a busy machine is waited for all the same. */
export const SOON = { intervals: [10, 20, 40, 80, 160, 320], timeout: 60_000 };

/** Until two pages show the same: parts of either may still be coming. @returns what they show */
export async function showSame(one: Page, other: Page): Promise<object> {
  let state: object = {};
  await expect
    .poll(async () => {
      const [ofOne, ofOther] = await Promise.all([stateOf(one), stateOf(other)]);
      state = ofOne;
      return { ...ofOne, differs: differing(ofOne, ofOther) };
    }, SOON)
    .toMatchObject({ differs: {} });
  return state;
}

/** The parts in which two states differ, each as the two show it; empty where they are the same. */
function differing(one: object, other: object): object {
  const theirs = new Map<string, unknown>(Object.entries(other));
  return Object.fromEntries(
    Object.entries(one)
      .filter(([part, shown]) => JSON.stringify(shown) !== JSON.stringify(theirs.get(part)))
      .map(([part, shown]) => [part, { shown, elsewhere: theirs.get(part) }]),
  );
}

/** Rows have come, and nothing is being asked any more. */
export async function settled(page: Page): Promise<void> {
  await expect
    .poll(
      () =>
        page.evaluate(() => ({
          headed: (document.querySelector("h1")?.getClientRects().length ?? 0) > 0,
          busy: document.querySelectorAll("[aria-busy=true]").length,
          // A row without a word is the skeleton of one.
          bars: [...document.querySelectorAll("main tbody tr")].filter(
            (row) => row.textContent?.trim() === "",
          ).length,
        })),
      SOON,
    )
    .toEqual({ headed: true, busy: 0, bars: 0 });
}
