import { setTimeout as sleep } from "node:timers/promises";
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { taskSamples } from "../db/schema/history.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { insertInstance, insertRule, insertTask, insertTransfer } from "../testing/console-rows.ts";
import { type Artifact, image, layer } from "../testing/content.ts";
import { pushContent } from "../testing/push-content.ts";
import { measured, SyncWorld } from "../testing/sync-world.ts";
import { throttledBlobs } from "../testing/throttle.ts";
import { pacesOf } from "./task-pace.ts";

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

const KB = 1_000;
const RATE = 1_500 * KB;
const TAGS = 28;
const SIZE = 4_000 * KB;

/** Mixed layers above a base that all tags of a repository share. */
function artifacts(): { repository: string; tag: string; artifact: Artifact }[] {
  return Array.from({ length: TAGS }, (_, index) => {
    const repository = `app${index % 6}`;
    const own = layer(`own ${index}`, 150 * KB + ((index * 7_919) % 9) * 80 * KB);
    return {
      repository,
      tag: String(100 + index),
      artifact: image({ layers: [layer(`base of ${repository}`, 300 * KB), own] }),
    };
  });
}

test("a real task over a slow link says how fast it is and how long it takes, and nothing once it has ended", async () => {
  const blobs = new Map<string, Buffer>();
  const { origin, ruleId, namespace } = await world.pair({ intercept: throttledBlobs(RATE, blobs) });
  for (const { repository, tag, artifact } of artifacts()) {
    await pushContent(origin, `${namespace}/${repository}`, tag, artifact);
    for (const { digest, bytes } of artifact.blobs) {
      blobs.set(digest, bytes);
    }
  }
  await world.worker({ WORKER_CONCURRENCY: "2" });
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  const said: { atMs: number; remainingMs: number | null; bytesPerSecond: number | null }[] = [];
  while (!(await world.task(taskId)).endedAt) {
    const pace = (await pacesOf([taskId])).get(taskId);
    if (pace) {
      said.push({ atMs: Date.parse(pace.at), ...pace });
    }
    await sleep(1_000);
  }
  const task = await world.ended(taskId);
  expect(task.status).toBe("succeeded");
  const endedMs = task.endedAt?.getTime() ?? 0;
  const estimates = said.flatMap(({ atMs, remainingMs }) =>
    remainingMs === null ? [] : [{ saidMs: remainingMs, wasMs: endedMs - atMs }],
  );
  const samples = await database().select().from(taskSamples).where(eq(taskSamples.taskId, taskId));
  // How good an estimate is on a link that keeps its pace, estimate.test.ts tells: here the machine sets the pace, too.
  measured(
    `${samples.length} points; said and was, in s: ${estimates.map(({ saidMs, wasMs }) => `${Math.round(saidMs / 1000)}/${Math.round(wasMs / 1000)}`).join(" ")}`,
  );
  expect(estimates.length).toBeGreaterThan(2);
  expect(estimates.every(({ saidMs }) => saidMs >= 1_000)).toBe(true);
  expect(said.some(({ bytesPerSecond }) => (bytesPerSecond ?? 0) > 0)).toBe(true);
  expect(samples.length).toBeGreaterThan(3);
  expect(samples.at(-1)?.bytesCopied).toBeLessThanOrEqual(task.bytesCopied);
  await sleep(1_000);
  expect(await pacesOf([taskId])).toEqual(new Map());
});

test("speed is read from the points of the last seconds, time left from those of the last minute: exactly", async () => {
  const db = database();
  const source = await insertInstance(db);
  const target = await insertInstance(db);
  const { ruleId } = await insertRule(db, { source, target });
  const taskId = await insertTask(
    db,
    { ruleId, source },
    {
      status: "running",
      claimedAt: new Date(Date.now() - 100_000),
      scanEndedAt: new Date(),
      transfersCopied: 50,
      transfersTotal: 100,
      bytesCopied: 50 * SIZE,
    },
  );
  // A point every two seconds of a hundred, in which half of a hundred equal images were copied.
  await db.execute(sql`
    insert into ${taskSamples} (task_id, at, bytes_copied, settled)
    select ${taskId}, now() - (50 - n) * interval '2 seconds', n * ${SIZE}::bigint, n from generate_series(0, 49) n`);
  for (let n = 0; n < 4; n += 1) {
    await insertTransfer(db, { taskId, target }, { status: "copied", sizeBytes: SIZE, bytesCopied: SIZE });
  }
  const pace = (await pacesOf([taskId])).get(taskId);
  const atMs = Date.parse(pace?.at ?? "");
  const points = await db
    .select()
    .from(taskSamples)
    .where(eq(taskSamples.taskId, taskId))
    .orderBy(asc(taskSamples.at));
  const speedSince = (point: { at: Date; bytesCopied: number } | undefined) =>
    (50 * SIZE - (point?.bytesCopied ?? 0)) / ((atMs - (point?.at.getTime() ?? 0)) / 1000);
  // Moments come here without their microseconds: a point on the very edge may be this one or its neighbour.
  const lately = [-1, 0, 1].map((ms) => points.findLast(({ at }) => at.getTime() <= atMs - 8_000 + ms));
  const off = lately.map((point) => Math.abs((pace?.bytesPerSecond ?? 0) - speedSince(point)));
  expect(Math.min(...off)).toBeLessThan(1_000);
  const before = points.find(({ at }) => at.getTime() >= atMs - 60_000);
  // As many are left as are done, of the same size.
  expect((pace?.remainingMs ?? 0) / ((50 * SIZE * 1000) / speedSince(before))).toBeCloseTo(1, 1);
});

test("what waits is weighed by its repository: a tail of large images is large once two of them were seen", async () => {
  const db = database();
  const source = await insertInstance(db);
  const target = await insertInstance(db);
  const { ruleId } = await insertRule(db, { source, target });
  const small = {
    repository: "ns/small",
    status: "copied",
    sizeBytes: 10 * KB,
    bytesCopied: 10 * KB,
  } as const;
  const large = { repository: "ns/large", sizeBytes: 40 * SIZE } as const;
  const taskId = await insertTask(
    db,
    { ruleId, source },
    {
      status: "running",
      claimedAt: new Date(Date.now() - 100_000),
      scanEndedAt: new Date(),
      transfersCopied: 52,
      transfersTotal: 72,
      bytesCopied: 500 * KB + 80 * SIZE,
    },
  );
  await db.execute(sql`
    insert into ${taskSamples} (task_id, at, bytes_copied, settled)
    select ${taskId}, now() - (50 - n) * interval '2 seconds', n * ${(500 * KB + 80 * SIZE) / 50}::bigint, n
    from generate_series(0, 49) n`);
  for (let n = 0; n < 50; n += 1) {
    await insertTransfer(db, { taskId, target }, small);
  }
  for (let n = 0; n < 2; n += 1) {
    await insertTransfer(db, { taskId, target }, { ...large, status: "copied", bytesCopied: 40 * SIZE });
  }
  for (let n = 0; n < 20; n += 1) {
    await insertTransfer(db, { taskId, target }, { repository: "ns/large", status: "pending" });
  }
  // 20 of 40 × SIZE are ten times what took a hundred seconds; the mean of all that was seen would say 40 s.
  const seconds = ((await pacesOf([taskId])).get(taskId)?.remainingMs ?? 0) / 1_000;
  expect(seconds).toBeGreaterThan(900);
  expect(seconds).toBeLessThan(1_100);
});
