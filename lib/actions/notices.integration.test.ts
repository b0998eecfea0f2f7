import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { authorize } from "../auth/authorize.ts";
import { hashPassword } from "../auth/password.ts";
import { listNoticeAddresses, listNoticeDeliveries } from "../data/notices.ts";
import { closeDatabase, database } from "../db/client.ts";
import { openReceiver } from "../db/notice-receiver.ts";
import { audit } from "../db/schema/audit.ts";
import { noticeAddresses, noticeDeliveries } from "../db/schema/notices.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { ActionState } from "../schemas/action-state.ts";
import { insertInstance, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { type WebhookReceiver, webhookReceiver } from "../testing/webhook-receiver.ts";
import { signInAction } from "./account.ts";
import {
  createNoticeAction,
  deleteNoticeAction,
  resendNoticeAction,
  rotateNoticeSecretAction,
  setNoticeEnabledAction,
  testNoticeAction,
  updateNoticeAction,
} from "./notices.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

// Read once, before anything asks for it.
vi.hoisted(() => {
  process.env.EGRESS_ALLOW = "127.0.0.0/8";
});

const PASSWORD = "correct horse battery";
const URL_SECRET = "a-secret-in-the-address-7f3a";

let testDb: TestDatabase;
let browser: Browser;
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  await insertUser(database(), {
    username: "root",
    role: "root",
    passwordHash: await hashPassword(PASSWORD),
  });
  browser = new Browser();
  await browser.request(() =>
    signInAction({ status: "idle" }, formOf({ username: "root", password: PASSWORD })),
  );
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
  await database().delete(noticeAddresses);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

const run = <Result>(
  action: (previous: ActionState<Result>, form: FormData) => Promise<ActionState<Result>>,
  fields: object,
): Promise<ActionState<Result>> => browser.request(() => action({ status: "idle" }, formOf(fields)));

async function done<Result>(state: Promise<ActionState<Result>>): Promise<Result> {
  const settled = await state;
  expect(settled).toMatchObject({ status: "ok" });
  return settled.status === "ok" ? settled.result : Promise.reject(new Error("refused"));
}

let counter = 0;
const fields = (more: object = {}) => ({
  name: `on call ${++counter}`,
  kind: "generic",
  url: `https://hooks.example.com/services/${URL_SECRET}`,
  locale: "en",
  ...more,
});
const create = (more: object = {}) => done(run(createNoticeAction, fields(more)));
const stored = async (id: string) => {
  const [row] = await database().select().from(noticeAddresses).where(eq(noticeAddresses.id, id));
  if (!row) {
    throw new Error("no such address");
  }
  return row;
};
const secretsOf = async (id: string) => openReceiver(await stored(id), new Date()).secrets;

async function receiver(): Promise<WebhookReceiver> {
  const opened = await webhookReceiver();
  receivers.push(opened);
  return opened;
}

describe("an address", () => {
  test("is sealed; lists and audit show its host and last characters", async () => {
    const { id, secret } = await create();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const row = await stored(id);
    expect(JSON.stringify(row)).not.toMatch(new RegExp(`${URL_SECRET}|${secret}`));
    expect(openReceiver(row, new Date())).toEqual({
      kind: "generic",
      url: `https://hooks.example.com/services/${URL_SECRET}`,
      secrets: [secret],
    });
    const rows = await browser.request(async () => listNoticeAddresses(await authorize("notice:view")));
    expect(rows).toMatchObject([
      { id, urlHost: "hooks.example.com", urlHint: "7f3a", waiting: 0, last: null },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${URL_SECRET}|${secret}|Sealed`));
    const told = JSON.stringify(await database().select().from(audit));
    expect(told).toContain("hooks.example.com …7f3a");
    expect(told).not.toMatch(new RegExp(`${URL_SECRET}|${secret}`));
  });

  test("sealed for one row does not open in another", async () => {
    const [one, two] = [await create(), await create()];
    const { urlSealed } = await stored(one.id);
    await database().update(noticeAddresses).set({ urlSealed }).where(eq(noticeAddresses.id, two.id));
    await expect(secretsOf(two.id)).rejects.toMatchObject({ code: "NOT_AUTHENTIC" });
  });

  test.each([
    [{ url: "" }, "url", "required"],
    [{ url: "hooks.example.com/x" }, "url", "notice-url-invalid"],
    [{ url: "ftp://hooks.example.com/x" }, "url", "notice-url-invalid"],
    [{ url: "https://me:pw@hooks.example.com/x" }, "url", "notice-url-has-credentials"],
    [{ name: " " }, "name", "required"],
    [{ allInstances: false }, "instanceIds", "notice-instances-missing"],
  ])("%j is refused", async (more, field, key) => {
    expect(await run(createNoticeAction, fields(more))).toMatchObject({
      status: "error",
      fields: { [field]: { key } },
    });
  });

  test("a name is taken once", async () => {
    const { name } = fields();
    await create({ name });
    expect(await run(createNoticeAction, fields({ name }))).toMatchObject({
      reason: "notice-name-taken",
      fields: { name: { key: "name-taken" } },
    });
  });

  test("editing keeps what is left empty, and sees that somebody else was faster", async () => {
    const instance = await insertInstance(database());
    const { id } = await create({ kind: "dingtalk", secret: "SECabcdef" });
    const edit = {
      noticeId: id,
      version: 1,
      name: "night shift",
      locale: "zh-CN",
      allInstances: false,
      instanceIds: [instance],
    };
    await done(run(updateNoticeAction, edit));
    expect(openReceiver(await stored(id), new Date())).toMatchObject({
      url: `https://hooks.example.com/services/${URL_SECRET}`,
      secrets: ["SECabcdef"],
    });
    expect(await run(updateNoticeAction, edit)).toMatchObject({
      reason: "notice-changed",
      values: { user: expect.stringMatching(/./) },
    });
    await done(run(updateNoticeAction, { ...edit, version: 2, withoutSecret: true }));
    expect(await secretsOf(id)).toEqual([]);
    const [row] = await browser.request(async () => listNoticeAddresses(await authorize("notice:view")));
    expect(row).toMatchObject({ name: "night shift", allInstances: false, instances: [{ id: instance }] });
  });

  test("a new signing secret signs beside the one before, or alone", async () => {
    const { id, secret: first } = await create();
    const { secret: second } = await done(run(rotateNoticeSecretAction, { noticeId: id }));
    expect(await secretsOf(id)).toEqual([second, first]);
    const { secret: third } = await done(run(rotateNoticeSecretAction, { noticeId: id, endPrevious: true }));
    expect(await secretsOf(id)).toEqual([third]);
    const robot = await create({ kind: "wecom" });
    expect(await run(rotateNoticeSecretAction, { noticeId: robot.id })).toMatchObject({ code: "INVALID" });
  });

  test("goes with what it was told", async () => {
    const { id } = await create();
    await done(run(deleteNoticeAction, { noticeId: id }));
    expect(await run(deleteNoticeAction, { noticeId: id })).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a test", () => {
  test("shows what the receiver answered, and is kept among the deliveries", async () => {
    const hook = await receiver();
    const { id } = await create({ url: hook.url });
    hook.answer({ status: 403, body: `who are you? ${hook.url}` });
    expect(await done(run(testNoticeAction, { noticeId: id }))).toMatchObject({
      sent: false,
      reason: "refused",
      httpStatus: 403,
      answer: "who are you? •••",
    });
    hook.answer({ status: 200, body: "welcome" });
    expect(await done(run(testNoticeAction, { noticeId: id }))).toMatchObject({
      sent: true,
      answer: "welcome",
    });
    expect(JSON.parse(hook.received[1]?.body ?? "")).toMatchObject({ type: "test" });
    const page = await browser.request(async () =>
      listNoticeDeliveries(await authorize("notice:view"), { size: 20, address: id }),
    );
    expect(page.rows.map(({ event, state }) => [event, state])).toEqual([
      ["test", "sent"],
      ["test", "failed"],
    ]);
  });

  test("of an address that may not be dialled says so, and how to allow it", async () => {
    const { id } = await create({ url: "http://192.168.77.1/hook" });
    expect(await done(run(testNoticeAction, { noticeId: id }))).toMatchObject({
      sent: false,
      reason: "egress",
    });
  });
});

describe("sending again", () => {
  test("queues the same notice for another day, unless its address is off", async () => {
    const { id } = await create();
    const deliveryId = "01a20e3d-d2b6-7635-8bfa-1de65989882a";
    const before = new Date(Date.now() - 86_400_000);
    await database().insert(noticeDeliveries).values({
      id: deliveryId,
      addressId: id,
      event: "task-failed",
      subject: "task:x",
      state: "failed",
      expiresAt: before,
    });
    await done(run(setNoticeEnabledAction, { noticeId: id, enabled: false }));
    expect(await run(resendNoticeAction, { deliveryId })).toMatchObject({ reason: "notice-off" });
    await done(run(setNoticeEnabledAction, { noticeId: id, enabled: true }));
    await done(run(resendNoticeAction, { deliveryId }));
    const [row] = await database().select().from(noticeDeliveries).where(eq(noticeDeliveries.id, deliveryId));
    expect(row?.state).toBe("waiting");
    expect(row?.expiresAt.getTime()).toBeGreaterThan(Date.now());
    // Off again: what waits is not wanted any more.
    await done(run(setNoticeEnabledAction, { noticeId: id, enabled: false }));
    const [dropped] = await database()
      .select()
      .from(noticeDeliveries)
      .where(eq(noticeDeliveries.id, deliveryId));
    expect(dropped?.state).toBe("dropped");
  });
});
