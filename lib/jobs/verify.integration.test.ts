import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { targetMisses } from "../db/schema/lag.ts";
import { rules } from "../db/schema/rules.ts";
import { transfers } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { stopTask } from "../queue/stop-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import type { VerifyDepth } from "../schemas/verify-words.ts";
import type { Artifact } from "../testing/content.ts";
import { type FaultProxy, startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { orasAttach, orasReferrers } from "../testing/oras-referrers.ts";
import { pushContent } from "../testing/push-content.ts";
import { damageBlob, loseBlob } from "../testing/stored-blobs.ts";
import { bigImage, type Pair, SyncWorld, smallImage } from "../testing/sync-world.ts";
import { taskFacts } from "./notice-facts.ts";

let world: SyncWorld;
let proxy: FaultProxy;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues, {
    before: async (origin) => {
      proxy = await startFaultProxy(origin);
      return proxy.origin;
    },
  });
});
afterEach(async () => {
  proxy.calm();
  await world.clean();
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
  await proxy?.stop();
});

const TIMEOUT_MS = 110_000;

const copied = ({ ruleId }: Pair) =>
  database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
const verified = ({ ruleId }: Pair, verify: VerifyDepth) =>
  database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "verify", verify, scope: WHOLE_RULE, userId: null }),
  );
const ended = async (started: Promise<{ taskId: string }>) =>
  world.ended((await started).taskId, { timeoutMs: TIMEOUT_MS });

const afterEachTask = ({ ruleId }: Pair, verifyAfter: VerifyDepth) =>
  database().update(rules).set({ verifyAfter }).where(eq(rules.id, ruleId));

const lastVerified = async ({ ruleId }: Pair) =>
  (await database().select().from(rules).where(eq(rules.id, ruleId)))[0]?.verified;

/** Reading a layer back never comes to its end. */
const STALLED = { kind: "stall", afterBytes: 1_000_000 } as const;

/** One that other artifacts do not have. */
const layerOf = ({ blobs }: Artifact): string =>
  blobs.toSorted((a, b) => b.bytes.length - a.bytes.length)[0]?.digest ?? "";

test("with the switch on, each task proves what it copied; a blob that is lost later is found by a verification, and comes back", async () => {
  const pair = await world.pair();
  await afterEachTask(pair, "shallow");
  const [lost, whole] = [smallImage("lost"), smallImage("whole")];
  await pushContent(pair.origin, `${pair.namespace}/app`, "lost", lost);
  await pushContent(pair.origin, `${pair.namespace}/app`, "whole", whole);
  await world.worker();

  const first = await ended(copied(pair));
  expect(first).toMatchObject({
    ...{ status: "succeeded", trigger: "manual", verify: "shallow" },
    ...{ transfersCopied: 2, transfersVerified: 2, transfersRepaired: 0, transfersUnproven: 0 },
    // A manifest, a config and a layer each, and nothing is read back.
    ...{ contentsVerified: 6, bytesVerified: 0 },
  });
  expect(await world.transfers(first.id)).toMatchObject(
    ["lost", "whole"].map((tag) => ({
      tag,
      status: "copied",
      copiedAt: expect.any(Date),
      verification: { depth: "shallow", repaired: 0, missing: 0, findings: [] },
    })),
  );
  expect(await lastVerified(pair)).toMatchObject({ taskId: first.id, verified: 2, repaired: 0, unproven: 0 });

  await loseBlob(world.target, layerOf(lost));
  await expect(world.expectPullable(`${pair.namespace}/app`, "lost", lost)).rejects.toThrow();
  const second = await ended(verified(pair, "shallow"));
  expect(second).toMatchObject({
    ...{ status: "succeeded", trigger: "verify", transfersUpToDate: 2, transfersCopied: 0 },
    ...{ transfersVerified: 2, transfersRepaired: 1, transfersUnproven: 0 },
  });
  expect(await world.transfers(second.id)).toMatchObject([
    {
      tag: "lost",
      status: "up-to-date",
      verification: {
        ...{ repaired: 1, missing: 0 },
        findings: [{ kind: "blob", reason: "missing", digest: layerOf(lost), repaired: true }],
      },
    },
    { tag: "whole", status: "up-to-date", verification: { repaired: 0, findings: [] } },
  ]);
  await world.expectPullable(`${pair.namespace}/app`, "lost", lost);
  expect(await lastVerified(pair)).toEqual({
    ...{ taskId: second.id, number: second.number, depth: "shallow" },
    ...{ verified: 2, repaired: 1, unproven: 0 },
  });
  expect(await taskFacts(database(), second.id, "task-succeeded")).toMatchObject({
    verified: { whole: 2, repaired: 1, incomplete: 0 },
  });
});

test("a signature that is lost is brought back as well", async () => {
  const pair = await world.pair();
  const place = { repository: `${pair.namespace}/app`, tag: "1" };
  await pushContent(pair.origin, place.repository, place.tag, smallImage("signed"));
  const artifactType = "application/vnd.example.signature";
  const source = { host: new URL(pair.origin).host, plainHttp: true };
  await orasAttach(source, place, { artifactType, file: { name: "signature", content: "signed" } });
  await world.worker();
  await ended(copied(pair));
  const [signature = ""] = await orasReferrers(world.client, place.repository, place.tag);
  await loseBlob(world.target, signature);
  const task = await ended(verified(pair, "shallow"));
  expect(task).toMatchObject({ status: "succeeded", transfersVerified: 1, transfersUnproven: 0 });
  const rows = await world.transfers(task.id);
  expect(rows.flatMap(({ verification }) => verification?.findings ?? [])).toContainEqual(
    expect.objectContaining({ digest: signature, repaired: true }),
  );
  const manifests = `${world.target.origin}/v2/${place.repository}/manifests`;
  const { status } = await fetch(`${manifests}/${signature}`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  expect(status).toBe(200);
});

test("what cannot be repaired fails its own transfer, with the reason", async () => {
  const pair = await world.pair();
  const [damaged, whole] = [smallImage("damaged"), smallImage("undamaged")];
  await pushContent(pair.origin, `${pair.namespace}/app`, "damaged", damaged);
  await pushContent(pair.origin, `${pair.namespace}/app`, "whole", whole);
  await world.worker();
  await ended(copied(pair));
  await damageBlob(world.target, layerOf(damaged));

  // Who only asks whether it is there hears nothing of it.
  expect(await ended(verified(pair, "shallow"))).toMatchObject({
    ...{ status: "succeeded", transfersVerified: 2, bytesVerified: 0 },
  });
  const task = await ended(verified(pair, "deep"));
  expect(task).toMatchObject({
    ...{ status: "partial", verify: "deep", transfersUpToDate: 1, transfersFailed: 1 },
    ...{ transfersVerified: 1, transfersRepaired: 0, transfersUnproven: 1 },
    // At least the layer that is whole: of the other the registry may not send all.
    bytesVerified: expect.toSatisfy((bytes: number) => bytes > 20_000),
  });
  expect(await world.transfers(task.id)).toMatchObject([
    {
      ...{ tag: "damaged", status: "failed", reason: "TARGET_DAMAGED" },
      failure: { code: "TARGET_DAMAGED", side: "target", digest: layerOf(damaged) },
      verification: {
        ...{ depth: "deep", repaired: 0, missing: 1 },
        findings: [{ kind: "blob", reason: "wrong-bytes", digest: layerOf(damaged), repaired: false }],
      },
    },
    { tag: "whole", status: "up-to-date", reason: null, verification: { missing: 0 } },
  ]);
  expect(await lastVerified(pair)).toMatchObject({ verified: 1, unproven: 1, depth: "deep" });
});

test("kill -9 in mid-verification: another worker does it again, and knows that the tag is of this transfer", async () => {
  const pair = await world.pair();
  await afterEachTask(pair, "deep");
  const image = bigImage("slow to read", 2);
  await pushContent(pair.origin, `${pair.namespace}/app`, "1", image);
  proxy.add({
    method: "GET",
    digest: layerOf(image),
    fault: STALLED,
  });
  const victim = await world.worker();
  const { taskId } = await copied(pair);
  await expect
    .poll(async () => (await world.task(taskId)).bytesVerified, { timeout: TIMEOUT_MS, interval: 50 })
    .toBeGreaterThan(0);
  const [halfway] = await world.transfers(taskId);
  expect(halfway).toMatchObject({ status: "running", copiedAt: expect.any(Date), verification: null });
  victim.signal("SIGKILL");
  await victim.ended;
  proxy.calm();
  await world.worker();
  const task = await world.ended(taskId, { timeoutMs: TIMEOUT_MS });
  expect(task).toMatchObject({ status: "succeeded", transfersCopied: 1, transfersVerified: 1 });
  const rows = await database().select().from(transfers).where(eq(transfers.taskId, taskId));
  expect(rows).toMatchObject([
    { status: "copied", attempts: 2, verification: { depth: "deep", missing: 0 } },
  ]);
  // What the dead attempt had looked at does not count twice.
  expect(task.contentsVerified).toBe(3);
  expect(task.bytesVerified).toBe(rows[0]?.bytesVerified);
});

test("a stop in mid-verification takes effect; what was copied is kept, and is not called missing", async () => {
  const pair = await world.pair();
  await afterEachTask(pair, "deep");
  const image = bigImage("slow to stop", 2);
  await pushContent(pair.origin, `${pair.namespace}/app`, "1", image);
  proxy.add({
    method: "GET",
    digest: layerOf(image),
    fault: STALLED,
  });
  await world.worker();
  const { taskId } = await copied(pair);
  await expect
    .poll(async () => (await world.task(taskId)).bytesVerified, { timeout: TIMEOUT_MS, interval: 50 })
    .toBeGreaterThan(0);
  await database().transaction((tx) => stopTask(tx, { taskId, userId: null }));
  const task = await world.ended(taskId, { timeoutMs: TIMEOUT_MS });
  expect(task).toMatchObject({ status: "stopped", transfersStopped: 1, transfersVerified: 0 });
  expect(await lastVerified(pair)).toBeNull();
  expect(await database().select().from(targetMisses).where(eq(targetMisses.taskId, taskId))).toEqual([]);
});
