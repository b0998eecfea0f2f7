import { createHmac } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { recordCheck } from "../db/instance-health.ts";
import { liveEar } from "../db/live-ear.testing.ts";
import { noticeAddresses, noticeAddressInstances, noticeDeliveries } from "../db/schema/notices.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { settleTask } from "../queue/settle-task.ts";
import { poster } from "../registry/post.ts";
import type { NoticeKind, TaskStatus } from "../schemas/words.ts";
import { seal } from "../secrets.ts";
import { insertInstance, insertRule, insertTask, insertTransfer } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { insertNoticeAddress } from "../testing/notice-rows.ts";
import { type WebhookReceiver, webhookReceiver } from "../testing/webhook-receiver.ts";
import { claimNotices, expireNotices, releaseClaim } from "./notice-claim.ts";
import { createNoticeSender, type NoticeSender } from "./notice-sender.ts";

let testDb: TestDatabase;
let source: string;
let target: string;
const senders: NoticeSender[] = [];
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  source = await insertInstance(database(), { name: "shanghai" });
  target = await insertInstance(database(), { name: "singapore" });
});
beforeEach(() => database().delete(noticeAddresses));
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
  await Promise.all(senders.splice(0).map((sender) => sender.close()));
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes, yes").toString("base64")}`;

async function receiver(): Promise<WebhookReceiver> {
  const opened = await webhookReceiver();
  receivers.push(opened);
  return opened;
}

const address = (url: string, fields: Partial<typeof noticeAddresses.$inferInsert> = {}, secret?: string) =>
  insertNoticeAddress(
    database(),
    {
      url,
      seal,
      ...(secret === undefined && (fields.kind ?? "generic") === "generic"
        ? { secret: SECRET }
        : secret === undefined
          ? {}
          : { secret }),
    },
    fields,
  );

function sender(): NoticeSender {
  const started = createNoticeSender({
    db: database(),
    post: poster(["127.0.0.0/8"]),
    consoleUrl: new URL("https://lockstep.example.com"),
  });
  senders.push(started);
  started.wake();
  return started;
}

const rule = () => insertRule(database(), { source, target });

/** A task of the rule that ends now, with so many transfers copied and failed. */
async function endTask(
  ruleId: string,
  {
    copied = 0,
    failed = 0,
    trigger = "event",
  }: { copied?: number; failed?: number; trigger?: "event" | "reconcile" },
): Promise<{ taskId: string; status: TaskStatus | null }> {
  const taskId = await insertTask(
    database(),
    { ruleId, source },
    {
      trigger,
      status: copied + failed === 0 ? "scanning" : "running",
      claimedAt: new Date(Date.now() - 5_000),
      scanEndedAt: new Date(),
      transfersTotal: copied + failed,
      transfersCopied: copied,
      transfersFailed: failed,
    },
  );
  for (let index = 0; index < failed; index += 1) {
    await insertTransfer(
      database(),
      { taskId, target },
      {
        status: "failed",
        reason: "UNAUTHORIZED",
        failure: {
          code: "UNAUTHORIZED",
          side: "target",
          httpStatus: 401,
          registryMessage: "authentication required",
          request: "PUT https://registry.example.com/v2/team/app/manifests/1.0",
          digest: null,
        },
      },
    );
  }
  const status = await database().transaction((tx) => settleTask(tx, taskId));
  return { taskId, status };
}

const deliveries = (addressId: string) =>
  database()
    .select()
    .from(noticeDeliveries)
    .where(eq(noticeDeliveries.addressId, addressId))
    .orderBy(noticeDeliveries.id);
const eventsOf = async (addressId: string) => (await deliveries(addressId)).map(({ event }) => event);
const stateOf = async (addressId: string) => (await deliveries(addressId)).map(({ state }) => state);
const addressRow = async (id: string) =>
  (await database().select().from(noticeAddresses).where(eq(noticeAddresses.id, id)))[0];
/** Time passes for what waits. */
const due = (addressId: string) =>
  database().transaction(async (tx) => {
    await tx.update(noticeAddresses).set({ heldUntil: null }).where(eq(noticeAddresses.id, addressId));
    await tx
      .update(noticeDeliveries)
      .set({ dueAt: sql`now() - interval '1 second'` })
      .where(eq(noticeDeliveries.addressId, addressId));
  });
const settled = (addressId: string, states: string[]) =>
  expect.poll(() => stateOf(addressId), { timeout: 20_000 }).toEqual(states);

describe("the outbox", () => {
  test("has one notice a task, however many of its transfers failed", async () => {
    const { ruleId } = await rule();
    const id = await address("https://hooks.example.com/x");
    await endTask(ruleId, { failed: 40 });
    expect(await eventsOf(id)).toEqual(["task-failed"]);
  });

  test("stands or falls with the end of the task", async () => {
    const { ruleId } = await rule();
    const id = await address("https://hooks.example.com/x");
    const taskId = await insertTask(
      database(),
      { ruleId, source },
      { status: "running", scanEndedAt: new Date(), transfersTotal: 1, transfersCopied: 1 },
    );
    const broken = database().transaction(async (tx) => {
      await settleTask(tx, taskId);
      throw new Error("the worker dies");
    });
    await expect(broken).rejects.toThrow("the worker dies");
    expect(await eventsOf(id)).toEqual([]);
    await database().transaction((tx) => settleTask(tx, taskId));
    await database().transaction((tx) => settleTask(tx, taskId));
    expect(await eventsOf(id)).toEqual(["task-succeeded"]);
  });

  test("tells who looks at it: when something waits, and what became of it", async () => {
    const { ruleId } = await rule();
    const hook = await receiver();
    const id = await address(hook.url);
    const ear = await liveEar(testDb.url);
    const told = () => ear.heard.filter(({ kind }) => kind === "notice").length;
    try {
      await endTask(ruleId, { copied: 1 });
      await expect.poll(told, { timeout: 10_000 }).toBe(1);
      sender();
      await settled(id, ["sent"]);
      await expect.poll(told, { timeout: 10_000 }).toBe(2);
    } finally {
      await ear.close();
    }
  });

  test("failures only: what failed, and the first success after it", async () => {
    const { ruleId } = await rule();
    const all = await address("https://hooks.example.com/all");
    const failures = await address("https://hooks.example.com/failures", { failuresOnly: true });
    for (const counts of [
      { copied: 1 },
      { failed: 1 },
      { copied: 1, failed: 1 },
      {},
      { copied: 2 },
      { copied: 1 },
    ]) {
      await endTask(ruleId, counts);
    }
    expect(await eventsOf(failures)).toEqual(["task-failed", "task-partial", "task-recovered"]);
    expect(await eventsOf(all)).toEqual([
      "task-succeeded",
      "task-failed",
      "task-partial",
      "task-nothing-matched",
      "task-recovered",
      "task-succeeded",
    ]);
  });

  test("a comparison that found everything in place is no news", async () => {
    const { ruleId } = await rule();
    const id = await address("https://hooks.example.com/x");
    const taskId = await insertTask(
      database(),
      { ruleId, source },
      {
        status: "running",
        trigger: "reconcile",
        scanEndedAt: new Date(),
        transfersTotal: 1,
        transfersUpToDate: 1,
      },
    );
    await database().transaction((tx) => settleTask(tx, taskId));
    expect(await eventsOf(id)).toEqual([]);
    await endTask(ruleId, { copied: 1, trigger: "reconcile" });
    expect(await eventsOf(id)).toEqual(["task-succeeded"]);
  });

  test("goes to those who are for this source, and are on", async () => {
    const { ruleId } = await rule();
    const mine = await address("https://hooks.example.com/mine", { allInstances: false });
    const other = await address("https://hooks.example.com/other", { allInstances: false });
    const off = await address("https://hooks.example.com/off", { enabled: false });
    await database()
      .insert(noticeAddressInstances)
      .values([
        { addressId: mine, instanceId: source },
        { addressId: other, instanceId: target },
      ]);
    await endTask(ruleId, { copied: 1 });
    expect([await eventsOf(mine), await eventsOf(other), await eventsOf(off)]).toEqual([
      ["task-succeeded"],
      [],
      [],
    ]);
  });

  test("an outage is told once, at its second failed check, and so is its end", async () => {
    const instanceId = await insertInstance(database(), { name: "beijing" });
    const id = await address("https://hooks.example.com/x", { failuresOnly: true });
    const check = async (status: "healthy" | "unreachable") =>
      recordCheck(
        database(),
        { instanceId, version: 1 },
        { status, latencyMs: null, code: status === "healthy" ? null : "TIMEOUT", detail: null },
      );
    for (const status of ["healthy", "unreachable", "healthy", "healthy"] as const) {
      await check(status);
    }
    expect(await eventsOf(id)).toEqual([]);
    for (const status of ["unreachable", "unreachable", "unreachable", "healthy", "healthy"] as const) {
      await check(status);
    }
    expect(await eventsOf(id)).toEqual(["instance-unreachable", "instance-reachable"]);
  });
});

describe("sending", () => {
  test("the generic form is signed as Standard Webhooks say, and tells what happened", async () => {
    const hook = await receiver();
    const { ruleId, name } = await rule();
    const id = await address(hook.url);
    const { taskId } = await endTask(ruleId, { copied: 2, failed: 3 });
    sender();
    await settled(id, ["sent"]);
    const [message] = hook.received;
    const [delivery] = await deliveries(id);
    const {
      "webhook-id": webhookId,
      "webhook-timestamp": timestamp,
      "webhook-signature": signature,
    } = message?.headers ?? {};
    expect(webhookId).toBe(delivery?.id);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(300);
    const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
    expect(signature).toBe(
      `v1,${createHmac("sha256", key).update(`${webhookId}.${timestamp}.${message?.body}`).digest("base64")}`,
    );
    expect(JSON.parse(message?.body ?? "")).toMatchObject({
      type: "task.partial",
      data: {
        kind: "task",
        task: { id: taskId, status: "partial", trigger: "event" },
        rule: { id: ruleId, name },
        source: { instance: { name: "shanghai" }, namespace: "team" },
        targets: [{ instance: { name: "singapore" } }],
        result: { total: 5, copied: 2, failed: 3 },
        reasons: [{ count: 3, code: "UNAUTHORIZED", side: "target", httpStatus: 401, instance: "singapore" }],
        url: `https://lockstep.example.com/tasks/${taskId}`,
      },
    });
  });

  test("a receiver in trouble is asked again with the same id and body until it takes the notice", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url);
    hook.answer({ status: 500, body: `no: ${hook.url}` });
    await endTask(ruleId, { failed: 1 });
    sender();
    await expect.poll(async () => (await deliveries(id))[0]?.attempts).toBe(1);
    const [first] = await deliveries(id);
    expect(first).toMatchObject({ state: "waiting", httpStatus: 500, reason: "server-error" });
    // It repeated its own address, and that is a secret.
    expect(first?.answer).toBe("no: •••");
    expect(first?.dueAt.getTime()).toBeGreaterThan(Date.now());
    hook.answer({ status: 204 });
    await due(id);
    await settled(id, ["sent"]);
    expect(new Set(hook.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(hook.received.map(({ body }) => body)).size).toBe(1);
  });

  test("Retry-After is waited for, by everything for that address", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url);
    hook.answer({ status: 429, headers: { "retry-after": "1800" } });
    await endTask(ruleId, { failed: 1 });
    await endTask(ruleId, { failed: 1 });
    sender();
    await expect.poll(async () => (await addressRow(id))?.heldReason).toBe("rate-limited");
    const held = ((await addressRow(id))?.heldUntil?.getTime() ?? 0) - Date.now();
    expect(held).toBeGreaterThan(1_700_000);
    expect(held).toBeLessThanOrEqual(1_800_000);
    expect(hook.received).toHaveLength(1);
  });

  test("410 switches the address off, says why, and drops what waits for it", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url);
    hook.answer({ status: 410 });
    await endTask(ruleId, { failed: 1 });
    await endTask(ruleId, { failed: 1 });
    sender();
    await settled(id, ["failed", "dropped"]);
    expect(await addressRow(id)).toMatchObject({ enabled: false, disabledReason: "gone" });
    await endTask(ruleId, { failed: 1 });
    expect(await deliveries(id)).toHaveLength(2);
    expect(hook.received).toHaveLength(1);
  });

  test("a redirect is not followed, and a refusal is not repeated", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url);
    hook.answer((message) =>
      message.path.startsWith("/hook/")
        ? { status: 307, headers: { location: "/elsewhere" } }
        : { status: 200 },
    );
    await endTask(ruleId, { failed: 1 });
    sender();
    await settled(id, ["failed"]);
    hook.answer({ status: 400, body: "I do not take this" });
    await endTask(ruleId, { failed: 1 });
    await settled(id, ["failed", "failed"]);
    expect((await deliveries(id)).map(({ reason }) => reason)).toEqual(["redirect", "refused"]);
    expect(hook.received).toHaveLength(2);
  });

  test("one that hangs, and one that floods, cost the others nothing", async () => {
    const [hangs, floods, fine] = [await receiver(), await receiver(), await receiver()];
    hangs.answer("hang");
    floods.answer("flood");
    const { ruleId } = await rule();
    const [first, second, third] = [
      await address(hangs.url),
      await address(floods.url),
      await address(fine.url),
    ];
    for (let index = 0; index < 10; index += 1) {
      await endTask(ruleId, { failed: 1 });
    }
    sender();
    await settled(
      third,
      Array.from({ length: 10 }, () => "sent"),
    );
    expect(await stateOf(first)).toEqual(Array.from({ length: 10 }, () => "waiting"));
    await expect.poll(async () => (await deliveries(second))[0]?.reason).toBe("server-error");
    // One message at a time, however many wait.
    expect(hangs.received).toHaveLength(1);
  });

  test("an address that may not be dialled gets nothing", async () => {
    const { ruleId } = await rule();
    const id = await address("http://169.254.169.254/latest/meta-data");
    await endTask(ruleId, { failed: 1 });
    sender();
    await settled(id, ["failed"]);
    expect((await deliveries(id))[0]).toMatchObject({ reason: "egress", answer: null, httpStatus: null });
  });

  test("an address sealed with another key waits for somebody to enter it again, and holds up no other", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const lost = await address("https://hooks.example.com/x", { urlSealed: "v1.00000000.AAAA" });
    const fine = await address(hook.url);
    await endTask(ruleId, { failed: 1 });
    sender();
    await settled(fine, ["sent"]);
    await expect.poll(async () => (await deliveries(lost))[0]?.reason).toBe("unreadable-secret");
    expect(await stateOf(lost)).toEqual(["waiting"]);
  });

  test("however much waits for some addresses, the others get their turn", async () => {
    const { ruleId } = await rule();
    const busy = await Promise.all(Array.from({ length: 10 }, () => address("https://hooks.example.com/x")));
    for (let index = 0; index < 3; index += 1) {
      await endTask(ruleId, { copied: 1 });
    }
    const served: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      const claim = await claimNotices(database());
      if (claim) {
        served.push(claim.address.id);
        await releaseClaim(database(), claim);
      }
    }
    expect(served.slice(0, 10).sort()).toEqual([...busy].sort());
    expect(served.slice(10)).toEqual(served.slice(0, 10));
  });

  test("two workers send each notice once", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url);
    const [one, two] = [sender(), sender()];
    for (let index = 0; index < 25; index += 1) {
      await endTask(ruleId, { copied: 1 });
      one.wake();
      two.wake();
    }
    await settled(
      id,
      Array.from({ length: 25 }, () => "sent"),
    );
    const ids = hook.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toHaveLength(25);
    expect(new Set(ids).size).toBe(25);
  });

  test("a worker that died with a notice in its hands: another sends it, under the same id", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url);
    await endTask(ruleId, { failed: 1 });
    const dead = await claimNotices(database());
    expect(dead?.deliveries).toHaveLength(1);
    expect(await claimNotices(database())).toBeNull();
    await database()
      .update(noticeAddresses)
      .set({ claimedUntil: sql`now() - interval '1 second'` })
      .where(eq(noticeAddresses.id, id));
    sender();
    await settled(id, ["sent"]);
    expect(hook.received.map(({ headers }) => headers["webhook-id"])).toEqual([dead?.deliveries[0]?.id]);
  });

  test("after a day it is given up, and says what was last in its way", async () => {
    const { ruleId } = await rule();
    const id = await address("https://hooks.example.com/x");
    await endTask(ruleId, { failed: 1 });
    await database()
      .update(noticeDeliveries)
      .set({ reason: "timeout", expiresAt: sql`now() - interval '1 second'` })
      .where(eq(noticeDeliveries.addressId, id));
    expect(await claimNotices(database())).toBeNull();
    expect(await expireNotices(database())).toBe(1);
    expect((await deliveries(id))[0]).toMatchObject({ state: "failed", reason: "timeout" });
  });

  test("what tells of a task that is gone is dropped", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url);
    const { taskId } = await endTask(ruleId, { failed: 1 });
    await database().delete(tasks).where(eq(tasks.id, taskId));
    sender();
    await settled(id, ["dropped"]);
    expect(hook.received).toEqual([]);
  });
});

describe("robots", () => {
  test.each<[NoticeKind, object]>([
    ["wecom", { errcode: 0, errmsg: "ok" }],
    ["dingtalk", { errcode: 0, errmsg: "ok" }],
    ["feishu", { code: 0, msg: "success" }],
  ])("%s: a 200 with another code in it is no success", async (kind, success) => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url, { kind });
    const refusal =
      kind === "feishu" ? { code: 19021, msg: "sign match fail" } : { errcode: 310_000, errmsg: "no" };
    hook.answer({ status: 200, body: JSON.stringify(refusal) });
    sender();
    await endTask(ruleId, { failed: 1 });
    await settled(id, ["failed"]);
    hook.answer({ status: 200, body: JSON.stringify(success) });
    await endTask(ruleId, { failed: 1 });
    await settled(id, ["failed", "sent"]);
  });

  test("five messages a minute, then one that tells of all the others", async () => {
    const hook = await receiver();
    const { ruleId } = await rule();
    const id = await address(hook.url, { kind: "slack" });
    sender();
    for (let index = 0; index < 5; index += 1) {
      await endTask(ruleId, { copied: 1 });
      await settled(
        id,
        Array.from({ length: index + 1 }, () => "sent"),
      );
    }
    await expect.poll(async () => (await addressRow(id))?.heldReason).toBe("pacing");
    for (let index = 0; index < 30; index += 1) {
      await endTask(ruleId, index % 10 === 0 ? { failed: 1 } : { copied: 1 });
    }
    expect(hook.received).toHaveLength(5);
    await database()
      .update(noticeAddresses)
      .set({ minuteStartedAt: sql`now() - interval '1 minute'`, heldUntil: null })
      .where(eq(noticeAddresses.id, id));
    await settled(
      id,
      Array.from({ length: 35 }, () => "sent"),
    );
    expect(hook.received).toHaveLength(6);
    const { text } = JSON.parse(hook.received[5]?.body ?? "{}") as { text: string };
    expect(text.split("\n").slice(0, 2)).toEqual([
      "*30 notifications*",
      "3 failed, 3 recovered, 24 succeeded",
    ]);
    expect(new Set((await deliveries(id)).slice(5).map(({ digestId }) => digestId)).size).toBe(1);
  });
});
