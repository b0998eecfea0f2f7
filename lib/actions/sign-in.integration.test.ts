import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { authorize } from "../auth/authorize.ts";
import { noteRequests } from "../auth/client-address.ts";
import { hashPassword, verifyPassword } from "../auth/password.ts";
import { currentUser } from "../auth/session.ts";
import { createRoot, ensureSetupToken, setupNeeded, setupTokenValid } from "../auth/setup.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { sessions, setupTokens, signInFailures, users } from "../db/schema/people.ts";
import { insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { changePasswordAction, claimSetupAction, signInAction } from "./account.ts";
import { resetPasswordAction, setUserDisabledAction } from "./users.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

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
beforeEach(async () => {
  await database().delete(signInFailures);
});

/** The audit, oldest first: their ids follow the order of writing, their places in the table need not. */
const auditRows = () => database().select().from(audit).orderBy(audit.id);

const IDLE = { status: "idle" } as const;
let counter = 0;
const fresh = (prefix: string): string => `${prefix}-${++counter}`;

/** Signs in from an address; answers `ok` or the reason of the refusal. */
async function signIn(
  browser: Browser,
  username: string,
  password: string,
  { from = "192.0.2.1", forwarded }: { from?: string; forwarded?: string } = {},
): Promise<string> {
  const state = await browser.request(() => signInAction(IDLE, formOf({ username, password })), {
    [noteRequests().addressHeader]: from,
    ...(forwarded ? { "x-forwarded-for": forwarded } : {}),
  });
  return state.status === "error" ? state.reason : state.status;
}

async function newUser(
  role: "root" | "sub-account" = "sub-account",
): Promise<{ userId: string; username: string }> {
  const username = fresh(role);
  return { username, userId: await insertUser(database(), { username, role, passwordHash }) };
}

const whoIs = (browser: Browser) => browser.request(async () => (await currentUser())?.username ?? null);

describe("set-up", () => {
  test("happens once: one token, the last that was printed, one root", async () => {
    expect(await setupNeeded()).toBe(true);
    const first = (await ensureSetupToken()) ?? "";
    const second = (await ensureSetupToken()) ?? "";
    expect(second).not.toBe(first);
    expect(Buffer.from(second, "base64url").length).toBeGreaterThanOrEqual(16);
    expect(await setupTokenValid(first)).toBe(false);
    expect(await setupTokenValid(second)).toBe(true);
    const stored = await database().select().from(setupTokens);
    expect(JSON.stringify(stored)).not.toContain(second);

    const claimed = { status: "ok" } as const;
    const claim = (token: string, username: string) =>
      new Browser()
        .request(() =>
          claimSetupAction(
            IDLE,
            formOf({ token, username, displayName: "", password: PASSWORD, passwordAgain: PASSWORD }),
          ),
        )
        // The way on from a set-up that is done.
        .catch((error: Error & { digest?: string }) => {
          expect(error.digest).toContain(";/instances/new;");
          return claimed;
        });
    expect(await claim(first, "intruder")).toMatchObject({
      code: "INVALID",
      fields: { token: { key: "setup-token-invalid" } },
    });
    const states = await Promise.all(["alpha", "beta", "gamma"].map((name) => claim(second, name)));
    expect(states.filter((state) => state.status === "ok")).toHaveLength(1);
    const roots = await database().select().from(users).where(eq(users.role, "root"));
    expect(roots).toHaveLength(1);

    expect(await setupNeeded()).toBe(false);
    expect(await ensureSetupToken()).toBeNull();
    expect(await setupTokenValid(second)).toBe(false);
    expect((await claim(second, "late")).status).toBe("error");
    await expect(createRoot({ username: "again", password: PASSWORD }, { kind: "operator" })).rejects.toThrow(
      "setup-done",
    );
  });
});

describe("the password", () => {
  test("is kept as argon2id with 19 MiB, two passes, one lane", async () => {
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(passwordHash, PASSWORD)).toBe(true);
    expect(await verifyPassword(passwordHash, `${PASSWORD} `)).toBe(false);
    expect(await verifyPassword(null, PASSWORD)).toBe(false);
  });

  test("of an unknown, a disabled and a known user fails alike, after the same work", async () => {
    const known = await newUser();
    const disabled = await newUser();
    await database().update(users).set({ disabledAt: new Date() }).where(eq(users.id, disabled.userId));
    const answers = new Set<string>();
    // Work, not time: what else the machine does changes the one and not the other.
    const work: Record<string, number[]> = { known: [], unknown: [] };
    for (let round = 0; round < 24; round += 1) {
      await database().delete(signInFailures);
      for (const [kind, username, password] of [
        ["known", known.username, "wrong password"],
        ["unknown", "nobody-at-all", "wrong password"],
        ["disabled", disabled.username, PASSWORD],
      ] as const) {
        const before = process.cpuUsage();
        answers.add(await signIn(new Browser(), username, password));
        const { user, system } = process.cpuUsage(before);
        work[kind]?.push(user + system);
      }
    }
    expect([...answers]).toEqual(["sign-in-failed"]);
    const median = (values: number[] = []) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
    const [slow, fast] = [median(work.known), median(work.unknown)].sort((a, b) => b - a) as [number, number];
    // Hashing takes tens of milliseconds: a path without it would take a fraction.
    expect(fast / slow).toBeGreaterThan(0.6);
  });
});

describe("guesses", () => {
  test("at one account: ten, then not even the right password counts, from whatever address", async () => {
    const { username } = await newUser();
    const outcomes: string[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      outcomes.push(await signIn(new Browser(), username, `wrong ${guess}`, { from: `198.51.100.${guess}` }));
    }
    expect(outcomes).toEqual([...Array(10).fill("sign-in-failed"), "sign-in-limited", "sign-in-limited"]);
    expect(await signIn(new Browser(), username, PASSWORD, { from: "203.0.113.1" })).toBe("sign-in-limited");
    await database().execute(sql`update ${signInFailures} set at = now() - interval '15 minutes 1 second'`);
    expect(await signIn(new Browser(), username, PASSWORD)).toBe("ok");
  });

  test("sent at once do not slip through together", async () => {
    const { username } = await newUser();
    const outcomes = await Promise.all(
      Array.from({ length: 25 }, (_, guess) =>
        signIn(new Browser(), username, `wrong ${guess}`, { from: `198.51.100.${guess}` }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "sign-in-failed")).toHaveLength(10);
  });

  test("cannot lock out a browser that the user signed in on before; that browser has ten of its own", async () => {
    const { username } = await newUser();
    const own = new Browser();
    expect(await signIn(own, username, PASSWORD)).toBe("ok");
    for (let guess = 0; guess < 12; guess += 1) {
      await signIn(new Browser(), username, `wrong ${guess}`, { from: `198.51.100.${guess}` });
    }
    expect(await signIn(new Browser(), username, PASSWORD)).toBe("sign-in-limited");
    expect(await signIn(own, username, PASSWORD)).toBe("ok");
    const outcomes: string[] = [];
    for (let guess = 0; guess < 11; guess += 1) {
      outcomes.push(await signIn(own, username, `wrong ${guess}`));
    }
    expect(outcomes.at(-2)).toBe("sign-in-failed");
    expect(outcomes.at(-1)).toBe("sign-in-limited");
  });

  test("a device cookie counts for the user it was made for, and not when forged", async () => {
    const mine = await newUser();
    const yours = await newUser();
    const browser = new Browser();
    expect(await signIn(browser, mine.username, PASSWORD)).toBe("ok");
    for (let guess = 0; guess < 10; guess += 1) {
      await signIn(new Browser(), yours.username, `wrong ${guess}`, { from: `198.51.100.${guess}` });
    }
    expect(await signIn(browser, yours.username, PASSWORD)).toBe("sign-in-limited");
    const forged = new Browser();
    forged.cookies.set("lockstep-device", `${crypto.randomUUID()}.${"A".repeat(43)}`);
    expect(await signIn(forged, yours.username, PASSWORD)).toBe("sign-in-limited");
  });

  test("from one client: a hundred over all accounts, by /64, whatever X-Forwarded-For says", async () => {
    await database()
      .insert(signInFailures)
      .values(Array.from({ length: 99 }, () => ({ key: "client:2001:db8:1:2::/64" })));
    const from = (host: string) => ({
      from: `2001:db8:1:2::${host}`,
      forwarded: `203.0.113.${counter % 250}`,
    });
    expect(await signIn(new Browser(), fresh("nobody"), "wrong", from("1"))).toBe("sign-in-failed");
    const { username } = await newUser();
    expect(await signIn(new Browser(), username, PASSWORD, from("ffff"))).toBe("sign-in-limited");
    expect(await signIn(new Browser(), username, PASSWORD, { from: "2001:db8:1:3::1" })).toBe("ok");
  });
});

describe("a session", () => {
  test("is an unguessable row that only the cookie names; each sign-in makes a new one and ends the one before", async () => {
    const { userId, username } = await newUser();
    const browser = new Browser();
    await signIn(browser, username, PASSWORD);
    const first = browser.cookies.get("lockstep-session")?.value;
    const cookie = browser.cookies.values.get("lockstep-session");
    expect(cookie?.options).toMatchObject({ httpOnly: true, sameSite: "lax", path: "/", secure: false });
    await signIn(browser, username, PASSWORD);
    expect(browser.cookies.get("lockstep-session")?.value).not.toBe(first);
    expect(await database().select().from(sessions).where(eq(sessions.userId, userId))).toHaveLength(1);
    const old = new Browser();
    old.cookies.set("lockstep-session", first ?? "");
    expect(await whoIs(old)).toBeNull();
    expect(await whoIs(browser)).toBe(username);
  });

  test("is nobody's when the cookie is forged, changed or empty", async () => {
    const { username } = await newUser();
    const browser = new Browser();
    await signIn(browser, username, PASSWORD);
    const token = browser.cookies.get("lockstep-session")?.value ?? "";
    for (const forged of [
      "",
      "x",
      `${token}x`,
      token.slice(0, -4),
      `e30.${token}`,
      token.replace(/.$/, ""),
    ]) {
      const other = new Browser();
      other.cookies.set("lockstep-session", forged);
      expect(await whoIs(other)).toBeNull();
    }
  });

  test("ends when it is too old, when it was idle, and when its row is deleted", async () => {
    const { userId, username } = await newUser();
    for (const change of [
      sql`update sessions set expires_at = now() - interval '1 second' where user_id = ${userId}`,
      sql`update sessions set last_seen_at = now() - interval '12 hours 1 second' where user_id = ${userId}`,
      sql`delete from sessions where user_id = ${userId}`,
    ]) {
      const browser = new Browser();
      await signIn(browser, username, PASSWORD);
      expect(await whoIs(browser)).toBe(username);
      await database().execute(change);
      expect(await whoIs(browser)).toBeNull();
    }
  });

  test("stays alive while it is used", async () => {
    const { userId, username } = await newUser();
    const browser = new Browser();
    await signIn(browser, username, PASSWORD);
    await database().execute(
      sql`update sessions set last_seen_at = now() - interval '11 hours' where user_id = ${userId}`,
    );
    await whoIs(browser);
    const { rows } = await database().execute<{ idle: boolean }>(
      sql`select last_seen_at < now() - interval '1 minute' as idle from sessions where user_id = ${userId}`,
    );
    expect(rows).toEqual([{ idle: false }]);
  });

  test("of a disabled user dies at its next request, all of them", async () => {
    const root = new Browser();
    await signIn(root, (await newUser("root")).username, PASSWORD);
    const { userId, username } = await newUser();
    const browsers = [new Browser(), new Browser()];
    for (const browser of browsers) {
      await signIn(browser, username, PASSWORD);
    }
    const state = await root.request(() => setUserDisabledAction(IDLE, formOf({ userId, disabled: true })));
    expect(state.status).toBe("ok");
    for (const browser of browsers) {
      await expect(browser.request(() => authorize("account:view"))).rejects.toThrow("UNAUTHENTICATED");
    }
    expect(await signIn(new Browser(), username, PASSWORD)).toBe("sign-in-failed");
    await root.request(() => setUserDisabledAction(IDLE, formOf({ userId, disabled: false })));
    expect(await whoIs(browsers[0] as Browser)).toBeNull();
    expect(await signIn(new Browser(), username, PASSWORD)).toBe("ok");
  });

  test("of others ends when the password changes; one's own stays", async () => {
    const { userId, username } = await newUser();
    const [here, there] = [new Browser(), new Browser()];
    await signIn(here, username, PASSWORD);
    await signIn(there, username, PASSWORD);
    const change = (current: string) =>
      here.request(() => changePasswordAction(IDLE, formOf({ current, password: "a new passphrase" })));
    expect(await change("wrong")).toMatchObject({
      code: "INVALID",
      fields: { current: { key: "password-wrong" } },
    });
    expect((await change(PASSWORD)).status).toBe("ok");
    expect(await whoIs(here)).toBe(username);
    expect(await whoIs(there)).toBeNull();

    const root = new Browser();
    await signIn(root, (await newUser("root")).username, PASSWORD);
    await root.request(() => resetPasswordAction(IDLE, formOf({ userId, password: "set by root 1" })));
    expect(await whoIs(here)).toBeNull();
    expect(await signIn(here, username, "set by root 1")).toBe("ok");
  });
});

test("each sign-in leaves one audit row, and none of them a password", async () => {
  const { username } = await newUser();
  await signIn(new Browser(), username, "canary-wrong-password");
  await signIn(new Browser(), username, PASSWORD);
  const rows = (await auditRows()).filter(({ actor }) => actor === username);
  expect(rows.map(({ actor, action, outcome, ip }) => ({ actor, action, outcome, ip }))).toEqual([
    { actor: username, action: "session:sign-in", outcome: "denied", ip: "192.0.2.1" },
    { actor: username, action: "session:sign-in", outcome: "ok", ip: "192.0.2.1" },
  ]);
  const everything = JSON.stringify(await database().select().from(audit));
  expect(everything).not.toContain("canary");
  expect(everything).not.toContain(PASSWORD);
});

test("what was typed instead of a user name is kept nowhere: it may be the password", async () => {
  const typed = "Canary-In-The-Wrong-Field";
  expect(await signIn(new Browser(), typed, "x")).toBe("sign-in-failed");
  const [row] = (await auditRows()).slice(-1);
  expect(row).toMatchObject({ actor: "anonymous", action: "session:sign-in", outcome: "denied" });
  const everything = [await database().select().from(audit), await database().select().from(signInFailures)];
  expect(JSON.stringify(everything)).not.toContain(typed);
});
