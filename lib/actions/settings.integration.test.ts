import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { GET as live } from "../../app/api/live/route.ts";
import { authorize } from "../auth/authorize.ts";
import { hashPassword } from "../auth/password.ts";
import { currentUser, IDLE_TIMEOUT_S } from "../auth/session.ts";
import { closeLive } from "../data/live.ts";
import { listOwnSessions } from "../data/sessions.ts";
import { systemFacts } from "../data/settings.ts";
import { closeDatabase, database } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { audit } from "../db/schema/audit.ts";
import { workers } from "../db/schema/installation.ts";
import { sessions, users } from "../db/schema/people.ts";
import { prepareQueues } from "../queue/boss.ts";
import { insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { measured } from "../testing/sync-world.ts";
import { startWorkerProcess } from "../testing/worker-process.ts";
import { changePasswordAction, signInAction } from "./account.ts";
import { endOtherSessionsAction, endSessionAction, setShortcutsAction } from "./settings.ts";
import { resetPasswordAction } from "./users.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const IDLE = { status: "idle" } as const;
const PASSWORD = "correct horse battery";
let testDb: TestDatabase;
let userId: string;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
});
beforeEach(async () => {
  await database().delete(users);
  userId = await insertUser(database(), {
    username: "mine",
    role: "root",
    passwordHash: await hashPassword(PASSWORD),
  });
});
afterAll(async () => {
  await closeDatabase();
  await testDb?.drop();
});

async function signedIn(username = "mine"): Promise<Browser> {
  const browser = new Browser();
  await browser.request(() => signInAction(IDLE, formOf({ username, password: PASSWORD })));
  return browser;
}

/** Collects what a stream sends, until it ends. */
function follow(response: Response): { text(): string; ended: Promise<void> } {
  let text = "";
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
    }
  })();
  return { text: () => text, ended };
}

const whoIs = (browser: Browser) => browser.request(async () => (await currentUser())?.username ?? null);
const listOf = (browser: Browser) =>
  browser.request(async () =>
    listOwnSessions(await authorize("account:view"), {
      current: (await currentUser())?.sessionHash ?? "",
      idleTimeoutS: IDLE_TIMEOUT_S,
    }),
  );

describe("sessions", () => {
  test("are listed with the one that asks first; what is over is not among them", async () => {
    const [here, there] = [await signedIn(), await signedIn()];
    const rows = await listOf(here);
    expect(rows.map(({ current }) => current)).toEqual([true, false]);
    expect(rows[0]).toMatchObject({ userAgent: "test" });
    expect((await listOf(there))[0]?.id).toBe(rows[1]?.id);
    await database()
      .update(sessions)
      .set({ lastSeenAt: new Date(Date.now() - (IDLE_TIMEOUT_S + 60) * 1000) })
      .where(eq(sessions.idHash, rows[1]?.id ?? ""));
    expect(await listOf(here)).toHaveLength(1);
  });

  test("one is ended: at its next request it is nobody, this one stays, and the audit says so", async () => {
    const [here, there] = [await signedIn(), await signedIn()];
    expect(await whoIs(there)).toBe("mine");
    const other = (await listOf(here)).find(({ current }) => !current);
    expect(await here.request(() => endSessionAction(IDLE, formOf({ sessionId: other?.id })))).toMatchObject({
      status: "ok",
    });
    expect(await whoIs(there)).toBeNull();
    expect(await whoIs(here)).toBe("mine");
    const rows = await database().select().from(audit).where(eq(audit.action, "account:end-sessions"));
    expect(rows).toMatchObject([{ outcome: "ok", changes: { browser: { before: "test" } } }]);
  });

  test("all others are ended at once", async () => {
    const [here, ...others] = [await signedIn(), await signedIn(), await signedIn()];
    expect(await here.request(() => endOtherSessionsAction(IDLE, formOf({})))).toMatchObject({
      status: "ok",
      result: { ended: 2 },
    });
    expect(await Promise.all([here, ...others].map(whoIs))).toEqual(["mine", null, null]);
  });

  test("the live stream of an ended session is told of it, and ends; those of other sessions go on", async () => {
    const [here, there] = [await signedIn(), await signedIn()];
    const [instanceId, later] = [crypto.randomUUID(), crypto.randomUUID()];
    // No stream looks for itself: what ends is what was told.
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const open = async (browser: Browser) =>
        follow(await browser.request(() => live(new Request("http://console.test/api/live"))));
      const [mine, theirs] = [await open(here), await open(there)];
      // The listener needs a moment to stand.
      await vi.waitUntil(
        async () => {
          await notifyLive(database(), { kind: "instance", instanceId });
          return [mine, theirs].every((stream) => stream.text().includes(instanceId));
        },
        { timeout: 60_000, interval: 100 },
      );
      const startedAt = performance.now();
      await here.request(() => endOtherSessionsAction(IDLE, formOf({})));
      await theirs.ended;
      measured(`the stream of an ended session ends after ${Math.round(performance.now() - startedAt)} ms`);
      await notifyLive(database(), { kind: "instance", instanceId: later });
      await vi.waitUntil(() => mine.text().includes(later), { timeout: 60_000, interval: 20 });
      expect(theirs.text()).not.toContain(later);
      await closeLive();
      await mine.ended;
    } finally {
      vi.useRealTimers();
    }
  });

  test("somebody else's session is not there", async () => {
    await insertUser(database(), { username: "other", passwordHash: await hashPassword(PASSWORD) });
    const [here, theirs] = [await signedIn(), await signedIn("other")];
    const [foreign] = await listOf(theirs);
    const state = await here.request(() => endSessionAction(IDLE, formOf({ sessionId: foreign?.id })));
    expect(state).toMatchObject({ status: "error", code: "NOT_FOUND" });
    expect(await whoIs(theirs)).toBe("other");
    for (const sessionId of ["", "x", `${"0".repeat(63)}g`, "' or 1=1"]) {
      expect(await here.request(() => endSessionAction(IDLE, formOf({ sessionId })))).toMatchObject({
        status: "error",
        code: "INVALID",
      });
    }
  });
});

test("single-letter shortcuts are kept on the account, beside what else is kept there", async () => {
  const here = await signedIn();
  const switchTo = (enabled: boolean) => here.request(() => setShortcutsAction(IDLE, formOf({ enabled })));
  await switchTo(false);
  expect(await here.request(async () => (await currentUser())?.preferences)).toEqual({ shortcuts: false });
  await switchTo(true);
  expect(await (await signedIn()).request(async () => (await currentUser())?.preferences)).toEqual({
    shortcuts: true,
  });
});

test("a password that is common or holds the user name is refused, whoever sets it", async () => {
  const here = await signedIn();
  const change = (password: string) =>
    here.request(() => changePasswordAction(IDLE, formOf({ current: PASSWORD, password })));
  expect(await change("iloveyou")).toMatchObject({ fields: { password: { key: "password-common" } } });
  expect(await change("this one is mine")).toMatchObject({
    fields: { password: { key: "password-has-user-name" } },
  });
  const other = await insertUser(database(), { username: "lihua" });
  const reset = (password: string) =>
    here.request(() => resetPasswordAction(IDLE, formOf({ userId: other, password })));
  expect(await reset("LiHua-2026")).toMatchObject({
    fields: { password: { key: "password-has-user-name" } },
  });
  expect(await reset("kQ7-tr2.wv")).toMatchObject({ status: "ok" });
  expect(userId).not.toBe(other);
});

test("the system's facts: workers that live and one that is gone, the database, the fingerprint and no key", async () => {
  const here = await signedIn();
  const worker = await startWorkerProcess({
    DATABASE_URL: testDb.url,
    SECRET_KEY: process.env.SECRET_KEY ?? "",
    WORKER_CONCURRENCY: "3",
  });
  try {
    await database()
      .insert(workers)
      .values({ id: crypto.randomUUID(), lockKey: 4711, host: "gone", pid: 1, version: "0.0.1" });
    const facts = await here.request(async () => systemFacts(await authorize("settings:view")));
    expect(facts.workers.find(({ pid }) => pid === worker.pid)).toMatchObject({
      id: worker.workerId,
      alive: true,
      concurrency: 3,
    });
    expect(facts.workers.find(({ host }) => host === "gone")).toMatchObject({
      alive: false,
      concurrency: null,
    });
    expect(facts.databaseVersion).toMatch(/^\d+\.\d+$/);
    expect(facts.databaseBytes).toBeGreaterThan(1_000_000);
    expect(facts.keyFingerprint).toMatch(/^(?:[0-9a-f]{4} ){3}[0-9a-f]{4}$/);
    expect(JSON.stringify(facts)).not.toContain(process.env.SECRET_KEY);
  } finally {
    await worker.end();
  }
});
