import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LOCALE_COOKIE, requestLocale } from "../auth/locale.ts";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { signInAction, signOutAction } from "./account.ts";
import { setBrowserLocaleAction, setLocaleAction } from "./locale.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const IDLE = { status: "idle" } as const;
const PASSWORD = "correct horse battery";
let testDb: TestDatabase;
let passwordHash: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  passwordHash = await hashPassword(PASSWORD);
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

const english = { "accept-language": "en-GB,en;q=0.9" };
const chinese = { "accept-language": "zh-CN,zh;q=0.9" };
const seen = (browser: Browser, headers: Record<string, string>) => browser.request(requestLocale, headers);

let counter = 0;
async function newUser(): Promise<string> {
  const username = `reader-${++counter}`;
  await insertUser(database(), { username, passwordHash });
  return username;
}
async function signIn(browser: Browser, username: string): Promise<void> {
  const state = await browser.request(() => signInAction(IDLE, formOf({ username, password: PASSWORD })));
  expect(state.status).toBe("ok");
}

test("before signing in the browser decides, by its header, then by the switch", async () => {
  const browser = new Browser();
  expect(await seen(browser, english)).toBe("en");
  expect(await seen(browser, chinese)).toBe("zh-CN");
  expect(await seen(browser, {})).toBe("zh-CN");
  const state = await browser.request(() => setBrowserLocaleAction(IDLE, formOf({ locale: "en" })));
  expect(state.status).toBe("ok");
  expect(await seen(browser, chinese)).toBe("en");
});

test("a choice on the account follows its user to another browser, and stays in it after signing out", async () => {
  const username = await newUser();
  const one = new Browser();
  await signIn(one, username);
  expect(await seen(one, chinese)).toBe("zh-CN");
  const changed = await one.request(async () => {
    expect(await requestLocale()).toBe("zh-CN");
    const state = await setLocaleAction(IDLE, formOf({ locale: "en" }));
    // The page that comes back with the answer is made in the same request.
    expect(await requestLocale()).toBe("en");
    return state;
  }, chinese);
  expect(changed.status).toBe("ok");

  const two = new Browser();
  expect(await seen(two, chinese)).toBe("zh-CN");
  await signIn(two, username);
  expect(await seen(two, chinese)).toBe("en");
  await two.request(() => signOutAction(IDLE, new FormData()));
  expect(await seen(two, chinese)).toBe("en");
  expect(two.cookies.get(LOCALE_COOKIE)?.value).toBe("en");

  const rows = await database().select().from(audit).orderBy(audit.id);
  expect(rows.filter(({ action }) => action === "account:preferences")).toMatchObject([
    { actor: username, outcome: "ok", changes: { locale: { before: null, after: "en" } } },
  ]);
});

test("another's choice in this browser does not outweigh one's own", async () => {
  const [first, second] = [await newUser(), await newUser()];
  const browser = new Browser();
  await signIn(browser, first);
  await browser.request(() => setLocaleAction(IDLE, formOf({ locale: "zh-CN" })));
  await browser.request(() => signOutAction(IDLE, new FormData()));
  await signIn(browser, second);
  await browser.request(() => setLocaleAction(IDLE, formOf({ locale: "en" })));
  await browser.request(() => signOutAction(IDLE, new FormData()));
  await signIn(browser, first);
  expect(await seen(browser, english)).toBe("zh-CN");
});

test("what is no language of ours is refused, and a cookie that names one is not believed", async () => {
  const browser = new Browser();
  const state = await browser.request(() => setBrowserLocaleAction(IDLE, formOf({ locale: "tlh" })));
  expect(state).toMatchObject({ status: "error", code: "INVALID" });
  for (const value of ["tlh", "en-XA", "../../etc"]) {
    browser.cookies.set(LOCALE_COOKIE, value);
    expect(await seen(browser, english), value).toBe("en");
  }
});
