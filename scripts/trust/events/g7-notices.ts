import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { noticeAddresses, noticeDeliveries } from "../../../lib/db/schema/notices.ts";
import { wakeOutbox } from "../../../lib/queue/boss.ts";
import { insertRule } from "../../../lib/testing/console-rows.ts";
import type { ReceivedMessage } from "../../../lib/testing/webhook-receiver.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { endTask, type NoticeWorld, openNoticeWorld, SECRET } from "./notice-world.ts";

const TOLERANCE_S = 300;
const DAY_MS = 86_400_000;
const SETTLED_WITHIN_MS = 45_000;
/** Longest that a message is waited for: one that hangs gets no other meanwhile, however many workers there are. */
const GIVEN_UP_MS = 15_000;

const deliveriesOf = (addressId: string) =>
  database().select().from(noticeDeliveries).where(eq(noticeDeliveries.addressId, addressId));

/** Waits until nothing waits for the address; what waits for its next try has its time moved to now. */
async function sendAll(addressId: string): Promise<void> {
  const until = Date.now() + SETTLED_WITHIN_MS;
  while ((await deliveriesOf(addressId)).some(({ state }) => state === "waiting")) {
    meets(Date.now() < until, "notices still wait");
    await passTime(addressId);
    await sleep(150);
  }
}

async function passTime(addressId: string): Promise<void> {
  await database().update(noticeAddresses).set({ heldUntil: null }).where(eq(noticeAddresses.id, addressId));
  await database()
    .update(noticeDeliveries)
    .set({ dueAt: sql`least(${noticeDeliveries.dueAt}, now())` })
    .where(eq(noticeDeliveries.addressId, addressId));
  await wakeOutbox(database());
}

/** As a receiver would: Standard Webhooks, by hand. */
function isGenuine({ headers, body, atMs }: ReceivedMessage): boolean {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": given } = headers;
  const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  const inTime = Math.abs(atMs / 1000 - Number(timestamp)) <= TOLERANCE_S;
  return inTime && String(given).split(" ").includes(`v1,${signature}`);
}

const taskOf = ({ body }: ReceivedMessage): string => JSON.parse(body).data.task.id as string;

/** A receiver in trouble, and one that hangs beside it: every task is told of once, under one id, signed. */
async function onceEach(world: NoticeWorld): Promise<string> {
  const { trust } = world;
  const count = trust.full ? 100 : 15;
  const [rough, hangs, plain] = [await world.receiver(), await world.receiver(), await world.receiver()];
  const [all, stuck, failures] = [
    await world.address(rough),
    await world.address(hangs),
    await world.address(plain, { failuresOnly: true }),
  ];
  hangs.answer("hang");
  const taken = new Map<string, number>();
  rough.answer((message) => {
    const trouble = trust.random();
    if (trouble < 0.3) {
      return { status: 500 };
    }
    if (trouble < 0.4) {
      return { status: 429, headers: { "retry-after": "1" } };
    }
    taken.set(taskOf(message), (taken.get(taskOf(message)) ?? 0) + 1);
    return { status: 204 };
  });
  const { ruleId } = await insertRule(database(), world);
  const failing = Array.from({ length: count }, () => trust.random() < 0.4);
  const ended: string[] = [];
  for (const fails of failing) {
    ended.push(await endTask(world, ruleId, fails ? 20 : 0));
  }
  const beganMs = Date.now();
  await world.worker();
  await world.worker();
  await sendAll(all);
  await sendAll(failures);
  const recoveries = failing.filter((fails, n) => !fails && failing[n - 1] === true).length;
  const wanted = failing.filter(Boolean).length + recoveries;
  const ids = new Map<string, Set<unknown>>();
  for (const message of rough.received) {
    ids.set(taskOf(message), (ids.get(taskOf(message)) ?? new Set()).add(message.headers["webhook-id"]));
  }
  const forged = [...rough.received, ...plain.received].filter((message) => !isGenuine(message)).length;
  const twice = [...taken.values()].filter((times) => times !== 1).length;
  meets(forged === 0, `${forged} messages that no receiver would believe`);
  meets(taken.size === ended.length && twice === 0, `${taken.size}/${ended.length} taken, ${twice} not once`);
  meets(
    [...ids.values()].every(({ size }) => size === 1),
    "a notice changed its id between attempts",
  );
  meets(plain.received.length === wanted, `failures only: ${plain.received.length} of ${wanted} messages`);
  const most = 2 + (Date.now() - beganMs) / GIVEN_UP_MS;
  meets(hangs.received.length <= most, `${hangs.received.length} messages to one that hangs`);
  meets(
    (await deliveriesOf(stuck)).every(({ state }) => state === "waiting"),
    "a hung receiver lost notices",
  );
  await database().delete(noticeAddresses);
  return `${taken.size}/${ended.length} tasks told once in ${rough.received.length} attempts, failures only ${plain.received.length} (${recoveries} recoveries)`;
}

/** A worker dies with a message in its hands: the next one sends it, and the receiver knows it by its id. */
async function takenOver(world: NoticeWorld): Promise<string> {
  const receiver = await world.receiver();
  const address = await world.address(receiver);
  receiver.answer("hang");
  const { ruleId } = await insertRule(database(), world);
  const worker = await world.worker();
  await endTask(world, ruleId, 1);
  const until = Date.now() + SETTLED_WITHIN_MS;
  while (receiver.received.length === 0) {
    meets(Date.now() < until, "nothing was sent");
    await sleep(50);
  }
  // Whichever worker has it: all of them die but one that comes after.
  await worker.end();
  receiver.answer({ status: 200 });
  await database()
    .update(noticeAddresses)
    .set({ claimedUntil: sql`now()` })
    .where(eq(noticeAddresses.id, address));
  await world.worker();
  await sendAll(address);
  const ids = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
  meets(ids.size === 1, `${ids.size} ids for one notice after a takeover`);
  await database().delete(noticeAddresses);
  return "a takeover keeps the id";
}

/** A receiver that never takes a notice: how often, and for how long, it is asked. Time is moved, not waited for. */
async function patience(world: NoticeWorld): Promise<string> {
  const receiver = await world.receiver();
  const address = await world.address(receiver);
  receiver.answer({ status: 503 });
  const { ruleId } = await insertRule(database(), world);
  await endTask(world, ruleId, 1);
  let passedMs = 0;
  let over = false;
  const until = Date.now() + SETTLED_WITHIN_MS;
  for (let attempts = 0; ; ) {
    meets(Date.now() < until, `still asked after ${attempts} attempts`);
    const [delivery] = await deliveriesOf(address);
    if (delivery?.state !== "waiting") {
      const hours = passedMs / 3_600_000;
      meets(
        delivery?.state === "failed" && hours > 23.5 && hours <= 24,
        `${delivery?.state} after ${hours.toFixed(1)} h`,
      );
      return `a receiver that is down is asked ${attempts} times over ${hours.toFixed(1)} h, then given up`;
    }
    const leftMs = delivery.expiresAt.getTime() - Date.now();
    if (over || delivery.attempts === attempts) {
      // It is asked, or given up, in a moment.
    } else if (leftMs <= 61_000) {
      // That was the last try.
      attempts = delivery.attempts;
      over = true;
      passedMs += Math.max(0, leftMs);
      await database().execute(
        sql`update notice_deliveries set expires_at = now() where address_id = ${address}`,
      );
    } else {
      attempts = delivery.attempts;
      const waitMs = Math.max(0, delivery.dueAt.getTime() - Date.now());
      passedMs += waitMs;
      meets(passedMs <= DAY_MS, "asked for longer than a day");
      await database().execute(sql`
        update notice_deliveries set due_at = now(), expires_at = expires_at - make_interval(secs => ${waitMs / 1000})
        where address_id = ${address}`);
      await database()
        .update(noticeAddresses)
        .set({ heldUntil: null })
        .where(eq(noticeAddresses.id, address));
      await wakeOutbox(database());
    }
    await sleep(50);
  }
}

export const g7: TrustCase = {
  id: "G7",
  title:
    "notices out: one a task, signed, retried for a day, under one id after a takeover, failures and recovery",
  async run(trust) {
    const world = await openNoticeWorld(trust);
    trust.step("a takeover");
    const takeover = await takenOver(world);
    trust.step("one notice a task");
    const told = await onceEach(world);
    trust.step("a day of retries");
    const patient = await patience(world);
    return `${told}; ${takeover}; ${patient}`;
  },
};
