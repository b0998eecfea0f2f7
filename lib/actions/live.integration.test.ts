import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GET as healthz } from "../../app/api/healthz/route.ts";
import { GET as live } from "../../app/api/live/route.ts";
import { GET as ruleRoute } from "../../app/api/rules/[id]/route.ts";
import { hashPassword } from "../auth/password.ts";
import { closeLive } from "../data/live.ts";
import { closeDatabase, database } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { grants } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import type { LiveEvent } from "../schemas/live.ts";
import type { UserRole } from "../schemas/words.ts";
import { insertGrant, insertInstance, insertRule, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { signInAction } from "./account.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const PASSWORD = "correct horse battery";
let testDb: TestDatabase;
let mine: string;
let foreign: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  mine = await insertInstance(database());
  foreign = await insertInstance(database());
});
afterAll(async () => {
  await closeLive();
  await closeDatabase();
  await testDb.drop();
});

async function viewer(
  username: string,
  role: UserRole = "sub-account",
): Promise<{ browser: Browser; userId: string }> {
  const userId = await insertUser(database(), { username, role, passwordHash: await hashPassword(PASSWORD) });
  if (role === "sub-account") {
    await insertGrant(database(), userId, mine, { level: "view" });
  }
  const browser = new Browser();
  await browser.request(() => signInAction({ status: "idle" }, formOf({ username, password: PASSWORD })));
  return { browser, userId };
}

/** Collects what the stream sends, until it ends. */
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

async function open(browser: Browser): Promise<ReturnType<typeof follow>> {
  const response = await browser.request(() => live(new Request("http://console.test/api/live")));
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  return follow(response);
}

const taskEvent = (
  sourceInstanceId: string,
  taskId = crypto.randomUUID(),
): LiveEvent & { taskId: string } => ({
  kind: "task",
  taskId,
  ruleId: crypto.randomUUID(),
  sourceInstanceId,
  targetInstanceIds: [],
});

/** LISTEN takes a moment when the first viewer comes: sends until one arrives. */
async function untilHeard(
  stream: ReturnType<typeof follow>,
  event: LiveEvent,
  marker: string,
): Promise<void> {
  await vi.waitFor(
    async () => {
      await notifyLive(database(), event);
      expect(stream.text()).toContain(marker);
    },
    { timeout: 60_000, interval: 100 },
  );
}

test("nobody who is not signed in gets a stream", async () => {
  const response = await new Browser().request(() => live(new Request("http://console.test/api/live")));
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: "UNAUTHENTICATED", requestId: expect.any(String) });
});

test("a viewer hears of what it may see, as events with their kind, and of nothing else", async () => {
  const { browser, userId } = await viewer("hears");
  const stream = await open(browser);
  const seen = taskEvent(mine);
  const hidden = taskEvent(foreign);
  await notifyLive(database(), hidden);
  await untilHeard(stream, seen, seen.taskId);
  await notifyLive(database(), hidden);
  await notifyLive(database(), { kind: "instance", instanceId: foreign });
  await untilHeard(stream, { kind: "instance", instanceId: mine }, "event: instance");
  expect(stream.text()).toContain(`event: task\ndata: ${JSON.stringify(seen)}\n\n`);
  expect(stream.text()).not.toContain(hidden.taskId);
  expect(stream.text()).not.toContain(foreign);

  // A grant that is taken away counts within the re-check.
  await database().delete(grants).where(eq(grants.userId, userId));
  await new Promise((resolve) => setTimeout(resolve, 4_600));
  const late = taskEvent(mine);
  await notifyLive(database(), late);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(stream.text()).not.toContain(late.taskId);
});

test("what is said of notices reaches root alone, what is said of deletions whoever sees the rule", async () => {
  const viewers = await open((await viewer("sees-deletions")).browser);
  const roots = await open((await viewer("sees-notices", "root")).browser);
  await untilHeard(roots, { kind: "notice" }, "event: notice");
  const deletionOf = (sourceInstanceId: string, targetInstanceIds: string[]) =>
    ({ kind: "deletion", ruleId: crypto.randomUUID(), sourceInstanceId, targetInstanceIds }) as const;
  const hidden = deletionOf(foreign, [foreign]);
  await notifyLive(database(), hidden);
  const seen = deletionOf(foreign, [mine]);
  await untilHeard(viewers, seen, seen.ruleId);
  expect(viewers.text()).toContain("event: deletion");
  // Postgres keeps the order of what was told: whatever came before `seen` would be there by now.
  expect(viewers.text()).not.toContain(hidden.ruleId);
  expect(viewers.text()).not.toContain("event: notice");
  await vi.waitFor(() => expect(roots.text()).toContain(hidden.ruleId), { timeout: 30_000 });
});

test("the stream of a disabled user ends with the next look at its session, every four seconds", async () => {
  const { browser, userId } = await viewer("disabled");
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const stream = await open(browser);
    await database().update(users).set({ disabledAt: new Date() }).where(eq(users.id, userId));
    vi.advanceTimersByTime(4_000);
    await stream.ended;
  } finally {
    vi.useRealTimers();
  }
});

test("every stream ends when the process shuts down, and the listening connection with them", async () => {
  const { browser } = await viewer("shutdown");
  const stream = await open(browser);
  await closeLive();
  await stream.ended;
  // A browser comes back at once: it must not keep the process.
  const again = await browser.request(() => live(new Request("http://console.test/api/live")));
  expect(again.status).toBe(503);
});

test("a route answers rows, and refusals by status with a request id, a foreign id like a missing one", async () => {
  const { browser } = await viewer("reads");
  const get = (id: string) =>
    browser.request(() =>
      ruleRoute(new Request(`http://console.test/api/rules/${id}`), { params: Promise.resolve({ id }) }),
    );
  const own = await insertRule(database(), { source: mine, target: foreign });
  const theirs = await insertRule(database(), { source: foreign, target: foreign, namespace: "x" });
  const answer = await get(own.ruleId);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(await answer.json()).toMatchObject({ id: own.ruleId, may: { operate: false, viewSource: true } });
  const bodies: unknown[] = [];
  for (const id of [theirs.ruleId, crypto.randomUUID(), "../../etc", ""]) {
    const refused = await get(id);
    expect(refused.status).toBe(404);
    bodies.push({ ...((await refused.json()) as object), requestId: null });
  }
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
});

test("healthz says whether the database answers, and nothing more", async () => {
  const response = await healthz();
  expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
});
