import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { placements } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { settleTask } from "../queue/settle-task.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { type Connections, createConnections } from "./connections.ts";
import { cancelLeftUploads } from "./left-uploads.ts";
import { storedUpload } from "./upload-memory.ts";

let testDb: TestDatabase;
let registry: DockerRegistry;
let connections: Connections;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "00".repeat(32);
  await prepareQueues(testDb.url);
  registry = await startDockerRegistry();
  connections = createConnections(database(), { allows: () => true });
});
afterAll(async () => {
  await connections?.close();
  await registry?.stop();
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

const draining = new AbortController().signal;
const DIGEST = `sha256:${"a".repeat(64)}`;

/** A task of a rule of its own, at work. */
async function taskAtWork(targetInstanceId: string): Promise<string> {
  const sourceInstanceId = await seedInstance(database());
  const ruleId = await seedRule(database(), { sourceInstanceId, targetInstanceIds: [targetInstanceId] });
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  return taskId;
}

/** An upload with a chunk in it, sealed in the claim of an attempt that is over. @returns its address */
async function leave(taskId: string, targetInstanceId: string): Promise<string> {
  const opened = await fetch(`${registry.origin}/v2/app/blobs/uploads/`, { method: "POST" });
  const taken = await fetch(opened.headers.get("location") ?? "", {
    method: "PATCH",
    headers: { "content-type": "application/octet-stream", "content-range": "0-3" },
    body: "part",
  });
  const url = taken.headers.get("location") ?? "";
  const place = { taskId, targetInstanceId, digest: DIGEST, repository: "app" };
  let sealed: string | null = null;
  const upload = storedUpload(place, null, {
    wantedAfter: () => true,
    write: async (text) => {
      sealed = text;
    },
  });
  upload.keep({ url, received: 4 });
  await upload.settled();
  await database()
    .insert(placements)
    .values({ ...place, uploadSealed: sealed, jobId: randomUUID(), jobAttempt: -1 });
  return url;
}

async function end(taskId: string): Promise<void> {
  await database()
    .update(tasks)
    .set({ status: "running", scanEndedAt: sql`now()`, transfersTotal: 1, transfersFailed: 1 })
    .where(eq(tasks.id, taskId));
  await database().transaction((tx) => settleTask(tx, taskId));
}

const statusOf = async (url: string) => (await fetch(url)).status;
const rowsOf = (taskId: string) => database().select().from(placements).where(eq(placements.taskId, taskId));

test("the uploads of tasks that have ended are given back, those of others are not", async () => {
  const target = await seedInstance(database(), registry.origin);
  const [ended, open] = [await taskAtWork(target), await taskAtWork(target)];
  const [left, wanted] = [await leave(ended, target), await leave(open, target)];
  await end(ended);
  expect(await statusOf(left)).toBe(204);

  await cancelLeftUploads(database(), connections, draining);
  expect(await statusOf(left)).toBe(404);
  expect(await rowsOf(ended)).toEqual([]);
  expect(await statusOf(wanted)).toBe(204);
  expect(await rowsOf(open)).toHaveLength(1);
});

test("one at another address, or of an instance that is gone, is forgotten and asked for nowhere", async () => {
  const moved = await seedInstance(database(), "http://127.0.0.1:1");
  const tasksLeft = [await taskAtWork(moved), await taskAtWork(moved)];
  const urls = [await leave(tasksLeft[0] ?? "", moved), await leave(tasksLeft[1] ?? "", randomUUID())];
  for (const taskId of tasksLeft) {
    await end(taskId);
  }
  await cancelLeftUploads(database(), connections, draining);
  expect(await Promise.all(urls.map(statusOf))).toEqual([204, 204]);
  expect((await Promise.all(tasksLeft.map(rowsOf))).flat()).toEqual([]);
});
