import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { database, openDatabase } from "../db/client.ts";
import { boss, closeBoss, prepareQueues } from "../queue/boss.ts";
import { COPY, type CopyJob, type QueueName, SCAN } from "../queue/queues.ts";
import { startTask } from "../queue/start-task.ts";
import { DISTANT_MS } from "../registry/distance.ts";
import { allowAll } from "../registry/egress.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type Artifact, image, layer, sha256 } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { type FaultProxy, startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { pushContent } from "../testing/push-content.ts";
import { type Pair, SyncWorld, smallImage } from "../testing/sync-world.ts";
import { createConnections } from "./connections.ts";
import { copyJob } from "./copy-job.ts";
import { createHeartbeats } from "./heartbeats.ts";
import type { JobHandler } from "./job.ts";
import { attempt } from "./job-run.ts";
import { scanJob } from "./scan-job.ts";

const HANDLERS = { [SCAN]: scanJob, [COPY]: copyJob } as unknown as Record<QueueName, JobHandler>;
const KIB = 1024;

let world: SyncWorld;
let source: DockerRegistry;
/** Before the source: it is far away, and tells its tags when the target has told that it has none. */
let slower: FaultProxy;
beforeAll(async () => {
  source = await startDockerRegistry();
  slower = await startFaultProxy(source.origin);
  world = await SyncWorld.open(prepareQueues);
});
let pair: Pair;
beforeEach(async () => {
  pair = await world.pair({ source: slower.origin });
  slower.add({ before: () => sleep(DISTANT_MS + 20) });
  slower.add({
    ...{ method: "GET", path: new RegExp(`/${pair.namespace}/.*tags/list`) },
    before: () => expect.poll(() => asked(world.target, "GET", /tags\/list/)).toBeGreaterThan(0),
  });
});
afterEach(async () => {
  slower.calm();
  await world.clean();
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
  await Promise.all([slower?.stop(), source?.stop()]);
});

/** What was asked in the namespace of the test, beside what it pushed there itself. */
async function asked(registry: DockerRegistry, method: string, path: RegExp): Promise<number> {
  const { entries } = await registry.accessLog();
  return entries.filter(
    (entry) =>
      entry.method === method && entry.path.startsWith(`/v2/${pair.namespace}/`) && path.test(entry.path),
  ).length;
}

/** What a copy asks about tags and manifests, at both ends; it goes up. */
const questions = async () => ({
  targetLists: await asked(world.target, "GET", /tags\/list/),
  targetLooks: await asked(world.target, "HEAD", /\/manifests\//),
  sourceReads: await asked(source, "GET", /\/manifests\//),
});

/** One job, in a process that knows nothing: a database and connections of its own. */
async function runNext(queue: typeof SCAN | typeof COPY): Promise<void> {
  const queues = await boss();
  const { db, close } = openDatabase(world.databaseUrl);
  const connections = createConnections(db, allowAll);
  const heartbeats = createHeartbeats(queues, () => undefined);
  try {
    const [job] = await queues.fetch(queue, { batchSize: 1, includeMetadata: true });
    if (!job) {
      throw new Error(`no ${queue} job waits`);
    }
    const lease = { queue, jobId: job.id, attempt: job.retryCount };
    const retriesLeft = job.retryLimit - job.retryCount;
    await attempt(
      { lease, data: job.data, retriesLeft },
      { db, boss: queues, heartbeats, context: { db, connections }, handlers: HANDLERS },
    );
  } finally {
    heartbeats.close();
    await connections.close();
    await close();
  }
}

/** @returns the task, and what its copy jobs say beside what they are of, the first slice first */
async function scanned(): Promise<{ taskId: string; jobs: Omit<CopyJob, "taskId" | "slice">[] }> {
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId: pair.ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  await runNext(SCAN);
  const { rows } = await database().execute<{ data: CopyJob }>(
    sql`select data from pgboss.job where name = ${COPY} and data->>'taskId' = ${taskId} order by priority desc`,
  );
  return { taskId, jobs: rows.map(({ data: { taskId: _, slice: __, ...told } }) => told) };
}

async function pushed(artifacts: readonly Artifact[]): Promise<void> {
  for (const [n, artifact] of artifacts.entries()) {
    await pushContent(source.origin, `${pair.namespace}/app`, `1.${n}`, artifact);
  }
}

/** Its manifest is a little larger than this. */
const wordy = (seed: string, bytes: number): Artifact =>
  image({ layers: [layer(seed, 100)], annotations: { note: seed.repeat(bytes).slice(0, bytes) } });

test("the copy job of an empty target says so, and carries what the scan read", async () => {
  const images = [smallImage("carried 0"), smallImage("carried 1")];
  await pushed(images);
  const { taskId, jobs } = await scanned();
  expect(jobs).toEqual([{ targetEmpty: true, manifests: expect.any(Array) }]);
  const texts = jobs[0]?.manifests ?? [];
  expect(texts.map((text) => sha256(text)).toSorted()).toEqual(
    images.map(({ manifest }) => manifest.digest).toSorted(),
  );
  const named = (await world.transfers(taskId)).map(({ digest }) => digest);
  expect(texts.map((text) => sha256(text)).toSorted()).toEqual(named.toSorted());
});

test("where any tag stands at the target the copy job says nothing of it, and carries nothing", async () => {
  await pushed([smallImage("not carried")]);
  await pushContent(world.target.origin, `${pair.namespace}/app`, "0.9", smallImage("stands there"));
  expect((await scanned()).jobs).toEqual([{}]);
});

test("of more than 32 KiB of manifests as many are carried as fit", async () => {
  const images = [12, 40, 12, 12].map((kib, n) => wordy(`wordy ${n}`, kib * KIB));
  await pushed(images);
  const [job] = (await scanned()).jobs;
  expect(job?.targetEmpty).toBe(true);
  const carried = (job?.manifests ?? []).map((text) => sha256(text));
  // Two of the small ones: neither a third has room, nor the large one, which keeps nobody else out.
  expect(carried).toHaveLength(2);
  const small = images.filter(({ manifest }) => manifest.bytes.length < 16 * KIB);
  expect(small.map(({ manifest }) => manifest.digest)).toEqual(expect.arrayContaining(carried));
});

test("a process that knows nothing but its job asks neither for a list, nor for a first look, nor for a manifest", async () => {
  const images = [smallImage("told 0"), smallImage("told 1")];
  await pushed(images);
  const { taskId } = await scanned();
  const before = await questions();
  await runNext(COPY);
  expect(await world.ended(taskId)).toMatchObject({ status: "succeeded", transfersCopied: 2 });
  // Each tag is looked at once, immediately before it is written.
  expect(await questions()).toEqual({ ...before, targetLooks: before.targetLooks + 2 });
  for (const [n, artifact] of images.entries()) {
    await world.expectPullable(`${pair.namespace}/app`, `1.${n}`, artifact);
  }
});

test("what is not the manifest that a transfer names is not used: the source is asked for that", async () => {
  const [good, bad] = [smallImage("whole"), smallImage("tampered with")];
  await pushed([good, bad]);
  const { taskId, jobs } = await scanned();
  const manifests = (jobs[0]?.manifests ?? []).map((text) =>
    sha256(text) === bad.manifest.digest ? `${text} ` : text,
  );
  // And one that is whole, but of no transfer.
  manifests.push(smallImage("of no transfer").manifest.bytes.toString());
  await database().execute(sql`
    update pgboss.job set data = data || ${JSON.stringify({ manifests })}::jsonb
    where name = ${COPY} and data->>'taskId' = ${taskId}`);
  const before = await questions();
  await runNext(COPY);
  expect(await world.ended(taskId)).toMatchObject({ status: "succeeded", transfersCopied: 2 });
  expect(await questions()).toMatchObject({ sourceReads: before.sourceReads + 1 });
  expect(await asked(source, "GET", new RegExp(`/manifests/${bad.manifest.digest}`))).toBe(1);
  await world.expectPullable(`${pair.namespace}/app`, "1.0", good);
  await world.expectPullable(`${pair.namespace}/app`, "1.1", bad);
});

test("after an attempt that failed it asks anew, at both ends", async () => {
  const artifact = smallImage("asked anew");
  await pushed([artifact]);
  const { taskId } = await scanned();
  // As a failed attempt leaves it: one retry less.
  await database().execute(sql`
    update pgboss.job set retry_limit = retry_limit - 1 where name = ${COPY} and data->>'taskId' = ${taskId}`);
  const before = await questions();
  await runNext(COPY);
  expect(await world.ended(taskId)).toMatchObject({ status: "succeeded", transfersCopied: 1 });
  const after = await questions();
  // First look, list, and the last look.
  expect(after).toEqual({
    targetLists: before.targetLists + 1,
    targetLooks: before.targetLooks + 2,
    sourceReads: before.sourceReads + 1,
  });
  await world.expectPullable(`${pair.namespace}/app`, "1.0", artifact);
});
