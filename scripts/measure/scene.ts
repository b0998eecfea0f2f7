import type { Page } from "@playwright/test";
import type { Words } from "../words.ts";
import type { StageFacts, StageVariant } from "./stage-facts.ts";

/** A page in one of its states: what `npm run shots` takes a picture of and `npm run budgets` looks through with axe. */
export interface Scene {
  /** Of its pictures; begins with the page's name. */
  readonly name: string;
  readonly path: string | ((stage: StageFacts) => string);
  /** By default `full`. */
  readonly variant?: StageVariant;
  /** By default the root `zhoumin`; null: nobody is signed in. */
  readonly user?: string | null;
  /** Before the page is asked for. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** It is looked at while the answer is still coming. */
  readonly early?: true;
  /** It is there only where lists are tables: rows are not selected on a phone. */
  readonly wide?: true;
  /** What a person does on the page until it is in that state. */
  readonly act?: (page: Page, t: Words) => Promise<void>;
}

/** As one may write them with nothing but a name and an address. */
export const at = (name: string, path: Scene["path"], more: Partial<Scene> = {}): Scene => ({
  name,
  path,
  ...more,
});

export const SOURCE = "shanghai";

/** `/rules` of an instance, with more of a query. */
export const rulesOf =
  (key: string, query = "") =>
  ({ seeded }: StageFacts): string =>
    `/rules?instance=${seeded.instances[key] ?? ""}${query}`;

/** The stream of events and the lists are cut off: what is shown grows old, and is said to. */
export const cutOff = async (page: Page) => {
  await page.route("**/api/**", (route) => route.abort());
};

/** Until the page has asked again and again in vain. */
export const growOld = (page: Page) => page.waitForTimeout(6_500);

/** A button with these words opens a dialog. */
export const openedBy = (key: string, values?: Record<string, string>) => async (page: Page, t: Words) => {
  await page
    .getByRole("button", { name: t(key, values) })
    .first()
    .click();
  await page.getByRole("dialog").waitFor();
};

/** On a page that is refused: until a request to whoever may grant it can be copied. */
export const untilAskable = async (page: Page, t: Words) => {
  await page.getByRole("button", { name: t("common.forbidden.copy") }).waitFor();
};
