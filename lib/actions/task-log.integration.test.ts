import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GET as logRoute } from "../../app/api/tasks/[id]/log/route.ts";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { taskJoins, tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { FailureFact } from "../schemas/task.ts";
import {
  insertGrant,
  insertInstance,
  insertRule,
  insertTask,
  insertTransfer,
  insertUser,
} from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { measured } from "../testing/sync-world.ts";
import { signInAction } from "./account.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const PASSWORD = "correct horse battery";
const FACT: FailureFact = {
  code: "DENIED",
  side: "target",
  httpStatus: 403,
  registryMessage: "requested access to the resource is denied",
  request: "PUT https://registry.example.com/v2/team/app/manifests/1",
  digest: null,
  requestId: "abc-123",
};

let testDb: TestDatabase;
let source: string;
let target: string;
let ruleId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  source = await insertInstance(database(), { passwordSealed: "v1.sealed-secret" });
  target = await insertInstance(database(), { name: "目标" });
  ({ ruleId } = await insertRule(database(), { source, target }));
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

async function viewer(instanceIds: string[]): Promise<Browser> {
  const username = `viewer-${randomUUID().slice(0, 8)}`;
  const userId = await insertUser(database(), { username, passwordHash: await hashPassword(PASSWORD) });
  for (const id of instanceIds) {
    await insertGrant(database(), userId, id, { level: "view" });
  }
  const browser = new Browser();
  await browser.request(() => signInAction({ status: "idle" }, formOf({ username, password: PASSWORD })));
  return browser;
}

const get = (browser: Browser, id: string): Promise<Response> =>
  browser.request(() =>
    logRoute(new Request(`http://console.test/api/tasks/${id}/log`), { params: Promise.resolve({ id }) }),
  );

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function failedTask(): Promise<string> {
  const taskId = await insertTask(
    database(),
    { ruleId, source },
    { id: randomUUID(), status: "partial", claimedAt: new Date(), endedAt: new Date() },
  );
  await database().insert(taskJoins).values({ id: randomUUID(), taskId, trigger: "event" });
  await insertTransfer(
    database(),
    { taskId, target },
    {
      status: "failed",
      reason: "denied",
      failure: FACT,
      attempts: 2,
      attemptFailures: [{ attempt: 1, at: "2026-11-24T07:00:00.000Z", fact: { ...FACT, code: "TIMEOUT" } }],
    },
  );
  await insertTransfer(database(), { taskId, target }, { status: "copied", tag: "=cmd|'/C calc'!A0" });
  return taskId;
}

test("the task, who joined it, each transfer with its attempts and failures; as a file with a name", async () => {
  const taskId = await failedTask();
  const [task] = await database().select().from(tasks).where(eq(tasks.id, taskId));
  const response = await get(await viewer([source, target]), taskId);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^application\/jsonl/);
  expect(response.headers.get("content-disposition")).toBe(
    `attachment; filename="lockstep-task-${task?.number}-${new Date().toISOString().slice(0, 10)}.jsonl"`,
  );
  const text = await response.text();
  expect(text).not.toContain("sealed-secret");
  const lines = linesOf(text);
  expect(lines.map(({ kind }) => kind)).toEqual(["task", "join", "transfer", "transfer"]);
  expect(lines[0]).toMatchObject({ number: task?.number, status: "partial" });
  expect(lines[2]).toMatchObject({
    status: "failed",
    attempts: 2,
    failure: FACT,
    attemptFailures: [{ attempt: 1, fact: { code: "TIMEOUT" } }],
    target: { instance: "目标", repository: "team/app" },
  });
});

test("what the registry at an end without view said is left out; who sees neither end finds nothing", async () => {
  const taskId = await failedTask();
  const text = await (await get(await viewer([source]), taskId)).text();
  expect(text).not.toContain(FACT.registryMessage);
  expect(text).not.toContain("registry.example.com");
  expect(text).not.toContain("abc-123");
  expect(linesOf(text)).toHaveLength(4);
  const elsewhere = await insertInstance(database());
  expect((await get(await viewer([elsewhere]), taskId)).status).toBe(404);
  expect((await get(new Browser(), taskId)).status).toBe(401);
  expect((await get(await viewer([source]), "not-an-id")).status).toBe(404);
});

const MANY = 100_000;
const PIECE = 5_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is reachable at this moment, without the garbage of the moments before. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function hugeTask(): Promise<string> {
  const taskId = await insertTask(
    database(),
    { ruleId, source },
    { id: randomUUID(), status: "succeeded", claimedAt: new Date(), endedAt: new Date() },
  );
  // Not all at once: a statement has its time.
  for (let from = 1; from <= MANY; from += PIECE) {
    await database().execute(sql`
      insert into ${transfers} (id, task_id, rule_target_id, target_instance_id, repository, tag, target_repository, slice,
                                digest, status, size_bytes, bytes_copied)
      select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ${taskId}, gen_random_uuid(), ${target},
             'team/app-' || (n / 50), 'v' || n, 'team/app-' || (n / 50), n / 50,
             'sha256:' || repeat('a', 64), 'copied', 1000000, 900000
      from generate_series(${from}::int, ${from + PIECE - 1}::int) n`);
  }
  return taskId;
}

test("100,000 transfers in their order, with the memory of a few pages; a client that leaves ends the reading", async () => {
  const taskId = await hugeTask();
  const browser = await viewer([source, target]);
  const response = await get(browser, taskId);
  const decoder = new TextDecoder();
  const began = performance.now();
  let [count, last, rest, bytes] = [0, "", "", 0];
  let ordered = true;
  let mostHeld = 0;
  const before = heldBytes();
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { kind, id } = JSON.parse(line) as { kind: string; id: string };
      if (kind === "transfer") {
        ordered &&= id > last;
        last = id;
        count += 1;
        mostHeld = count % 10_000 === 0 ? Math.max(mostHeld, heldBytes()) : mostHeld;
      }
    }
  }
  const grownMib = (mostHeld - before) / 1024 / 1024;
  measured(
    `${count} transfers, ${(bytes / 1e6).toFixed(0)} MB in ${((performance.now() - began) / 1000).toFixed(1)} s, ${grownMib.toFixed(0)} MiB held`,
  );
  expect(ordered).toBe(true);
  expect(count).toBe(MANY);
  expect(rest).toBe("");
  expect(grownMib).toBeLessThan(16);

  // Nothing is read that nobody takes: of a body that is left alone, and of one that is given up.
  const idle = await get(browser, taskId);
  const reader = idle.body?.getReader();
  await reader?.read();
  const readBefore = await rowsRead();
  await sleep(500);
  await reader?.cancel();
  await sleep(200);
  expect((await rowsRead()) - readBefore).toBeLessThan(5_000);
});

/** Rows of `transfers` that this database has handed out so far. */
async function rowsRead(): Promise<number> {
  await database().execute(sql`select pg_stat_force_next_flush()`);
  const { rows } = await database().execute<{ n: string }>(sql`
    select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as n from pg_stat_user_tables where relname = 'transfers'`);
  return Number(rows[0]?.n ?? 0);
}
