import { randomUUID } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { cosignTags, referrersTag } from "../registry/digest-tag.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { skopeoListTags } from "../testing/clients.ts";
import { type Artifact, attachment, piece } from "../testing/content.ts";
import { orasReferrers } from "../testing/oras-referrers.ts";
import { pushContent } from "../testing/push-content.ts";
import { type Pair, SyncWorld, smallImage } from "../testing/sync-world.ts";

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterEach(async () => {
  await world.clean();
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

/** A push of the source is told; whichever worker is there takes it. @returns when it was taken, and what became of it */
async function told({ sourceId, namespace }: Pair, tag: string | null, digest?: string) {
  const id = randomUUID();
  await database()
    .insert(events)
    .values({
      ...{ id, instanceId: sourceId, dialect: "generic", eventId: id, action: "push" },
      ...{ repository: `${namespace}/app`, tag, digest: digest ?? piece("text/plain", tag ?? "").digest },
    });
  const event = async () => (await database().select().from(events).where(eq(events.id, id)))[0];
  await expect.poll(async () => (await event())?.state, { timeout: 60_000 }).not.toBe("accepted");
  return event();
}

/** The end of the task that an event started. */
async function endedOf(event: Awaited<ReturnType<typeof told>>) {
  const [started] = event?.started ?? [];
  return world.ended(started?.taskId ?? "");
}

async function compared({ ruleId }: Pair) {
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  return world.ended(taskId, { timeoutMs: 110_000 });
}

const push = ({ origin, namespace }: Pair, tag: string, artifact: Artifact) =>
  pushContent(origin, `${namespace}/app`, tag, artifact);

/** Something that refers to an image, pushed by digest as clients do. */
const attached = (image: Artifact, name: string): Artifact =>
  attachment({ artifactType: `application/vnd.example.${name}`, content: name, subject: image.manifest });

const tagsAtTarget = async ({ namespace }: Pair) =>
  (await skopeoListTags(world.client, `${namespace}/app`)).toSorted();

test("an image that is signed after it was copied: the event of the signature brings it", async () => {
  const pair = await world.pair();
  const image = smallImage("signed later");
  await push(pair, "1.0", image);
  await world.worker();
  expect(await endedOf(await told(pair, "1.0"))).toMatchObject({ status: "succeeded", transfersCopied: 1 });
  expect(await tagsAtTarget(pair)).toEqual(["1.0"]);

  const [signature = ""] = cosignTags(image.manifest.digest);
  await push(pair, signature, attachment({ artifactType: "text/plain", content: "signature" }));
  const event = await told(pair, signature);
  expect(event).toMatchObject({ state: "processed", reason: null, started: [{ ruleId: pair.ruleId }] });
  const task = await endedOf(event);
  expect(task).toMatchObject({ status: "succeeded", transfersTotal: 1, transfersUpToDate: 1 });
  expect(task.scope).toEqual({ kind: "tags", tags: [{ repository: `${pair.namespace}/app`, tag: "1.0" }] });
  expect(await tagsAtTarget(pair)).toEqual(["1.0", signature]);
  const [transfer] = await world.transfers(task.id);
  expect(transfer?.referrers).toMatchObject({
    ...{ total: 1, copied: 1, kept: 0 },
    rows: [{ tag: signature, subject: image.manifest.digest, state: "copied" }],
  });
  // Of an image that no task has carried nothing is known: the next comparison sees to it.
  const [stranger = ""] = cosignTags(piece("text/plain", "stranger").digest);
  expect(await told(pair, stranger)).toMatchObject({ state: "ignored", reason: "digest-tag" });
});

test("what is attached by the API is found by a comparison, or by an event that names the list", async () => {
  const pair = await world.pair();
  const image = smallImage("attached later");
  await push(pair, "1.0", image);
  await world.worker();
  expect(await compared(pair)).toMatchObject({ status: "succeeded", transfersCopied: 1 });
  const referrers = () => orasReferrers(world.client, `${pair.namespace}/app`, "1.0");
  // Pushed to a tag of its own, because that is what this pusher can; the rule then copies it as one, too.
  await push(pair, "sbom", attached(image, "sbom"));
  expect(await compared(pair)).toMatchObject({
    status: "succeeded",
    transfersUpToDate: 1,
    transfersCopied: 1,
  });
  expect(await referrers()).toHaveLength(1);
  await push(pair, "provenance", attached(image, "provenance"));
  const task = await endedOf(await told(pair, referrersTag(image.manifest.digest)));
  expect(task).toMatchObject({ transfersTotal: 1, transfersUpToDate: 1 });
  expect(await referrers()).toHaveLength(2);
  expect((await world.transfers(task.id))[0]?.referrers).toMatchObject({ total: 2, copied: 1 });
});

test("what is pushed by digest is read, and follows what it refers to", async () => {
  const pair = await world.pair();
  const image = smallImage("attached by digest");
  await push(pair, "1.0", image);
  await world.worker();
  expect(await compared(pair)).toMatchObject({ status: "succeeded", transfersCopied: 1 });
  const signature = attached(image, "signature");
  await push(pair, signature.manifest.digest, signature);
  const event = await told(pair, null, signature.manifest.digest);
  expect(event).toMatchObject({ state: "processed", reason: null, started: [{ ruleId: pair.ruleId }] });
  expect(await endedOf(event)).toMatchObject({ status: "succeeded", transfersUpToDate: 1 });
  expect(await orasReferrers(world.client, `${pair.namespace}/app`, "1.0")).toHaveLength(1);
});

test("a rule whose switch is off leaves it all behind", async () => {
  const pair = await world.pair();
  await database().update(rules).set({ referrers: false }).where(eq(rules.id, pair.ruleId));
  const image = smallImage("alone");
  await push(pair, "1.0", image);
  const [signature = ""] = cosignTags(image.manifest.digest);
  await push(pair, signature, attachment({ artifactType: "text/plain", content: "signature" }));
  await world.worker();
  const task = await compared(pair);
  expect(task).toMatchObject({ status: "succeeded", transfersTotal: 1, transfersCopied: 1 });
  expect((await world.transfers(task.id))[0]?.referrers).toBeNull();
  expect(await tagsAtTarget(pair)).toEqual(["1.0"]);
  expect(await told(pair, signature)).toMatchObject({ state: "ignored", reason: "digest-tag" });
  const [newest] = await database()
    .select({ id: tasks.id })
    .from(tasks)
    .where(eq(tasks.ruleId, pair.ruleId))
    .orderBy(desc(tasks.id));
  expect(newest?.id).toBe(task.id);
});

test("fifty tags of one image in two workers: each referrer is listed, once", async () => {
  const pair = await world.pair();
  const image = smallImage("many tags");
  for (let number = 0; number < 52; number += 1) {
    await push(pair, `t${number}`, image);
  }
  for (const name of ["a", "b", "c", "d"]) {
    await push(pair, `x-${name}`, attached(image, name));
  }
  await Promise.all([world.worker(), world.worker()]);
  const task = await compared(pair);
  expect((await world.transfers(task.id)).flatMap(({ tag, failure }) => failure && [tag, failure])).toEqual(
    Array(56).fill(null),
  );
  expect(task).toMatchObject({ status: "succeeded", transfersCopied: 56 });
  expect(await orasReferrers(world.client, `${pair.namespace}/app`, "t0")).toHaveLength(4);
}, 240_000);
